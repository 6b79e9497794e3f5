"""The sender's own total rows against the sums of the rows they stand for: a check of the transfer."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

import polars as pl

from .columns import known
from .model import TOTAL_ROW, Mapping, Sheet

_PLAIN = r"^[-+]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?$"
_SUBTOTAL = re.compile(r"小\s*计")
#: Fields whose cells are numbers in form only: adding codes or dates up says nothing.
_NO_SUMS = ("credit_code", "reg_no", "industry_code", "registered_on", "district", "name")
_SERIAL = re.compile(r"序号|编号|代码|电话|邮编|年份|^no\.?$", re.IGNORECASE)
_RATE = re.compile(r"[%‰％]|率|占比|比重|增速")


def check_totals(sheet: Sheet, mapping: Mapping) -> list[dict[str, Any]]:
    """One line for each number in a total row: its row, column, the number stated, the sum of the rows it stands for
    (how many, how many of them with a number, how many unreadable), the difference, and whether they agree.

    合计, 总计 and the like stand for the rows above, for those since the last total row, or (when they stand first or
    last) for all rows; 小计 for the rows since the last total row. The span whose sum agrees is taken, else the first
    that applies. They agree when the difference is below half a unit of the last digit stated. Rates, codes, dates
    and serial numbers are not added up, nor are columns in which less than half of the filled cells are plain numbers.
    """
    rows = sheet.notes.filter(pl.col("kind") == TOTAL_ROW)["row"].to_list()
    if not rows:
        return []
    codes = {at for field in _NO_SUMS for at in mapping.fields.get(field, [])}
    lines: list[dict[str, Any]] = []
    for column in sheet.columns:
        if column.position in codes or column.unit in ("%", "‰", "％"):
            continue
        if _SERIAL.search(column.clean) or _RATE.search(column.clean) or f"c{column.position}" not in sheet.frame.columns:
            continue
        lines += _column(sheet, column.position, column.title, rows)
    return sorted(lines, key=lambda line: int(line["row"]))


def _column(sheet: Sheet, at: int, title: str, totals: list[int]) -> list[dict[str, Any]]:
    cells = sheet.frame.select("row", "note_row", known(pl.col(f"c{at}")).alias("text"))
    said = cells.filter(pl.col("row").is_in(totals)).select("row", "text").iter_rows()
    stated = {row: value for row, text in said if (value := _number(text)) is not None}
    if not stated:
        return []
    data = cells.filter(~pl.col("note_row")).select(
        "row", pl.col("text").is_not_null().alias("filled"),
        pl.when(pl.col("text").str.contains(_PLAIN)).then(pl.col("text").str.replace_all(",", "")).alias("number"),
    )  # fmt: skip
    if data["number"].count() * 2 < data["filled"].sum() or not data["number"].count():
        return []
    words = dict(sheet.frame.filter(pl.col("row").is_in(totals)).select("row", pl.coalesce(_words(sheet.frame))).iter_rows())
    return [{"column": title, **_compare(data, row, value, words.get(row) or "", totals)} for row, value in stated.items()]


def _words(frame: pl.DataFrame) -> list[pl.Expr]:
    """The first three columns without serial numbers: where the word for the total stands."""
    cells = [pl.col(c) for c in ("c0", "c1", "c2") if c in frame.columns]
    return [pl.when(~cell.str.contains(r"^\s*[0-9]{1,7}\s*$")).then(cell) for cell in cells]


def _number(text: str | None) -> Decimal | None:
    if text is None or not re.match(_PLAIN, text, re.ASCII):
        return None
    try:
        return Decimal(text.replace(",", ""))
    except InvalidOperation:
        return None


def _compare(data: pl.DataFrame, row: int, stated: Decimal, word: str, totals: list[int]) -> dict[str, Any]:
    above, below = data.filter(pl.col("row") < row), data.filter(pl.col("row") > row)
    last = max((t for t in totals if t < row), default=0)
    spans = [] if _SUBTOTAL.search(word) else [data] if above.is_empty() or below.is_empty() else [above]
    spans += [data.filter((pl.col("row") > last) & (pl.col("row") < row)), above]
    unit = Decimal(1).scaleb(int(stated.as_tuple().exponent))
    found = []
    for span in spans:
        if span.is_empty():
            continue
        summed = sum((Decimal(n) for n in span["number"].drop_nulls()), Decimal(0))
        found.append((span, summed, abs(stated - summed) * 2 < unit))
    span, summed, agrees = next((f for f in found if f[2]), found[0] if found else (data.clear(), Decimal(0), stated == 0))
    filled, readable = int(span["filled"].sum()), span["number"].count()
    return {
        "row": row, "word": re.sub(r"\s+", "", word), "rows": span.height, "with_value": filled, "readable": readable,
        "unreadable": filled - readable, "stated": stated, "summed": summed, "difference": stated - summed, "agrees": agrees,
    }  # fmt: skip
