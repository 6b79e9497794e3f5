"""Writing a plan into the register in one short transaction, on SQLite or PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import polars as pl
from django.db import connection

from wenmai.rooms.registry.choices import VALUE_FIELDS
from wenmai.rooms.registry.methods.planning import Plan
from wenmai.rooms.registry.models import Enterprise, EnterpriseName

_TABLE = Enterprise._meta.db_table
_READ = ("id", "key", "current", *VALUE_FIELDS)
_SCHEMA: dict[str, Any] = dict.fromkeys(_READ, pl.Utf8) | {
    "id": pl.Int64, "current": pl.Boolean, "registered_on": pl.Date, "capital_amount": pl.Decimal(24, 4),
}  # fmt: skip


def existing() -> pl.DataFrame:
    """The register as a frame (id, key, current, value fields)."""
    query = Enterprise.objects.order_by("id").values_list(*_READ)
    if not query.exists():
        return pl.DataFrame(schema=_SCHEMA)
    parts = []
    rows: list[tuple[Any, ...]] = []
    for row in query.iterator(chunk_size=20000):
        rows.append(row)
        if len(rows) == 50000:
            parts.append(pl.DataFrame(rows, schema=_SCHEMA, orient="row"))
            rows = []
    if rows:
        parts.append(pl.DataFrame(rows, schema=_SCHEMA, orient="row"))
    return pl.concat(parts)


def _slices(frame: pl.DataFrame, size: int = 20000) -> Iterator[list[tuple[Any, ...]]]:
    for part in frame.iter_slices(size):
        yield part.rows()


def _run(sql: str, frame: pl.DataFrame) -> None:
    with connection.cursor() as cursor:
        for rows in _slices(frame):
            cursor.executemany(sql, rows)


def insert_created(plan: Plan, batch_id: int) -> pl.DataFrame:
    """Insert what is new (or bring back what an undo withdrew); returns key → id."""
    fresh = plan.created
    if fresh.is_empty():
        return pl.DataFrame(schema={"key": pl.Utf8, "id": pl.Int64})
    withdrawn = pl.DataFrame(
        list(Enterprise.objects.filter(current=False).values_list("key", "id")),
        schema={"key": pl.Utf8, "id": pl.Int64}, orient="row",
    )  # fmt: skip
    back = fresh.join(withdrawn, on="key", how="inner")
    fresh = fresh.join(withdrawn, on="key", how="anti", maintain_order="left")
    values = [*VALUE_FIELDS, "sheet", "row"]
    typed = [pl.col("registered_on").cast(pl.Utf8), pl.col("capital_amount").cast(pl.Utf8)] if connection.vendor == "sqlite" else []
    if not back.is_empty():
        assign = ", ".join(f"{f}=%s" for f in values)
        _run(
            f"UPDATE {_TABLE} SET {assign}, current=%s, batch_id=%s, changed_batch_id=%s, overrides=NULL WHERE id=%s",
            back.with_columns(*typed).select(
                *values, pl.lit(True).alias("cur"), pl.lit(batch_id).alias("b"), pl.lit(batch_id).alias("c"), "id"
            ),
        )
    last = Enterprise.objects.order_by("-id").values_list("id", flat=True).first() or 0
    fresh = fresh.with_row_index("id", offset=last + 1).with_columns(pl.col("id").cast(pl.Int64))
    columns = ["id", "key", "current", *values, "batch_id", "changed_batch_id"]
    sql = f"INSERT INTO {_TABLE} ({', '.join(columns)}) VALUES ({', '.join(['%s'] * len(columns))})"
    _run(
        sql,
        fresh.with_columns(*typed).select(
            "id", "key", pl.lit(True).alias("current"), *values,
            pl.lit(batch_id).alias("batch_id"), pl.lit(batch_id).alias("changed_batch_id"),
        ),
    )  # fmt: skip
    if connection.vendor == "postgresql" and fresh.height:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{_TABLE}', 'id'), (SELECT max(id) FROM {_TABLE}))")
    return pl.concat([back.select("key", "id"), fresh.select("key", "id")])




def apply_changes(changes: pl.DataFrame, batch_id: int) -> None:
    """Set each changed field, and note in `overrides` which batch, sheet and row the value is from."""
    if changes.is_empty():
        return
    for (field,), part in changes.group_by("field", maintain_order=True):
        cast = {"registered_on": "date", "capital_amount": "numeric"}.get(str(field))
        value = f"%s::{cast}" if cast and connection.vendor == "postgresql" else "%s"
        _run(f"UPDATE {_TABLE} SET {field}={value} WHERE id=%s", part.select("new", "id"))
    marks: dict[int, dict[str, str]] = {}
    for id_, field, sheet, row in changes.select("id", "field", "sheet", "row").iter_rows():
        marks.setdefault(id_, {})[field] = f"{batch_id}:{sheet}:{row}"
    ids = list(marks)
    stored: dict[int, str | None] = {}
    for start in range(0, len(ids), 500):
        stored.update(Enterprise.objects.filter(id__in=ids[start : start + 500]).values_list("id", "overrides"))
    rows = [
        (json.dumps((json.loads(stored.get(i) or "{}")) | m, ensure_ascii=False), batch_id, i) for i, m in marks.items()
    ]
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {_TABLE} SET overrides=%s, changed_batch_id=%s WHERE id=%s", rows)


def add_names(plan: Plan, batch_id: int) -> None:
    """Add other names; one that is already known is left as it is."""
    keys = plan.names["key"].unique().to_list()
    ids: dict[str, int] = {}
    for start in range(0, len(keys), 500):
        ids.update(Enterprise.objects.filter(key__in=keys[start : start + 500]).values_list("key", "id"))
    EnterpriseName.objects.bulk_create(
        [
            EnterpriseName(enterprise_id=ids[k], kind=kind, name=name[:300], batch_id=batch_id, row=row)
            for k, kind, name, row in plan.names.select("key", "kind", "name", "row").iter_rows()
            if k in ids
        ],
        batch_size=2000,
        ignore_conflicts=True,
    )
