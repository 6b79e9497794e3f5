"""Package data of the national tables: reading CSV as text, and what is known about each table."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from wenmai.base.values.errors import NotFound

CONFIRMED = "核实"
UNCONFIRMED = "待确认"


@dataclass(frozen=True, slots=True)
class TableInfo:
    """One national table as shipped: file name, Chinese title, edition, source, status (核实/待确认) and
    doubts.
    """

    file: str
    title: str
    edition: str
    source: str
    status: str
    doubt: str


@dataclass(frozen=True, slots=True)
class Pending:
    """One thing that a person must confirm: what it is, why it is open, who can settle it."""

    item: str
    reason: str
    confirm_by: str
    table: str


def read_rows(name: str) -> list[dict[str, str]]:
    """Rows of a package CSV as dicts of text; codes keep their leading zeros because nothing is
    converted.
    """
    text = (files(__package__) / "data" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def is_true(text: str) -> bool:
    """The tables write booleans as 'true' and 'false'."""
    return text == "true"


@lru_cache(maxsize=1)
def _catalogue() -> dict[str, Any]:
    text = (files(__package__) / "data" / "tables.json").read_text(encoding="utf-8")
    catalogue: dict[str, Any] = json.loads(text)
    return catalogue


@lru_cache(maxsize=1)
def tables() -> tuple[TableInfo, ...]:
    """Every shipped table with edition, source, status and doubts, in catalogue order."""
    return tuple(TableInfo(**row) for row in _catalogue()["tables"])


def table(file: str) -> TableInfo:
    """What is known about one table; `NotFound` for a file that is not shipped."""
    for info in tables():
        if info.file == file:
            return info
    raise NotFound("没有这张标准表", where=file, remedy="可用的表见“标准表目录”")


@lru_cache(maxsize=1)
def pending() -> tuple[Pending, ...]:
    """Everything 待确认, for the interface: whole tables first, then single rows and missing sources."""
    whole = [
        Pending(item=f"整表：{t.title}", reason=t.doubt, confirm_by="统计人员", table=t.file) for t in tables() if t.status == UNCONFIRMED
    ]
    single = [Pending(**row) for row in _catalogue()["pending"]]
    return tuple(whole + single)
