"""`wenmai backup`: one consistent state of the database, then the files it speaks of, while the office goes on working."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import shutil
import sqlite3
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection, connections, transaction

import wenmai
from wenmai.base.values import InputError, Refused
from wenmai.office.events import services as events
from wenmai.web.keeping import archive, rows, schema
from wenmai.web.keeping.layout import ABOUT, HOME, MANIFEST, NOT_KEPT, RECORDS, TABLES, TABLES_NOT_KEPT, About, Manifest, check_name

ALIAS = "keeping"
EMPTY = "数据库还是空的，没有可备份的内容"


@dataclass
class Made:
    """What was written, and what a person should know about it."""

    path: Path
    size: int
    fingerprint: str
    about: About
    manifest: Manifest
    damaged: list[str] = field(default_factory=list)
    links: int = 0
    recorded: bool = True


def make(path: Path, with_files: bool = True, force: bool = False, tell: archive.Tell | None = None) -> Made:
    """Write a backup of this home. The database is read as it is, not migrated."""
    home = Path(settings.WENMAI_HOME)
    path = path.resolve()
    archive.ending(path)
    if path.exists() and not force:
        raise InputError("备份文件已存在", where=str(path), remedy="请换一个文件名，或加 --force 覆盖")
    if not path.parent.is_dir():
        raise InputError("备份的目录不存在", where=str(path.parent), remedy="请先建目录")
    if path.is_relative_to(home):
        raise InputError("备份不能放在数据目录里", where=str(home), remedy="请放到另一个磁盘，再另存一份到别处")
    work = Path(tempfile.mkdtemp(prefix=".wenmai-backup-", dir=path.parent))
    try:
        return _make(path, home, work, with_files, tell)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _make(path: Path, home: Path, work: Path, with_files: bool, tell: archive.Tell | None) -> Made:
    writer = archive.Writer(path)
    try:
        with _still(work):
            # Committed rows name files that are already there, so the files are read after the database's state is fixed.
            keys = schema.applied(ALIAS)
            if not keys:
                raise Refused(EMPTY)
            models = schema.models(ALIAS, keys)
            about = About(
                wenmai.__version__, dt.datetime.now(dt.UTC).isoformat(timespec="seconds"), connections[ALIAS].vendor,
                [list(key) for key in keys], {name: rows.columns(model) for name, model in models.items()}, with_files,
            )  # fmt: skip
            manifest = Manifest(writer.add_bytes(ABOUT, about.encode()))
            manifest.left_out = sorted(TABLES_NOT_KEPT - {"django_migrations"}) + schema.other_tables(ALIAS, models)
            total = 0
            for name, model in models.items():
                spool = work / "table.jsonl"
                with spool.open("wb") as handle:
                    for done in rows.dump(model, ALIAS, handle):
                        if tell:
                            tell("备份数据库", total + done, None)
                mark = archive.mark(spool, about.tables[name], rows.last_id(model, ALIAS))
                with spool.open("rb") as source:
                    writer.add(f"{TABLES}{name}.jsonl", source, mark.size)
                manifest.tables[name] = mark
                total += mark.rows
        made = Made(path, 0, "", about, manifest)
        _files(home, with_files, writer, made, tell)
        made.fingerprint = writer.add_bytes(MANIFEST, manifest.encode())
        made.size = writer.close()
    except BaseException:
        writer.abandon()
        raise
    made.recorded = _record(made)
    return made


@contextlib.contextmanager
def _still(work: Path) -> Iterator[None]:
    """The alias ALIAS over one state of the database: a copy by SQLite's backup interface, or a PostgreSQL snapshot."""
    default = connections.databases["default"]
    if connection.vendor == "sqlite":
        if not Path(default["NAME"]).exists():
            raise Refused(EMPTY)
        copy = work / "copy.sqlite3"
        with (
            contextlib.closing(sqlite3.connect(f"file:{default['NAME']}?mode=rw", uri=True, timeout=60)) as source,
            contextlib.closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target)  # all pages in one step: writers go on in the write-ahead log
        connections.databases[ALIAS] = {**default, "NAME": str(copy)}
    else:
        connections.databases[ALIAS] = {**default}
    try:
        if connection.vendor == "sqlite":
            yield
        else:
            with transaction.atomic(using=ALIAS):
                with connections[ALIAS].cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                yield
    finally:
        connections[ALIAS].close()
        del connections[ALIAS]
        del connections.databases[ALIAS]


def _files(home: Path, with_files: bool, writer: archive.Writer, made: Made, tell: archive.Tell | None) -> None:
    total = 0
    for path, relative in _walk(home, made):
        top, inside, _ = relative.partition("/")
        if not with_files and inside and top not in RECORDS:
            continue
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
        except FileNotFoundError:
            continue  # a list of exports or a cache may end meanwhile; what the database names is never deleted
        with os.fdopen(descriptor, "rb") as handle:
            size = os.fstat(handle.fileno()).st_size
            digest = writer.add(check_name(HOME + relative), handle, size)
        made.manifest.files[relative] = size, digest
        if relative.startswith("files/") and path.name != digest:
            made.damaged.append(relative)
        total += size
        if tell:
            tell("备份文件", total, None)


def _walk(home: Path, made: Made) -> Iterator[tuple[Path, str]]:
    for root, folders, names in os.walk(home):
        here = Path(root)
        top = here == home
        folders[:] = sorted(f for f in folders if not (top and f in NOT_KEPT) and not f.endswith(".part"))
        for name in sorted(names):
            path = here / name
            if (top and name in NOT_KEPT) or name.endswith(".part"):
                continue
            try:
                kind = path.lstat().st_mode
            except FileNotFoundError:
                continue
            if stat.S_ISREG(kind):
                yield path, path.relative_to(home).as_posix()
            else:
                made.links += 1  # a batch's link to its stored file: made again when needed
        made.links += sum((here / f).is_symlink() for f in folders)


def _record(made: Made) -> bool:
    """The event, with no path in it: a path may name a person."""
    payload = {
        "fingerprint": made.fingerprint, "bytes": made.size, "tables": len(made.manifest.tables),
        "rows": sum(m.rows for m in made.manifest.tables.values()), "files": len(made.manifest.files), "with_files": made.about.with_files,
    }  # fmt: skip
    try:
        with transaction.atomic():
            events.record("keeping.backup.made", f"backup:{made.fingerprint[:12]}", payload)
    except DatabaseError as error:
        if not schema.pending("default"):
            raise Refused("备份已写，但未能记入事件（数据库正忙或只读）", where=str(made.path), remedy="备份可用；请稍后重做一次") from error
        return False  # the tables are older than the program; the backup before an upgrade must still be possible
    return True
