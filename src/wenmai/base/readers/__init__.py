"""Whatever file the office has -> clean rows, losing nothing.

aliases = load_aliases()
for sheet in read_sheets(Path("名录.xlsx")):
    mapping = map_columns(sheet, aliases)
    result = normalise(sheet, mapping)      # result.frame, result.problems
    sums = reconcile(sheet, mapping, result)
    totals = check_totals(sheet, mapping)    # the sender's total rows against their parts
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .aliases import Aliases, load_aliases, map_columns
from .book import read_book
from .guard import kind_of
from .model import CANONICAL_SCHEMA, NOT_DATA, PROBLEM_SCHEMA, Column, Limits, Mapping, Normalised, Sheet
from .normalise import normalise
from .reconcile import reconcile
from .text import read_text
from .totals import check_totals


def read_sheets(
    path: Path | str, limits: Limits | None = None, aliases: Aliases | None = None
) -> list[Sheet]:
    """Every table of the file: .csv .tsv .txt .json(l) .xlsx .xlsm .xls; see docs/methods/readers.md.

    `aliases` helps to find the head and the column of names (an office's own column names). Errors: InputError, one Chinese
    line naming the file and the remedy, for anything that cannot be read as a table.
    """
    path, limits = Path(path), limits or Limits()
    table = aliases or load_aliases()
    with _no_cycle_search():
        if kind_of(path, limits) == "book":
            return read_book(path, table.known, limits, table.is_name)
        return [read_text(path, table.known, limits, table.is_name)]


@contextmanager
def _no_cycle_search() -> Iterator[None]:
    """Records are plain lists without cycles; searching millions of them costs a quarter of the reading."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


__all__ = [
    "CANONICAL_SCHEMA",
    "NOT_DATA",
    "PROBLEM_SCHEMA",
    "Aliases",
    "Column",
    "Limits",
    "Mapping",
    "Normalised",
    "Sheet",
    "check_totals",
    "load_aliases",
    "map_columns",
    "normalise",
    "read_sheets",
    "reconcile",
]
