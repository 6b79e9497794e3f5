"""A backup taken while others write holds one moment: what was written together is there together or not at all."""

from __future__ import annotations

import io
import json
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from wenmai.web.keeping import archive

pytestmark = pytest.mark.slow

# Two of Django's own tables, the first and one of the last to be read; one transaction writes to both.
PAIR = (
    "INSERT INTO auth_group (name) VALUES ({0})",
    "INSERT INTO django_content_type (app_label, model) VALUES ('pair', {0})",
)  # fmt: skip


class Writer(threading.Thread):
    """Writes pairs without a rest until told to stop."""

    def __init__(self, connect: Callable[[], Any], mark: str) -> None:
        super().__init__(daemon=True)
        self.connect, self.mark, self.done, self.ending = connect, mark, 0, threading.Event()
        self.failed: Exception | None = None

    def run(self) -> None:
        try:
            connection = self.connect()
            while not self.ending.is_set():
                for statement in PAIR:
                    connection.execute(statement.format(self.mark), [f"pair-{self.done:07d}"])
                    time.sleep(0.0005)  # a moment in which only one half is written
                connection.commit()
                self.done += 1
                time.sleep(0.005)  # SQLite has one writer at a time: others (the backup's own event) must get a turn
            connection.close()
        except Exception as error:
            self.failed = error


def pairs(path: Path) -> tuple[set[str], set[str]]:
    kept: dict[str, io.BytesIO] = {}

    class Stays(io.BytesIO):
        def close(self) -> None:
            pass

    found = archive.read(path, lambda name, size: kept.setdefault(name, Stays()))

    def column(table: str, name: str) -> set[str]:
        at = [c.name for c in found.about.tables[table]].index(name)
        return {v for line in kept[f"tables/{table}.jsonl"].getvalue().splitlines() if str(v := json.loads(line)[at]).startswith("pair-")}

    return column("auth_group", "name"), column("django_content_type", "model")


def check(keep: Any, home: Path, tmp: Path, writer: Writer, database: str | None, read: Callable[[str], set[str]]) -> None:
    writer.start()
    seen = []
    try:
        while writer.done < 20 and writer.failed is None:
            time.sleep(0.01)
        for i in range(2):
            before = writer.done
            keep.run(home, "backup", str(tmp / f"{i}.tar.gz"), database=database)
            groups, types = pairs(tmp / f"{i}.tar.gz")
            assert groups == types and before <= len(groups) <= writer.done + 1
            seen.append(len(groups))
        at_the_end = writer.done
    finally:
        writer.ending.set()
        writer.join(30)
    assert writer.failed is None, writer.failed  # nobody was kept from working
    assert 20 <= seen[0] < seen[1] < at_the_end
    keep.run(tmp / "new", "restore", str(tmp / "1.tar.gz"), *(["--force"] if database else []), database=database)
    assert len(read("SELECT name FROM auth_group")) == seen[1]
    assert read("SELECT name FROM auth_group") == read("SELECT model FROM django_content_type WHERE app_label = 'pair'")


def test_on_sqlite(keep: Any, kept: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    keep.run(home, "restore", str(kept))

    def connect() -> Any:
        return sqlite3.connect(home / "wenmai.sqlite3", timeout=30)

    def read(sql: str) -> set[str]:
        return {r[0] for r in sqlite3.connect(tmp_path / "new" / "wenmai.sqlite3").execute(sql)}

    check(keep, home, tmp_path, Writer(connect, "?"), None, read)


@pytest.mark.postgres
def test_on_postgresql(keep: Any, kept: Path, tmp_path: Path, postgres: str) -> None:
    home = tmp_path / "home"
    keep.run(home, "restore", str(kept), database=postgres)

    def read(sql: str) -> set[str]:
        with psycopg.connect(postgres) as database:
            return {r[0] for r in database.execute(sql)}

    check(keep, home, tmp_path, Writer(lambda: psycopg.connect(postgres), "%s"), postgres, read)
