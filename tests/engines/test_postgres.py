"""The same files give the same register and the same figures on SQLite and on PostgreSQL."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from wenmai.samples import write_district

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


def wenmai(home: Path, database: str | None, *words: str) -> str:
    env = {**os.environ, "WENMAI_HOME": str(home), "PYTHONPATH": "src"}
    env.pop("DATABASE_URL", None)
    if database:
        env["DATABASE_URL"] = database
    done = subprocess.run([sys.executable, "-m", "wenmai.cli", *words], env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def figures(home: Path, database: str | None, files: list[Path]) -> dict[str, Any]:
    for _ in range(2):  # the second time is all updates and repeats
        for path in files:
            wenmai(home, database, "import", str(path))
    wenmai(home, database, "undo", "2")
    wenmai(home, database, "classify")
    return {f["id"]: f["value"] for f in json.loads(wenmai(home, database, "figures", "--json"))}


def test_same_figures(tmp_path: Path) -> None:
    database = os.environ.get("WENMAI_TEST_PG")
    assert database, "WENMAI_TEST_PG is not set: run the tests by `make test`, which starts PostgreSQL"
    files = write_district(tmp_path / "sample", 300)[:2]
    sqlite = figures(tmp_path / "sqlite", None, files)
    postgres = figures(tmp_path / "postgres", database, files)
    assert sqlite == postgres and sqlite["units.total"] > 250


def test_two_imports_at_once(tmp_path: Path) -> None:
    """Two processes publish at the same time on PostgreSQL: both arrive, no enterprise twice."""
    database = os.environ["WENMAI_TEST_PG"]
    home = tmp_path / "home"
    files = write_district(tmp_path / "sample", 400, seed=7)
    wenmai(home, database, "batches")
    env = {**os.environ, "WENMAI_HOME": str(home), "PYTHONPATH": "src", "DATABASE_URL": database}
    both = [subprocess.Popen([sys.executable, "-m", "wenmai.cli", "import", str(p)], env=env) for p in files[:2]]
    assert [p.wait(timeout=120) for p in both] == [0, 0]
    # The database is shared by the tests of this file, so doctor may miss another home's snapshot; the chain must hold.
    doctor = subprocess.run([sys.executable, "-m", "wenmai.cli", "doctor"], env=env, capture_output=True, text=True)
    assert "正常 事件链" in doctor.stdout, doctor.stdout + doctor.stderr
