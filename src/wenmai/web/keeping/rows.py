"""Rows between a database and the lines of a backup: the same text for the same value on SQLite and on PostgreSQL."""

from __future__ import annotations

import base64
import datetime as dt
import decimal
import json
import uuid
from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO

from django.core.management.color import no_style
from django.db import connections
from django.db.models import F, Field, Model
from django.db.models.functions import Collate

from wenmai.base.values import Refused
from wenmai.web.keeping.layout import Column, line_of

# Django's name of a field's storage → the kind that a backup names.
KINDS = {
    "AutoField": "int", "BigAutoField": "int", "SmallAutoField": "int", "IntegerField": "int", "BigIntegerField": "int", "SmallIntegerField": "int",
    "PositiveIntegerField": "int", "PositiveBigIntegerField": "int", "PositiveSmallIntegerField": "int", "BooleanField": "bool",
    "CharField": "text", "TextField": "text", "SlugField": "text", "FileField": "text", "FilePathField": "text", "GenericIPAddressField": "text",
    "FloatField": "float", "DecimalField": "decimal", "DateField": "date", "DateTimeField": "datetime", "TimeField": "time",
    "DurationField": "duration", "BinaryField": "binary", "JSONField": "json", "UUIDField": "uuid",
}  # fmt: skip

_SAME: Callable[[Any], Any] = lambda value: value  # noqa: E731
_SECOND = dt.timedelta(microseconds=1)
ENCODE: dict[str, Callable[[Any], Any]] = {
    "int": int, "bool": bool, "text": str, "float": float, "json": _SAME, "uuid": str,
    "decimal": lambda value: format(value, "f"),
    "date": lambda value: value.isoformat(), "time": lambda value: value.isoformat(timespec="microseconds"),
    "datetime": lambda value: value.astimezone(dt.UTC).isoformat(timespec="microseconds"),
    "duration": lambda value: value // _SECOND, "binary": lambda value: base64.b64encode(bytes(value)).decode(),
}  # fmt: skip
DECODE: dict[str, Callable[[Any], Any]] = {
    "int": int, "bool": bool, "text": str, "float": float, "json": _SAME, "uuid": uuid.UUID, "decimal": decimal.Decimal,
    "date": dt.date.fromisoformat, "time": dt.time.fromisoformat, "datetime": dt.datetime.fromisoformat,
    "duration": lambda value: dt.timedelta(microseconds=value), "binary": base64.b64decode,
}  # fmt: skip
BATCH = 2000


def fields(model: type[Model]) -> list[Field[Any, Any]]:
    """The stored fields by column name, whatever order they were declared in."""
    found = [f for f in model._meta.local_concrete_fields if not getattr(f, "generated", False)]
    return sorted(found, key=lambda f: f.column or "")


def _stored(field: Any) -> Any:
    while field.is_relation:
        field = field.target_field
    return field


def columns(model: type[Model]) -> list[Column]:
    """The model's columns with their kinds. A field of a class that is not Django's own may convert what it stores (a
    cipher, for one), so it must be considered before it is copied."""
    found = []
    for field in fields(model):
        stored = _stored(field)
        kind = KINDS.get(stored.get_internal_type())
        if kind is None or not type(stored).__module__.startswith("django."):
            raise RuntimeError(f"{model._meta.db_table}.{field.column}: tell wenmai.web.keeping.rows how to keep a {type(stored).__name__}")
        found.append(Column(str(field.column), kind, stored.decimal_places if kind == "decimal" else 0))
    return found


def dump(model: type[Model], alias: str, handle: BinaryIO) -> Iterator[int]:
    """Write the table's lines in the order of its key; yields how many rows are done."""
    about = columns(model)
    encoders = [ENCODE[c.kind] for c in about]
    key: Any = F(model._meta.pk.attname)
    if connections[alias].vendor == "postgresql" and KINDS[_stored(model._meta.pk).get_internal_type()] == "text":
        key = Collate(key, "C")  # SQLite's order: by bytes
    query = model._base_manager.using(alias).order_by(key).values_list(*[f.attname for f in fields(model)])
    done = 0
    for done, row in enumerate(query.iterator(chunk_size=BATCH), 1):
        handle.write(line_of([None if value is None else encode(value) for value, encode in zip(row, encoders, strict=True)]))
        if done % 10_000 == 0:
            yield done
    yield done


def load(model: type[Model], alias: str, about: list[Column], lines: Iterable[bytes]) -> int:
    """Insert a table's lines as they are: no default, no clock, no signal. The table must be empty."""
    connection = connections[alias]
    by_name = {f.column: f for f in fields(model)}
    if set(by_name) != {c.name for c in about}:
        raise Refused("备份中表的列与程序所知的不同", where=model._meta.db_table, remedy="请用做这个备份的程序版本恢复；现有数据没有改动")
    decoders = [DECODE[c.kind] for c in about]
    used = [by_name[c.name] for c in about]
    quote = connection.ops.quote_name
    names, marks = ", ".join(quote(c.name) for c in about), ", ".join(["%s"] * len(about))
    insert = f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES ({marks})"
    done, batch = 0, []
    with connection.cursor() as cursor:
        for line in lines:
            row = json.loads(line)
            values = [None if v is None else decode(v) for v, decode in zip(row, decoders, strict=True)]
            batch.append([None if v is None else f.get_db_prep_save(v, connection) for v, f in zip(values, used, strict=True)])
            done += 1
            if len(batch) == BATCH:
                cursor.executemany(insert, batch)
                batch = []
        if batch:
            cursor.executemany(insert, batch)
    return done


def last_id(model: type[Model], alias: str) -> int | None:
    """The last number the table gave out, which may be above its highest: a number is never used for two things."""
    connection, pk = connections[alias], model._meta.pk
    if "Auto" not in pk.get_internal_type():
        return None
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [model._meta.db_table])
            found = cursor.fetchone()
            return int(found[0]) or None if found else None
        name = _sequence(cursor, model)
        cursor.execute(f"SELECT last_value, is_called FROM {name}")
        last, called = cursor.fetchone()
        return int(last) if called else None


def _sequence(cursor: Any, model: type[Model]) -> str:
    cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [f'"{model._meta.db_table}"', model._meta.pk.column])
    return str(cursor.fetchone()[0])


def set_last_id(model: type[Model], alias: str, last: int | None) -> None:
    """Go on numbering where the backed-up table was."""
    connection = connections[alias]
    if "Auto" not in model._meta.pk.get_internal_type():
        return
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [model._meta.db_table])
            if last is not None:
                cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [model._meta.db_table, last])
        elif last is not None:
            cursor.execute("SELECT setval(%s::regclass, %s)", [_sequence(cursor, model), last])
        else:
            for statement in connection.ops.sequence_reset_sql(no_style(), [model]):
                cursor.execute(statement)
