"""The tables of a database at the state its migrations say, even when the program is newer."""

from __future__ import annotations

from typing import Any

from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.models import Model

from wenmai.base.values import Refused
from wenmai.web.keeping.layout import TABLES_NOT_KEPT

Key = tuple[str, str]


def applied(alias: str) -> list[Key]:
    """The migrations that the database has."""
    return sorted(MigrationLoader(connections[alias]).applied_migrations)


def unknown(keys: list[Key]) -> list[Key]:
    """Those that this program does not have: the data are of a newer program."""
    loader = MigrationLoader(None)
    return [key for key in keys if key not in loader.disk_migrations]


def pending(alias: str) -> bool:
    executor = MigrationExecutor(connections[alias])
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def models(alias: str, keys: list[Key]) -> dict[str, type[Model]]:
    """Table → model as it was when exactly these migrations had been applied."""
    if strange := unknown(keys):
        raise Refused(
            f"数据由更新的程序做成（{strange[0][0]} {strange[0][1]} 等 {len(strange)} 项变更本程序没有）", remedy="请先升级程序"
        )
    apps = MigrationLoader(connections[alias]).project_state(list(keys)).apps
    found: dict[str, type[Model]] = {}
    for model in apps.get_models(include_auto_created=True):
        meta: Any = model._meta
        owner = meta.auto_created._meta if meta.auto_created else meta
        if meta.proxy or not meta.managed or owner.swapped or meta.db_table in TABLES_NOT_KEPT:
            continue
        found[meta.db_table] = model
    return dict(sorted(found.items()))


def other_tables(alias: str, known: dict[str, type[Model]]) -> list[str]:
    """Tables that no migration made (somebody else's): they are named, not kept."""
    connection = connections[alias]
    with connection.cursor() as cursor:
        names = connection.introspection.table_names(cursor)
    return sorted(set(names) - set(known) - TABLES_NOT_KEPT)


def migrate_to(alias: str, keys: list[Key]) -> None:
    """Bring an empty database to exactly this state. No signal is sent, so nothing is filled in beside the migrations."""
    executor = MigrationExecutor(connections[alias])
    loader, wanted = executor.loader, set(keys)
    tips = [key for key in keys if not any(child.key in wanted for child in loader.graph.node_map[key].children)]
    executor.migrate(tips)
    reached = set(applied(alias))
    if reached != wanted:
        raise Refused("备份的变更记录无法重现", where=str(sorted(reached ^ wanted)[:3]), remedy="请用做这个备份的程序版本恢复")
