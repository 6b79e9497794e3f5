"""A restore that is refused or fails leaves the home, the database and the folder around them as they were."""

from __future__ import annotations

import hashlib
import io
import json
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from wenmai.web.keeping import archive
from wenmai.web.keeping.layout import ABOUT, MANIFEST

pytestmark = pytest.mark.slow
Parts = dict[str, bytes]


def repacked(source: Path, target: Path, change: Callable[[Parts], None]) -> Path:
    """The backup with something changed and a manifest that fits the change, as a skilled hand would leave it."""
    parts: Parts = {}

    class Keep(io.BytesIO):
        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

        def close(self) -> None:
            parts[self.name] = self.getvalue()

    found = archive.read(source, lambda name, size: Keep(name))
    parts = {ABOUT: found.about.encode(), **parts}
    change(parts)
    manifest, about = found.manifest, json.loads(parts[ABOUT])
    manifest.about_sha256 = hashlib.sha256(parts[ABOUT]).hexdigest()
    for name, raw in parts.items():
        if name.startswith("tables/"):
            table = archive.table_of(name)
            columns = [archive.Column(**c) for c in about["tables"][table]]
            spool = target.with_name("spool")
            spool.write_bytes(raw)
            manifest.tables[table] = archive.mark(spool, columns, manifest.tables[table].last_id)
            spool.unlink()
    parts[MANIFEST] = manifest.encode()
    with tarfile.open(target, "w:gz", format=tarfile.PAX_FORMAT) as tar:
        for name, raw in parts.items():
            info = tarfile.TarInfo(name)
            info.size = len(raw)
            tar.addfile(info, io.BytesIO(raw))
    archive.read(target)  # in itself it is without fault
    return target


def _line(table: str, change: Callable[[list[Any]], None]) -> Callable[[Parts], None]:
    def apply(parts: Parts) -> None:
        about, name = json.loads(parts[ABOUT]), f"tables/{table}.jsonl"
        lines = [json.loads(line) for line in parts[name].splitlines()]
        at = {c["name"]: i for i, c in enumerate(about["tables"][table])}
        row = lines[0]
        named = {k: row[i] for k, i in at.items()}
        change(named)  # type: ignore[arg-type]
        lines[0] = [named[k] for k in at]
        parts[name] = b"".join(json.dumps(x, ensure_ascii=False, separators=(",", ":")).encode() + b"\n" for x in lines)

    return apply


def _future(parts: Parts) -> None:
    about = json.loads(parts[ABOUT])
    about["migrations"].append(["people", "9999_from_the_future"])
    parts[ABOUT] = json.dumps(about, ensure_ascii=False).encode()


SKILLED: dict[str, tuple[Callable[[Parts], None], str]] = {
    "an event rewritten": (_line("events_event", lambda r: r.update(actor="别人")), "事件链"),  # type: ignore[call-overload]
    "a reference to nothing": (_line("classification_decision", lambda r: r.update(enterprise_id=999_999)), "装不进数据库"),  # type: ignore[call-overload]
    "text for a number": (_line("registry_batch", lambda r: r.update(rows="many")), "装不进数据库"),  # type: ignore[call-overload]
    "a newer program": (_future, "更新的程序"),
}


def state(folder: Path) -> dict[str, str]:
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.rglob("*") if p.is_file() and not p.is_symlink()}


@pytest.mark.parametrize("what", ["not forced", "truncated", "wrong fingerprint", "inside the home", *SKILLED])
def test_refused(keep: Any, kept: Path, tmp_path: Path, what: str) -> None:
    home, source, words = tmp_path / "around" / "home", tmp_path / "b.tar.gz", ["--force"]
    home.mkdir(parents=True)
    (home / "site.json").write_text('{"district": "原来的区"}', encoding="utf-8")
    (home / "secret.key").write_text("k" * 67)
    expected = "截断"
    if what == "not forced":
        source, words, expected = kept, [], "已有数据"
    elif what == "truncated":
        source = tmp_path / "b.tar.zst"
        source.write_bytes(kept.read_bytes()[:-2000])
    elif what == "wrong fingerprint":
        source, words, expected = kept, ["--force", "--expect", "0" * 64], "指纹"
    elif what == "inside the home":
        source, expected = home / "b.tar.zst", "数据目录里"
        source.write_bytes(kept.read_bytes())
    else:
        change, expected = SKILLED[what]
        repacked(kept, source, change)
    before = state(tmp_path / "around")
    done = keep.run(home, "restore", str(source), *words, ok=False)
    assert done.returncode == 2 and expected in done.stderr and "Traceback" not in done.stderr, done.stderr
    assert state(tmp_path / "around") == before and [p.name for p in (tmp_path / "around").iterdir()] == ["home"]


@pytest.mark.postgres
def test_refused_on_postgresql(keep: Any, kept: Path, tmp_path: Path, postgres: str) -> None:
    home = tmp_path / "around" / "home"
    keep.run(home, "restore", str(kept), database=postgres)
    count = "SELECT count(*), md5(string_agg(e::text, '|' ORDER BY id)) FROM events_event e"
    with psycopg.connect(postgres) as database:
        before = database.execute(count).fetchone()
    files = state(home)
    bad = repacked(kept, tmp_path / "b.tar.gz", SKILLED["a reference to nothing"][0])
    done = keep.run(home, "restore", str(bad), "--force", database=postgres, ok=False)
    assert done.returncode == 2 and "装不进数据库" in done.stderr, done.stderr
    with psycopg.connect(postgres) as database:
        assert database.execute(count).fetchone() == before
        assert database.execute("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'wenmai%'").fetchone() == (0,)
    assert state(home) == files and [p.name for p in home.parent.iterdir()] == ["home"]


def test_killed_while_restoring(keep: Any, kept: Path, tmp_path: Path) -> None:
    """SIGKILL at several moments: the home is the former one, letter for letter, or the whole new one."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "site.json").write_text("{}", encoding="utf-8")
    before, outcomes = state(home), []
    env = {**__import__("os").environ, "WENMAI_HOME": str(home), "PYTHONPATH": "src"}
    env.pop("DATABASE_URL", None)
    started = time.monotonic()
    keep.run(tmp_path / "timing", "restore", str(kept))
    whole = time.monotonic() - started
    for share in (0.4, 0.6, 0.8, 0.95):
        running = subprocess.Popen([sys.executable, "-m", "wenmai.cli", "restore", str(kept), "--force"], env=env, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        time.sleep(whole * share)
        running.send_signal(signal.SIGKILL)
        running.wait()
        outcomes.append("former" if state(home) == before else "new")
        if outcomes[-1] == "new":
            break
    assert outcomes[0] == "former"
    done = keep.run(home, "restore", str(kept), "--force")
    assert keep.run(home, "doctor").returncode == 0 and "已恢复到" in done.stdout
    assert not list(tmp_path.glob(".home.restoring*"))


def test_backup_refuses(keep: Any, kept: Path, office: Path, tmp_path: Path) -> None:
    for words, expected in (
        ([str(kept)], "已存在"), ([str(tmp_path / "b.zip")], "结尾"), ([str(office / "b.tar.gz")], "数据目录里"), ([str(tmp_path / "无" / "b.tar.gz")], "目录不存在"),
    ):  # fmt: skip
        done = keep.run(office, "backup", *words, ok=False)
        assert done.returncode == 2 and expected in done.stderr and "Traceback" not in done.stderr
    empty = keep.run(tmp_path / "none", "backup", str(tmp_path / "b.tar.gz"), ok=False)
    assert empty.returncode == 2 and "空的" in empty.stderr and not list(tmp_path.glob("*.tar.gz")) and not list(tmp_path.glob(".*"))
