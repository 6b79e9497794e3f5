"""Killed between any two steps of the exchange, the next restore finds one whole home: the former or the new one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from wenmai.base.values import Refused
from wenmai.web.keeping import swap

# A process that dies (no clean-up, no exception) at the n-th of the steps that change the disk.
DYING = """
import os, sys
from pathlib import Path
from wenmai.web.keeping import swap
home, staging, before, schema, die_at = sys.argv[1:6]
left = int(die_at)
def dying(real):
    def step(*words, **more):
        global left
        if left == 0:
            os._exit(9)
        left -= 1
        return real(*words, **more)
    return step
os.rename = dying(os.rename)
swap.Path.touch = dying(swap.Path.touch)
swap.Path.mkdir = dying(swap.Path.mkdir)
plan = swap.Plan(home, staging, before, schema)
lock = swap.begin(plan)
(plan.prepared / "which").write_text("new")
plan.ready.touch()
swap.exchange(plan)
if schema:
    os._exit(9 if left == 0 else 0)
swap.Path.unlink = dying(swap.Path.unlink)
swap.end(plan, keep_before=True)
"""


def dies(tmp: Path, at: int, schema: str = "") -> int:
    words = [str(tmp / "home"), str(tmp / ".home.restoring-x"), str(tmp / "home.before"), schema, str(at)]
    return subprocess.run([sys.executable, "-c", DYING, *words], env={**os.environ, "PYTHONPATH": "src"}).returncode


def former(tmp: Path) -> Path:
    home = tmp / "home"
    home.mkdir(parents=True)
    (home / "which").write_text("old")
    return home


def test_killed_anywhere_one_home_is_whole(tmp_path: Path) -> None:
    outcomes = []
    for at in range(12):
        tmp = tmp_path / str(at)
        home = former(tmp)
        code = dies(tmp, at)
        done = swap.recover(home, None, None)
        which = (home / "which").read_text()
        assert which in ("old", "new")
        if which == "new":
            assert (tmp / "home.before" / "which").read_text() == "old"
        else:
            assert not (tmp / "home.before").exists()
        assert not swap.journal(home).exists() and swap.recover(home, None, None) == ""
        outcomes.append((code, which, done))
        if code == 0:
            break
    assert {o[0] for o in outcomes} == {0, 9} and {o[1] for o in outcomes} == {"old", "new"}
    assert any("退回" in o[2] for o in outcomes) and any("收尾" in o[2] for o in outcomes)


@pytest.mark.parametrize(("stands", "which"), [(True, "old"), (False, "new")])
def test_on_postgresql_the_commit_decides(tmp_path: Path, stands: bool, which: str) -> None:
    """Both folders were exchanged; whether the transaction was committed is told by the schema, which it drops."""
    home = former(tmp_path)
    dies(tmp_path, 1_000, "wenmai_restoring_x")
    dropped: list[str] = []
    assert (home / "which").read_text() == "new"
    with pytest.raises(Refused, match="DATABASE_URL"):
        swap.recover(home, None, None)
    swap.recover(home, lambda name: stands, dropped.append)
    assert (home / "which").read_text() == which and dropped == (["wenmai_restoring_x"] if stands else [])


def test_a_home_made_in_between_is_not_lost(tmp_path: Path) -> None:
    """Between the renames the program was started: it made a home of its own and somebody wrote in it."""
    home, at = former(tmp_path), 0
    while home.exists():
        assert dies(tmp_path, at) == 9
        if home.exists():
            swap.recover(home, None, None)
            at += 1
    home.mkdir()
    (home / "wenmai.sqlite3").write_text("work")
    swap.recover(home, None, None)
    assert (home / "which").read_text() == "old" and (tmp_path / "home.before.between" / "wenmai.sqlite3").read_text() == "work"


def test_two_at_once(tmp_path: Path) -> None:
    home = former(tmp_path)
    plan = swap.Plan(str(home), str(tmp_path / "s"), str(tmp_path / "b"))
    with swap.begin(plan):
        with pytest.raises(Refused, match="正在进行"):
            swap.recover(home, None, None)
        with pytest.raises(Refused, match="正在进行"):
            swap.begin(swap.Plan(str(home), str(tmp_path / "s2"), str(tmp_path / "b2")))
    assert "退回" in swap.recover(home, None, None) and (home / "which").read_text() == "old"


@pytest.mark.parametrize(("names", "empty"), [((), True), (("secret.key", "cache", "static"), True), (("site.json",), False), (("files",), False)])
def test_what_counts_as_empty(tmp_path: Path, names: tuple[str, ...], empty: bool) -> None:
    for name in names:
        (tmp_path / name).mkdir()
    assert swap.empty(tmp_path) is empty and swap.empty(tmp_path / "none")
