"""Writing a plan into the register in one short transaction, on SQLite or PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import polars as pl
from django.db import connection

from wenmai.rooms.registry.choices import VALUE_FIELDS
from wenmai.rooms.registry.methods.branches import parent_names, parents
from wenmai.rooms.registry.methods.planning import Plan
from wenmai.rooms.registry.methods.vocabulary import BRANCH
from wenmai.rooms.registry.models import Enterprise, EnterpriseName

_TABLE = Enterprise._meta.db_table
_BLOCK = 50_000
# Beyond this part of the register it is quicker to read all of it in order than to ask for single rows.
_SCAN_FROM = 0.1
_TYPES: dict[str, Any] = {"id": pl.Int64, "current": pl.Boolean, "registered_on": pl.Date, "capital_amount": pl.Decimal(24, 4)}
_SQLITE_TEXT = {
    "registered_on": "CAST(registered_on AS TEXT)",
    "capital_amount": "CASE WHEN capital_amount IS NOT NULL THEN printf('%%.4f', capital_amount) END",
}
_INDEX_LATER = 20_000
_IDENTITY = ("id", "key", "current", "credit_code", "reg_no", "name", "address")


def _frame(columns: tuple[str, ...], where: str = "", arguments: tuple[Any, ...] = ()) -> pl.DataFrame:
    """Columns of the register in order of id, typed; a condition in SQL with its arguments."""
    # SQLite keeps dates as text and decimals as numbers: both are asked for as text, which polars reads exactly.
    as_text = _SQLITE_TEXT if connection.vendor == "sqlite" else {}
    asked = [as_text.get(c, c) for c in columns]
    schema = {c: _TYPES.get(c, pl.Utf8) for c in columns}
    raw = {c: pl.Utf8 if c in as_text else t for c, t in schema.items()}
    parts = []
    with connection.chunked_cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(asked)} FROM {_TABLE} {where} ORDER BY id", arguments)
        while rows := cursor.fetchmany(20_000):
            parts.append(pl.DataFrame([tuple(r) for r in rows], schema=raw, orient="row"))
    frame = pl.concat(parts) if parts else pl.DataFrame(schema=raw)
    return frame.with_columns(
        pl.col(c).str.to_date("%Y-%m-%d") if c == "registered_on" else pl.col(c).cast(schema[c]) for c in columns if c in as_text
    )


def identities() -> pl.DataFrame:
    """What identifies the enterprises: id, key, current, credit_code, reg_no, name, address."""
    return _frame(_IDENTITY)


def other_names() -> pl.DataFrame:
    """(key, name) of former names and variants of all enterprises."""
    found = EnterpriseName.objects.order_by("id").values_list("enterprise__key", "name")
    return pl.DataFrame(list(found), schema={"key": pl.Utf8, "name": pl.Utf8}, orient="row")


def values(ids: pl.Series) -> Iterator[pl.DataFrame]:
    """Blocks of the register, in order of id: id and the value fields of the enterprises asked for."""
    columns = ("id", *VALUE_FIELDS)
    if ids.is_empty():
        return
    ids = ids.sort()
    if len(ids) < _SCAN_FROM * Enterprise.objects.count():
        for start in range(0, len(ids), 500):
            some = tuple(ids.slice(start, 500).to_list())
            yield _frame(columns, f"WHERE id IN ({', '.join(['%s'] * len(some))})", some)
        return
    for start in range(0, len(ids), _BLOCK):
        some_ids = ids.slice(start, _BLOCK)
        block = _frame(columns, "WHERE id BETWEEN %s AND %s", (some_ids[0], some_ids[-1]))
        yield block.join(some_ids.to_frame("id"), on="id", how="semi")


def _slices(frame: pl.DataFrame, size: int = 20000) -> Iterator[list[tuple[Any, ...]]]:
    for part in frame.iter_slices(size):
        yield part.rows()


def _run(sql: str, frame: pl.DataFrame) -> None:
    with connection.cursor() as cursor:
        for rows in _slices(frame):
            cursor.executemany(sql, rows)


def insert_created(plan: Plan, batch_id: int) -> pl.DataFrame:
    """Insert what is new (or bring back what an undo withdrew); returns key → id."""
    schema = {"key": pl.Utf8, "id": pl.Int64}
    withdrawn = pl.DataFrame(
        list(Enterprise.objects.filter(current=False).values_list("key", "id")), schema=schema, orient="row"
    )
    last = Enterprise.objects.order_by("-id").values_list("id", flat=True).first() or 0
    written = [pl.DataFrame(schema=schema)]
    # Filling an empty register, indexes are built once at the end: a third of the writing time at 1e5 rows.
    indexes = _drop_indexes() if last == 0 and plan.created_keys.height > _INDEX_LATER else []
    for part in plan.created_parts():
        part = part.with_columns(_overrides(part, batch_id))
        back = part.join(withdrawn, on="key", how="inner")
        fresh = part.join(withdrawn, on="key", how="anti", maintain_order="left")
        fresh = fresh.with_row_index("id", offset=last + 1).with_columns(pl.col("id").cast(pl.Int64))
        last += fresh.height
        _bring_back(back, batch_id)
        _insert(fresh, batch_id)
        written += [back.select("key", "id"), fresh.select("key", "id")]
    with connection.cursor() as cursor:
        for sql in indexes:
            cursor.execute(sql)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{_TABLE}', 'id'), (SELECT greatest(max(id), 1) FROM {_TABLE}))")
    return pl.concat(written)


def _drop_indexes() -> list[str]:
    """Drop the table's indexes that guard nothing (SQLite; inside the transaction, so that a kill brings them back);
    returns the statements that make them again. PostgreSQL would lock out every reader, so there it does nothing."""
    if connection.vendor != "sqlite":
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type='index' AND tbl_name=%s AND sql LIKE 'CREATE INDEX%%'", [_TABLE])
        found = cursor.fetchall()
        for name, _ in found:
            cursor.execute(f'DROP INDEX "{name}"')
    return [sql for _, sql in found]


def _overrides(part: pl.DataFrame, batch_id: int) -> pl.Series:
    """The map field → batch:sheet:row of values that another row than the first gave; null where there are none."""
    moved = [f for f in VALUE_FIELDS if f"{f}@" in part.columns and part[f"{f}@"].is_not_null().any()]
    if not moved:
        return pl.Series("overrides", [None] * part.height, dtype=pl.Utf8)
    places = part.select(pl.col(f"{f}@").alias(f) for f in moved).iter_rows(named=True)
    maps = ({f: f"{batch_id}:{place}" for f, place in row.items() if place} for row in places)
    return pl.Series("overrides", [json.dumps(m, ensure_ascii=False) if m else None for m in maps], dtype=pl.Utf8)


def _typed() -> list[pl.Expr]:
    """SQLite takes dates and decimals as text."""
    return [pl.col("registered_on").cast(pl.Utf8), pl.col("capital_amount").cast(pl.Utf8)] if connection.vendor == "sqlite" else []


def _bring_back(back: pl.DataFrame, batch_id: int) -> None:
    if back.is_empty():
        return
    fields = [*VALUE_FIELDS, "sheet", "row", "overrides"]
    assign = ", ".join(f"{f}=%s" for f in fields)
    _run(
        f"UPDATE {_TABLE} SET {assign}, current=%s, batch_id=%s, changed_batch_id=%s WHERE id=%s",
        back.with_columns(*_typed()).select(
            *fields, pl.lit(True).alias("cur"), pl.lit(batch_id).alias("b"), pl.lit(batch_id).alias("c"), "id"
        ),
    )


def _insert(fresh: pl.DataFrame, batch_id: int) -> None:
    columns = ["id", "key", "current", *VALUE_FIELDS, "sheet", "row", "overrides", "batch_id", "changed_batch_id"]
    marks = [pl.lit(True).alias("current"), pl.lit(batch_id).alias("batch_id"), pl.lit(batch_id).alias("changed_batch_id")]
    sql = f"INSERT INTO {_TABLE} ({', '.join(columns)}) VALUES ({', '.join(['%s'] * len(columns))})"
    _run(sql, fresh.with_columns(*_typed(), *marks).select(columns))


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
            EnterpriseName(enterprise_id=ids[k], kind=kind, name=name, batch_id=batch_id, row=row)
            for k, kind, name, row in plan.names.select("key", "kind", "name", "row").iter_rows()
            if k in ids
        ],
        batch_size=2000,
        ignore_conflicts=True,
    )


def relink() -> int:
    """Renew every standing branch's link to its parent; returns how many changed. Called inside the transaction.

    All of them, not only the batch's: a parent may arrive after its branches, be renamed, or be withdrawn by an undo.
    """
    standing = Enterprise.objects.filter(current=True, unit_type=BRANCH)
    rows = list(standing.order_by("id").values_list("id", "name", "parent_id", "parent_name"))
    schema = {"id": pl.Int64, "name": pl.Utf8, "parent_id": pl.Int64, "parent_name": pl.Utf8}
    branches = pl.DataFrame(rows, schema=schema, orient="row")
    asked = sorted({p for name in branches["name"].unique() for p in parent_names(name or "")})
    bearers: list[tuple[int, str | None]] = []
    once: list[tuple[int, str]] = []
    for start in range(0, len(asked), 500):
        some = asked[start : start + 500]
        able = Enterprise.objects.filter(current=True).exclude(unit_type=BRANCH)
        bearers += able.filter(name__in=some).values_list("id", "name")
        once += EnterpriseName.objects.filter(name__in=some, enterprise__in=able).values_list("enterprise_id", "name")
    pair = {"id": pl.Int64, "name": pl.Utf8}
    found = parents(branches, pl.DataFrame(bearers, schema=pair, orient="row"), pl.DataFrame(once, schema=pair, orient="row"))
    both = branches.join(found, on="id", suffix="_new", maintain_order="left")
    differs = [pl.col(c).ne_missing(pl.col(f"{c}_new")) for c in ("parent_id", "parent_name")]
    changed = both.filter(pl.any_horizontal(differs))
    _run(f"UPDATE {_TABLE} SET parent_id=%s, parent_name=%s WHERE id=%s", changed.select("parent_id_new", "parent_name_new", "id"))
    # What is no branch any more, or does not stand, has no parent either.
    rest = Enterprise.objects.exclude(parent_name=None).exclude(current=True, unit_type=BRANCH)
    return changed.height + rest.update(parent=None, parent_name=None)
