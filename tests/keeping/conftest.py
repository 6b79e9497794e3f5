"""The command line over homes of their own, and PostgreSQL databases of their own."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from wenmai.samples import write_district


def run(home: Path, *words: str, database: str | None = None, ok: bool = True) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "WENMAI_HOME": str(home), "PYTHONPATH": "src", "WENMAI_DEMO_SERVE": "0"}
    env.pop("DATABASE_URL", None)
    if database:
        env["DATABASE_URL"] = database
    done = subprocess.run([sys.executable, "-m", "wenmai.cli", *words], env=env, capture_output=True, text=True)
    if ok:
        assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-2000:]
    return done


def fingerprint(done: subprocess.CompletedProcess[str]) -> str:
    return next(line.split()[-1] for line in done.stdout.splitlines() if line.strip().startswith("指纹"))


def raw_tables(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table by sqlite3 itself: the oracle, which knows nothing of the backup's own hashes."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        names = [r[0] for r in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'django_migrations'")]
        found = {n: sorted(database.execute(f'SELECT * FROM "{n}"').fetchall(), key=repr) for n in names}
    database.close()
    return found


def files_of(home: Path) -> dict[str, bytes]:
    """What must survive, read from the disk: all but the database, the secret and the batches' links."""
    return {
        p.relative_to(home).as_posix(): p.read_bytes()
        for p in home.rglob("*")
        if p.is_file() and not p.is_symlink() and not p.name.startswith("wenmai.sqlite3") and p.name != "secret.key" and "cache" not in p.parts
    }


class Keep:
    """The helpers, by fixture: test files cannot import one another."""

    run, fingerprint, raw_tables, files_of = staticmethod(run), staticmethod(fingerprint), staticmethod(raw_tables), staticmethod(files_of)


@pytest.fixture(scope="session")
def keep() -> type[Keep]:
    return Keep


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with batches, an undone batch, decisions, a snapshot, a document and a login. Not to be changed."""
    folder = tmp_path_factory.mktemp("office")
    home = folder / "home"
    home.mkdir()
    (home / "site.json").write_text('{"district": "文澜区"}', encoding="utf-8")
    (home / "列名对照.tsv").write_text("name\t单位大名\n", encoding="utf-8")
    files = write_district(folder / "sample", 120)
    run(home, "import", *[str(f) for f in files[:2]])
    run(home, "undo", "2")
    run(home, "classify")
    run(home, "report", "-o", str(folder / "r.docx"))
    run(home, "user", "editor-1", "--role", "editor")
    return home


@pytest.fixture(scope="session")
def kept(office: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of `office`."""
    path = tmp_path_factory.mktemp("kept") / "office.tar.zst"
    run(office, "backup", str(path))
    return path


@pytest.fixture
def postgres() -> Iterator[str]:
    """The address of an empty PostgreSQL database."""
    import psycopg

    url = os.environ.get("WENMAI_TEST_PG")
    assert url, "WENMAI_TEST_PG is not set: run the tests by `make test`, which starts PostgreSQL"
    name = f"keeping_{uuid.uuid4().hex[:10]}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
    head, _, tail = url.partition("?")
    try:
        yield f"{head.rsplit('/', 1)[0]}/{name}?{tail}"
    finally:
        with psycopg.connect(url, autocommit=True) as server:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
