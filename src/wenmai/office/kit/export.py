"""Large tables to .xlsx, written row by row: a list of 50,000 enterprises must come within a request's time.

The annexes of documents use base.documents.workbook, which measures and wraps every cell; that costs too much here.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter

from wenmai.base.documents.text import legal

MAX_CELL = 32767
SAFE_DIGITS = 15
_OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}


def write_workbook(
    path: Path, title: str, note: str, heads: Sequence[str], rows: Iterable[Sequence[Any]], sheet: str, widths: Sequence[int],
    tell: Callable[[int], None] | None = None,
) -> int:  # fmt: skip
    """Title, note, header and rows into `path`; returns the number of rows. Text stays text (codes keep their digits,
    nothing becomes a formula), int, float and Decimal up to 15 digits become numbers, dates are written as 2024-12-31.
    `tell(rows so far)` is called every 500 rows and may raise to stop."""
    with tempfile.TemporaryDirectory() as folder:
        book = xlsxwriter.Workbook(str(path), _OPTIONS | {"tmpdir": folder})
        page = book.add_worksheet(sheet)
        bold = book.add_format({"bold": True})
        head = book.add_format({"bold": True, "bottom": 1})
        for column, width in enumerate(widths):
            page.set_column(column, column, width)
        page.write_string(0, 0, title, bold)
        page.write_string(1, 0, note)
        for column, text in enumerate(heads):
            page.write_string(2, column, text, head)
        count = 0
        for count, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                _cell(page, count + 2, column, value)
            if tell and count % 500 == 0:
                tell(count)
        page.freeze_panes(3, 1)
        page.autofilter(2, 0, max(count + 2, 3), len(heads) - 1)
        page.set_landscape()
        page.set_paper(9)
        page.repeat_rows(2)
        page.fit_to_pages(1, 0)
        book.close()
    return count


def workbook(title: str, note: str, heads: Sequence[str], rows: Iterable[Sequence[Any]], sheet: str, widths: Sequence[int]) -> bytes:
    """The same as bytes, for a list that comes within a request's time."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.xlsx"
        write_workbook(path, title, note, heads, rows, sheet, widths)
        return path.read_bytes()


def _cell(page: Any, row: int, column: int, value: Any) -> None:
    if value is None or value == "":
        return
    if isinstance(value, bool):
        page.write_string(row, column, "是" if value else "否")
    elif isinstance(value, (int, float, Decimal)):
        number = Decimal(str(value))
        if number.is_finite() and len(number.as_tuple().digits) <= SAFE_DIGITS:
            page.write_number(row, column, float(number))
        else:
            page.write_string(row, column, str(value))
    elif isinstance(value, (dt.date, dt.datetime)):
        page.write_string(row, column, value.isoformat()[:10])
    else:
        page.write_string(row, column, legal(str(value))[:MAX_CELL])
