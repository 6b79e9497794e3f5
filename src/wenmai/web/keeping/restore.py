"""`wenmai restore`: build a whole home beside the present one, verify it, then put it in place.

It works in a process of its own, before Django is set up: the settings are pointed at the staging home (and, on PostgreSQL,
at a schema of its own), so that migrations, events and checks act on the copy and on nothing else."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import os
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

from wenmai.base.values import Refused, WenmaiError
from wenmai.web.keeping import archive, swap

RESERVE = 64 << 20


@dataclass(frozen=True)
class Restored:
    """What was put in place; `before` and `schema_before` are where the former state was kept (by --force)."""

    found: archive.Found
    home: Path
    engine: str
    before: Path | None
    schema_before: str
    migrated: int
    recovered: str


def restore(path: Path, home: Path, force: bool = False, tell: archive.Tell | None = None) -> Restored:
    """Restore the archive into `home` (and the database that DATABASE_URL names). All or nothing."""
    home, path = home.absolute(), path.resolve()
    database = os.environ.get("DATABASE_URL", "")
    postgres = _Postgres(database) if database.startswith("postgres") else None
    if database and postgres is None:
        raise Refused("DATABASE_URL 不是 PostgreSQL", remedy="请核对后重试")
    recovered = swap.recover(home, postgres.stands if postgres else None, postgres.drop if postgres else None)
    if path.is_relative_to(home):
        raise Refused("备份文件在要恢复的数据目录里", where=str(path), remedy="请先把它移到别处")
    was_empty = swap.empty(home)
    tables_there = postgres is not None and postgres.occupied()
    occupied = ([] if was_empty else [f"数据目录 {home}"]) + (["数据库"] if tables_there else [])
    if occupied and not force:
        raise Refused(f"{'、'.join(occupied)}里已有数据", remedy="确要替换请加 --force（原有数据另存一旁，不删除）；未加则什么也不改")
    if postgres and tables_there and (others := postgres.others()):
        raise Refused(f"数据库还有 {others} 个别的连接", remedy="请先停止 wenmai serve 等程序")
    stamp = dt.datetime.now().strftime("%Y%m%d-%H%M%S")
    plan = swap.Plan(
        str(home), str(home.with_name(f".{home.name}.restoring-{secrets.token_hex(4)}")), str(home.with_name(f"{home.name}.before-{stamp}")),
        f"wenmai_restoring_{secrets.token_hex(4)}" if postgres else "",
    )  # fmt: skip
    lock = swap.begin(plan)
    try:
        found = _unpack(path, Path(plan.staging), tell)
        if postgres:
            postgres.create(plan.schema)
        migrated = _build(found, plan, database, tell)
        plan.ready.touch()
        schema_before = ""
        if postgres:
            schema_before = postgres.exchange(plan, f"wenmai_before_{stamp.replace('-', '_')}")
        else:
            swap.exchange(plan)
    except BaseException:
        swap.undo(plan)
        if postgres:
            postgres.drop(plan.schema)
        swap.end(plan, keep_before=True)
        raise
    else:
        swap.end(plan, keep_before=not was_empty)
    finally:
        lock.close()
    return Restored(
        found, home, "PostgreSQL" if postgres else "SQLite", None if was_empty else Path(plan.before), schema_before, migrated, recovered
    )


def _unpack(path: Path, staging: Path, tell: archive.Tell | None) -> archive.Found:
    (staging / "tables").mkdir()

    def sink(name: str, size: int) -> BinaryIO:
        target = staging / name  # names are checked: below home/ or tables/, no step upwards, and no link was made here
        target.parent.mkdir(parents=True, exist_ok=True)
        return io.FileIO(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o600), "w")  # type: ignore[return-value]

    return archive.read(path, sink, max(0, shutil.disk_usage(staging).free - RESERVE), tell)


def _build(found: archive.Found, plan: swap.Plan, database: str, tell: archive.Tell | None) -> int:
    """Fill the staging home's database from the staged lines; returns how many migrations were then applied on top."""
    key = Path(plan.home) / "secret.key"
    if key.is_file():  # the secret belongs to the machine, not to the backup
        shutil.copy2(key, plan.prepared / "secret.key")
    with _settings_at(plan, database):
        import django

        django.setup()
        from django.db import connections

        try:
            return _fill(found, Path(plan.staging) / "tables", tell)
        except WenmaiError:
            raise
        except Exception as error:
            from django.db import Error

            if not isinstance(error, (Error, ValueError, TypeError, OverflowError, ArithmeticError)):
                raise
            text = str(error).splitlines()[0][:120] if isinstance(error, Error) else type(error).__name__
            raise Refused(f"备份中的数据装不进数据库：{text}", remedy="现有数据没有改动；请换一份备份或换同一种数据库") from error
        finally:
            connections.close_all()


@contextlib.contextmanager
def _settings_at(plan: swap.Plan, database: str) -> Iterator[None]:
    kept = {name: os.environ.get(name) for name in ("WENMAI_HOME", "DATABASE_URL")}
    os.environ["WENMAI_HOME"] = str(plan.prepared)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wenmai.web.settings")
    if plan.schema:
        os.environ["DATABASE_URL"] = f"{database}{'&' if '?' in database else '?'}options={quote(f'-c search_path={plan.schema}')}"
    try:
        yield
    finally:
        for name, value in kept.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _fill(found: archive.Found, tables: Path, tell: archive.Tell | None) -> int:
    from django.core.management import call_command
    from django.db import connection, transaction

    from wenmai.office.events import services as events
    from wenmai.web.keeping import rows, schema

    keys = [(app, name) for app, name in found.about.migrations]
    models = schema.models("default", keys)
    if set(models) != set(found.about.tables):
        raise Refused(
            "备份中的表与程序所知的不同", where="、".join(sorted(set(models) ^ set(found.about.tables))[:5]), remedy="请用做这个备份的程序版本恢复"
        )
    if tell:
        tell("建表", 0, None)
    schema.migrate_to("default", keys)
    connection.disable_constraint_checking()  # SQLite: before the transaction; PostgreSQL's are deferred to its end
    with transaction.atomic():
        _empty(models)
        for name, model in models.items():
            with (tables / f"{name}.jsonl").open("rb") as lines:
                done = rows.load(model, "default", found.about.tables[name], lines)
            rows.set_last_id(model, "default", found.manifest.tables[name].last_id)
            if tell:
                tell("写入数据库", done, None)
        connection.check_constraints()
    connection.enable_constraint_checking()
    for name, model in models.items():
        _same(name, model, found, tables.parent, tell)
    before = len(schema.applied("default"))
    if schema.pending("default"):
        call_command("migrate", verbosity=0, interactive=False)
    if (broken := events.verify_chain()) is not None:
        raise Refused(f"备份中的事件链在第 {broken} 条断开", remedy="数据曾被绕过程序改动；请换一份备份")
    with transaction.atomic():
        payload = {"fingerprint": found.fingerprint, "made_at": found.about.created_at, "version": found.about.version, "engine": found.about.engine}
        events.record("keeping.backup.restored", f"backup:{found.fingerprint[:12]}", payload)
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return len(schema.applied("default")) - before


def _empty(models: dict[str, Any]) -> None:
    """Take out what migrations put in; the backup holds its own."""
    from django.db import connection

    with connection.cursor() as cursor:
        for name in models:
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(name)}")


def _same(name: str, model: Any, found: archive.Found, staging: Path, tell: archive.Tell | None) -> None:
    """Read the table back out of the database and compare it with the manifest."""
    from wenmai.web.keeping import rows

    spool, expected = staging / "check.jsonl", found.manifest.tables[name]
    with spool.open("wb") as handle:
        for done in rows.dump(model, "default", handle):
            if tell:
                tell("核对数据库", done, None)
    mark = archive.mark(spool, found.about.tables[name], None)
    if (mark.rows, mark.content) != (expected.rows, expected.content):
        raise Refused(
            "写入数据库后与备份不一致", where=f"表 {name}，备份 {expected.rows} 行，读回 {mark.rows} 行",
            remedy="现有数据没有改动。若是从 PostgreSQL 恢复到 SQLite，超过 15 位的小数 SQLite 存不下，请恢复到 PostgreSQL",
        )  # fmt: skip


class _Postgres:
    """The target database through a connection of its own; the restored tables are filled in a schema beside."""

    def __init__(self, url: str) -> None:
        import dj_database_url

        about: dict[str, Any] = dict(dj_database_url.parse(url))
        options = dict(about.get("OPTIONS") or {})
        named = {"dbname": about["NAME"], "user": about["USER"], "password": about["PASSWORD"], "host": about["HOST"], "port": about["PORT"]}
        self.parameters = {**{k: v for k, v in named.items() if v}, **options}

    def _connect(self) -> Any:
        import psycopg

        try:
            return psycopg.connect(**self.parameters)
        except psycopg.OperationalError as error:
            raise Refused("连不上数据库", where="DATABASE_URL", remedy="请核对地址、账号和数据库是否已启动") from error

    def _one(self, sql: str, *values: Any) -> Any:
        with self._connect() as connection:
            return connection.execute(sql, values).fetchone()[0]

    def occupied(self) -> bool:
        return bool(self._one("SELECT to_regclass('django_migrations') IS NOT NULL"))

    def others(self) -> int:
        return int(self._one(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        ))  # fmt: skip

    def stands(self, schema: str) -> bool:
        return bool(self._one("SELECT count(*) FROM pg_namespace WHERE nspname = %s", schema))

    def create(self, schema: str) -> None:
        with self._connect() as connection:
            connection.execute(f'CREATE SCHEMA "{schema}"')

    def drop(self, schema: str) -> None:
        with self._connect() as connection:
            connection.execute(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE')

    def exchange(self, plan: swap.Plan, before: str) -> str:
        """One transaction: the present tables into the schema `before`, the restored ones into their place; the home is
        exchanged just before the commit and put back when the commit fails."""
        with self._connect() as connection:
            here = connection.execute("SELECT current_schema()").fetchone()[0]
            old = self._tables(connection, here)
            if old:
                connection.execute(f'CREATE SCHEMA "{before}"')
            for name in old:
                connection.execute(f'ALTER TABLE "{here}"."{name}" SET SCHEMA "{before}"')
            for name in self._tables(connection, plan.schema):
                connection.execute(f'ALTER TABLE "{plan.schema}"."{name}" SET SCHEMA "{here}"')
            connection.execute(f'DROP SCHEMA "{plan.schema}"')
            swap.exchange(plan)
        return before if old else ""

    @staticmethod
    def _tables(connection: Any, schema: str) -> list[str]:
        found = connection.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = %s AND c.relkind IN ('r', 'p') "
            "AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e') ORDER BY 1",
            [schema],
        ).fetchall()
        return [row[0] for row in found]
