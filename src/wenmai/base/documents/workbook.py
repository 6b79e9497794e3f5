"""附表 workbooks: codes stay text, numbers stay numbers, nothing is a formula, set to print on A4."""

from __future__ import annotations

import datetime as dt
import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from wenmai.base.documents.package import normalised, write_atomic
from wenmai.base.documents.text import display_width, legal
from wenmai.base.values.errors import InputError

_FIXED_MOMENT = dt.datetime(2000, 1, 1)
_SHEET_NAME = re.compile(r"^(?!')[^\[\]:*?/\\]{1,31}(?<!')$")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_MAX_TEXT = 32767
_MAX_ROWS, _MAX_COLUMNS = 1_048_576, 16_384
# A spreadsheet keeps 15 significant digits; a longer number is written as text rather than changed.
_SAFE_DIGITS = 15
_MIN_WIDTH, _MAX_WIDTH = 8.0, 48.0
_WIDTH_SAMPLE = 2000


@dataclass(frozen=True)
class SheetSpec:
    """One sheet: `title`, below it `note` (scope, source, date), then the header `columns` and the `rows`.

    Cells: str stays text, int/float/Decimal become numbers, date and datetime dates, bool 是/否, None empty.
    """

    name: str
    title: str | None
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]
    note: str | None = None


def write_workbook(
    path: str | Path, sheets: Sequence[SheetSpec], *, moment: dt.datetime | None = None
) -> None:
    """Write the sheets atomically to `path`; `moment` is the date in the file's properties (never the clock).

    Raises InputError on an unusable sheet name, ragged rows, a number that is not finite, too long a text.
    """
    write_atomic(Path(path), workbook_bytes(sheets, moment=moment))


def workbook_bytes(sheets: Sequence[SheetSpec], *, moment: dt.datetime | None = None) -> bytes:
    """The .xlsx as bytes; equal sheets give equal bytes."""
    _check(sheets)
    buffer = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
    workbook = xlsxwriter.Workbook(buffer, options)
    workbook.set_properties({"author": "文脉", "created": moment or _FIXED_MOMENT})
    formats = _formats(workbook)
    for spec in sheets:
        _sheet(workbook.add_worksheet(spec.name), spec, formats)
    workbook.close()
    return normalised(buffer.getvalue())


def _check(sheets: Sequence[SheetSpec]) -> None:
    if not sheets:
        raise InputError("附表没有工作表", remedy="请至少给出一张表")
    seen: set[str] = set()
    for spec in sheets:
        if not _SHEET_NAME.match(spec.name) or spec.name.casefold() in seen:
            raise InputError(
                "工作表名称不能用", where=spec.name, remedy="请用不重复、不超过31个字、不含 []:*?/\\ 的名称"
            )
        seen.add(spec.name.casefold())
        if not spec.columns or len(spec.columns) > _MAX_COLUMNS or len(spec.rows) > _MAX_ROWS - 3:
            raise InputError("附表没有列，或超出工作表的行列上限", where=spec.name, remedy="请补列或分表")
        for number, row in enumerate(spec.rows, start=1):
            if len(row) != len(spec.columns):
                raise InputError(
                    f"附表第{number}行有{len(row)}格，表头有{len(spec.columns)}列",
                    where=spec.name,
                    remedy="请补齐",
                )


def _formats(workbook: Workbook) -> dict[str, Format]:
    base = {"font_name": "宋体", "font_size": 11, "valign": "vcenter"}
    cell = {**base, "border": 1}
    return {
        "title": workbook.add_format({**base, "font_name": "黑体", "font_size": 16, "align": "center"}),
        "note": workbook.add_format({**base, "font_size": 10, "text_wrap": True}),
        "header": workbook.add_format(
            {**cell, "font_name": "黑体", "align": "center", "text_wrap": True, "bg_color": "#E7EDF5"}
        ),
        "text": workbook.add_format({**cell, "num_format": "@", "text_wrap": True}),
        # The quote prefix keeps "=1+1" a text even after somebody edits the cell.
        "quoted": workbook.add_format({**cell, "num_format": "@", "text_wrap": True, "quote_prefix": True}),
        "whole": workbook.add_format({**cell, "num_format": "#,##0"}),
        "decimal": workbook.add_format({**cell, "num_format": "#,##0.00##"}),
        # A Decimal prints the digits it has: 9.0 beside 24.7 stays 9.0.
        **{f"d{n}": workbook.add_format({**cell, "num_format": "#,##0." + "0" * n}) for n in range(1, 5)},
        "date": workbook.add_format({**cell, "num_format": "yyyy-mm-dd", "align": "center"}),
        "moment": workbook.add_format({**cell, "num_format": "yyyy-mm-dd hh:mm", "align": "center"}),
    }


def _sheet(sheet: Worksheet, spec: SheetSpec, formats: dict[str, Format]) -> None:
    last = len(spec.columns) - 1
    widths = _widths(spec)
    top = 0
    for text, style in ((spec.title, "title"), (spec.note, "note")):
        if not text:
            continue
        content = _text(text, spec.name)
        if last:
            # merge_range would parse the string, so the merge is written blank and the text put in after.
            sheet.merge_range(top, 0, top, last, "", formats[style])
        sheet.write_string(top, 0, content, formats[style])
        sheet.set_row(top, 28 if style == "title" else 15 * _lines(content, sum(widths)))
        top += 1
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
        sheet.write_string(top, column, _text(spec.columns[column], spec.name), formats["header"])
    for index, row in enumerate(spec.rows, start=top + 1):
        for column, value in enumerate(row):
            _cell(sheet, index, column, value, formats, spec.name)
    _print_setup(sheet, top, last, len(spec.rows))


def _print_setup(sheet: Worksheet, header: int, last_column: int, rows: int) -> None:
    sheet.freeze_panes(header + 1, 0)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.set_margins(left=0.6, right=0.6, top=0.75, bottom=0.75)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(header)
    sheet.set_footer("&C第 &P 页 共 &N 页")
    sheet.center_horizontally()
    if rows:
        sheet.autofilter(header, 0, header + rows, last_column)
        sheet.ignore_errors({"number_stored_as_text": f"A1:{_address(header + rows, last_column)}"})


def _cell(
    sheet: Worksheet, row: int, column: int, value: object, formats: dict[str, Format], where: str
) -> None:
    if value is None:
        sheet.write_blank(row, column, None, formats["text"])
    elif isinstance(value, bool):
        sheet.write_string(row, column, "是" if value else "否", formats["text"])
    elif isinstance(value, int | float | Decimal):
        _number(sheet, row, column, value, formats, where)
    elif isinstance(value, dt.date):
        style = "moment" if isinstance(value, dt.datetime) else "date"
        # Spreadsheets have no zones; the local time is what a person expects to read.
        naive = value.replace(tzinfo=None) if isinstance(value, dt.datetime) else value
        sheet.write_datetime(row, column, naive, formats[style])
    else:
        text = _text(str(value), where)
        style = "quoted" if text.startswith(_FORMULA_STARTS) else "text"
        sheet.write_string(row, column, text, formats[style])


def _number(
    sheet: Worksheet,
    row: int,
    column: int,
    value: float | Decimal,
    formats: dict[str, Format],
    where: str,
) -> None:
    if not math.isfinite(value):
        raise InputError("附表中有不是有限数的值", where=where, remedy="缺数请留空")
    if not isinstance(value, float) and len(Decimal(value).normalize().as_tuple().digits) > _SAFE_DIGITS:
        sheet.write_string(row, column, str(value), formats["text"])
        return
    if isinstance(value, Decimal) and -4 <= (exponent := int(value.as_tuple().exponent)) < 0:
        sheet.write_number(row, column, float(value), formats[f"d{-exponent}"])
        return
    whole = isinstance(value, int) or value == value // 1
    sheet.write_number(row, column, float(value), formats["whole" if whole else "decimal"])


def _text(text: str, where: str) -> str:
    clean = legal(text)
    if len(clean) > _MAX_TEXT:
        raise InputError(f"附表中有一格超过{_MAX_TEXT}个字符", where=where, remedy="请缩短或拆分")
    return clean


def _widths(spec: SheetSpec) -> list[float]:
    """Column widths in half-width characters, from the header and the first rows."""
    widths = []
    for column, name in enumerate(spec.columns):
        widest = max(
            [display_width(name), *(_printed_width(row[column]) for row in spec.rows[:_WIDTH_SAMPLE])]
        )
        widths.append(min(max(widest * 2 + 2, _MIN_WIDTH), _MAX_WIDTH))
    return widths


def _printed_width(value: object) -> float:
    if value is None:
        return 0.0
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return display_width(f"{value:,}") + 0.5
    return max((display_width(line) for line in str(value).split("\n")), default=0.0)


def _lines(text: str, width: float) -> int:
    """Lines a wrapped text takes in `width` half-width characters."""
    return sum(max(1, math.ceil(display_width(line) * 2 / max(width - 2, 1))) for line in text.split("\n"))


def _address(row: int, column: int) -> str:
    letters, number = "", column + 1
    while number:
        number, remainder = divmod(number - 1, 26)
        letters = chr(65 + remainder) + letters
    return f"{letters}{row + 1}"
