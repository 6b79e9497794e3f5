"""What was backed up comes back: every row, every file, the numbering; on both engines and from one to the other."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import psycopg
import pytest

from wenmai.web.keeping import archive

pytestmark = pytest.mark.slow


def without_events(tables: dict[str, list[Any]]) -> dict[str, list[Any]]:
    return {k: v for k, v in tables.items() if k not in ("events_event", "django_session", "sqlite_sequence")}


def test_sqlite_to_sqlite_row_by_row_and_byte_by_byte(keep: Any, office: Path, tmp_path: Path) -> None:
    before = keep.raw_tables(office / "wenmai.sqlite3")
    archived = tmp_path / "b.tar.zst"
    keep.run(office, "backup", str(archived))
    assert archived.stat().st_mode & 0o077 == 0
    home = tmp_path / "new"
    keep.run(home, "restore", str(archived), "--expect", keep.fingerprint(keep.run(home, "verify", str(archived)))[:16])
    after = keep.raw_tables(home / "wenmai.sqlite3")
    assert without_events(after) == without_events(before) and len(before["registry_enterprise"]) > 80
    # The log: all that was there, then the restore and nothing else.
    assert set(before["events_event"]) < set(after["events_event"])
    assert [e[3] for e in set(after["events_event"]) - set(before["events_event"])] == ["keeping.backup.restored"]
    assert keep.files_of(home) == keep.files_of(office) and len(keep.files_of(home)) > 8
    assert keep.run(home, "doctor").returncode == 0
    # The same figures, through the restored snapshot, with the same rows behind them.
    assert keep.run(home, "figures", "--json").stdout == keep.run(office, "figures", "--json").stdout
    last = {e[3] for e in keep.raw_tables(office / "wenmai.sqlite3")["events_event"]}
    assert "keeping.backup.made" in last


def test_a_number_is_never_given_twice(keep: Any, office: Path, tmp_path: Path) -> None:
    """The highest batch was deleted before the backup; after the restore its number must not come again."""
    copy = tmp_path / "copy"
    keep.run(copy, "restore", str(_backup(keep, office, tmp_path / "a.tar.gz")))
    with sqlite3.connect(copy / "wenmai.sqlite3") as database:
        database.execute("UPDATE sqlite_sequence SET seq = 70 WHERE name = 'registry_batch'")
    database.close()
    again = tmp_path / "again"
    keep.run(again, "restore", str(_backup(keep, copy, tmp_path / "b.tar.gz")))
    with sqlite3.connect(again / "wenmai.sqlite3") as database:
        assert database.execute("SELECT seq FROM sqlite_sequence WHERE name = 'registry_batch'").fetchone() == (70,)
    database.close()


def _backup(keep: Any, home: Path, path: Path, **how: Any) -> Path:
    keep.run(home, "backup", str(path), **how)
    return path


@pytest.mark.postgres
def test_sqlite_to_postgresql_and_back(keep: Any, office: Path, kept: Path, tmp_path: Path, postgres: str) -> None:
    """Content hashes of every table are equal on both engines, and the rows that come back to SQLite are the first ones."""
    there, back = tmp_path / "pg", tmp_path / "back"
    keep.run(there, "restore", str(kept), database=postgres)
    second = _backup(keep, there, tmp_path / "pg.tar.zst", database=postgres)
    first, then = archive.read(kept), archive.read(second)
    assert then.about.engine == "postgresql" and first.about.engine == "sqlite"
    compared = [t for t in first.manifest.tables if t != "events_event"]
    assert len(compared) >= 20
    for table in compared:
        a, b = first.manifest.tables[table], then.manifest.tables[table]
        assert (a.rows, a.content) == (b.rows, b.content), table
    assert then.manifest.tables["events_event"].rows == first.manifest.tables["events_event"].rows + 1
    assert keep.run(there, "doctor", database=postgres).returncode == 0
    # Numbering goes on: an import on PostgreSQL after the restore must not meet a number that is taken.
    source = tmp_path / "一家.csv"
    source.write_text("企业名称,统一社会信用代码\n文澜区试写文化传媒有限公司,91110000MA0000001X\n", encoding="utf-8")
    keep.run(there, "import", str(source), database=postgres, ok=False)
    with psycopg.connect(postgres) as database:
        assert database.execute("SELECT max(id) FROM registry_batch").fetchone()[0] > first.manifest.tables["registry_batch"].rows  # type: ignore[index]
    keep.run(back, "restore", str(second))
    here, came = keep.raw_tables(office / "wenmai.sqlite3"), keep.raw_tables(back / "wenmai.sqlite3")
    for table in set(here) - {"events_event", "django_session", "sqlite_sequence"}:
        # JSON may have its keys in another order after jsonb; all else is equal to the letter.
        assert [_loosely(r) for r in came[table]] == [_loosely(r) for r in here[table]], table


def _loosely(row: tuple[Any, ...]) -> list[Any]:
    return sorted(repr(sorted(v)) if isinstance(v, str) and v[:1] in "{[" else repr(v) for v in row)


@pytest.mark.postgres
def test_replacing_on_postgresql_keeps_the_former_tables_beside(keep: Any, kept: Path, tmp_path: Path, postgres: str) -> None:
    home = tmp_path / "pg"
    keep.run(home, "restore", str(kept), database=postgres)
    keep.run(home, "user", "later-one", database=postgres)
    with psycopg.connect(postgres) as database:
        before = database.execute("SELECT md5(string_agg(e::text, '|' ORDER BY id)) FROM registry_enterprise e").fetchone()
    refused = keep.run(home, "restore", str(kept), database=postgres, ok=False)
    assert refused.returncode == 2 and "已有数据" in refused.stderr
    with psycopg.connect(postgres) as open_elsewhere:
        open_elsewhere.execute("SELECT 1")
        busy = keep.run(home, "restore", str(kept), "--force", database=postgres, ok=False)
        assert busy.returncode == 2 and "1 个别的连接" in busy.stderr
    keep.run(home, "restore", str(kept), "--force", database=postgres)
    with psycopg.connect(postgres) as database:
        after = database.execute("SELECT md5(string_agg(e::text, '|' ORDER BY id)) FROM registry_enterprise e").fetchone()
        names = [r[0] for r in database.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'wenmai%'")]
        assert after == before and len(names) == 1 and names[0].startswith("wenmai_before_")
        assert database.execute(f"SELECT count(*) FROM {names[0]}.people_user WHERE username = 'later-one'").fetchone() == (1,)
        assert database.execute("SELECT count(*) FROM people_user WHERE username = 'later-one'").fetchone() == (0,)
    assert keep.run(home, "doctor", database=postgres).returncode == 0


def test_without_files(keep: Any, office: Path, tmp_path: Path) -> None:
    path = tmp_path / "small.tar.gz"
    keep.run(office, "backup", str(path), "--no-files")
    found = archive.read(path)
    assert {f.split("/")[0] for f in found.manifest.files} == {"batches", "site.json", "列名对照.tsv"} and not found.about.with_files
    done = keep.run(tmp_path / "new", "restore", str(path))
    assert "不含文件" in done.stdout and "没有原来的 secret.key" in done.stdout
    other = tmp_path / "other"
    other.mkdir()
    (other / "secret.key").write_text("the office's own key, put there first")
    assert "没有原来的" not in keep.run(other, "restore", str(path)).stdout
    assert (other / "secret.key").read_text() == "the office's own key, put there first"
    keep.run(tmp_path / "new", "classify")
    assert keep.run(tmp_path / "new", "figures").returncode == 0


def test_a_damaged_stored_file_is_told(keep: Any, office: Path, kept: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    keep.run(home, "restore", str(kept))
    stored = next(p for p in sorted((home / "files").rglob("*")) if p.is_file())
    stored.chmod(0o600)
    stored.write_bytes(stored.read_bytes() + b" ")
    done = keep.run(home, "backup", str(tmp_path / "b.tar.gz"), ok=False)
    assert done.returncode == 2 and stored.name in done.stderr and (tmp_path / "b.tar.gz").exists()
