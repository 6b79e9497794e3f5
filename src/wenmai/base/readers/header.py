"""Find the head of a table under title rows, join merged heads, split units off the titles."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from .model import Column

SCAN_ROWS = 40

_UNIT = (
    r"(?:亿|万|千|百万|千万|百)?(?:人民币|美|港|欧|日)?元(?:人民币)?|[万千]?(?:人次|人|户|家|个|件|台|吨|次|天|年|平方米|亩)"
    r"|万|㎡|m2|平方公里|公里|%|‰|％"
)
_UNIT_BRACKET = re.compile(rf"[(\[](?:计量)?(?:单位[::]?)?({_UNIT})[)\]]")
_UNIT_TAIL = re.compile(r"(?:[,,/:_-](?:单位:?)?((?:亿|万|千)?元)|([%‰]))$")
_TABLE_UNIT = re.compile(rf"(?:金额|计量|货币)?单位[::]?({_UNIT})(?:$|[^\w])")
_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^】]*】")
_DATE_LIKE = re.compile(r"^(?:19|20)\d{2}(?:[-/.年]\d{1,2}|\d{4}$)")
_NUMBER_LIKE = re.compile(r"^[-+]?[\d,]*\.?\d+(?:[eE][-+]?\d+)?%?$")
_YEAR_LIKE = re.compile(r"^(?:19|20)\d{2}年?$")
_CODE_LIKE = re.compile(r"^(?=.*\d)[0-9A-Z]{15,18}$")
_COMPANY_LIKE = re.compile(r"[一-鿿]{4,}(?:公司|分公司|厂|合作社|经营部|事务所)$")
_MONEY_LIKE = re.compile(r"^\d[\d,.]*\(?万")


@dataclass(frozen=True)
class Head:
    """Where the head stands (0-based first and last record) and the columns it names."""

    first: int
    last: int
    columns: list[Column]
    preamble: list[str]
    unit: str | None


def clean_title(title: str) -> tuple[str, str | None]:
    """A column title without spaces, line breaks, marks and unit; and the unit (万元, %, ...) or None.

    '注册资本（万元）' -> ('注册资本', '万元'); '地      区' -> ('地区', None).
    """
    text = re.sub(r"[\s​﻿]+", "", unicodedata.normalize("NFKC", title))
    text = text.strip("*#:;,.、。★☆※·")
    unit = None
    if found := _UNIT_BRACKET.search(text):
        unit, text = found.group(1), text[: found.start()] + text[found.end() :]
    elif (tail := _UNIT_TAIL.search(text)) and tail.start() > 0:
        unit, text = tail.group(1) or tail.group(2), text[: tail.start()]
    return text.strip("*:"), unit


def without_brackets(clean: str) -> str:
    """The cleaned title without bracketed remarks: '行业[名录(2017年版)]' -> '行业'."""
    previous = None
    while previous != clean:
        previous, clean = clean, _BRACKETED.sub("", clean)
    return clean


def is_label(cell: str) -> bool:
    """Whether a cell could be a column title: short, and no date, number, code, amount or firm's name."""
    text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", cell))
    if not text or len(text) > 60:
        return False
    if _YEAR_LIKE.match(text):
        return True
    patterns = (_DATE_LIKE, _NUMBER_LIKE, _CODE_LIKE, _COMPANY_LIKE, _MONEY_LIKE)
    return not any(pattern.search(text) for pattern in patterns)


def find_head(rows: Sequence[Sequence[str]], known: Callable[[str], bool]) -> Head | None:
    """The head among the first records, or None when no row can be one.

    `known(clean title)` says whether a title is a known alias. A row with the most known titles wins;
    without any, the first row that is as wide as the table and made of labels. A second row that fills
    the gaps under (or above) the chosen one is joined to it (merged heads).
    """
    scan = [[cell.strip() for cell in row] for row in rows[:SCAN_ROWS]]
    best = _by_aliases(scan, known)
    if best is None:
        best = _by_shape(scan)
    if best is None:
        return None
    first = last = best
    while last + 1 < len(scan) and last - first < 2 and _completes(scan[last], scan[last + 1]):
        last += 1
    while first > 0 and last - first < 2 and _completes(scan[first - 1], scan[first]):
        first -= 1
    preamble = [" ".join(cell for cell in row if cell) for row in scan[:first] if any(row)]
    columns = _columns(scan[first : last + 1], known)
    return Head(first, last, columns, preamble, _table_unit(preamble))


def _by_aliases(scan: list[list[str]], known: Callable[[str], bool]) -> int | None:
    best, most = None, 0
    for index, row in enumerate(scan):
        hits = sum(1 for cell in row if cell and len(cell) <= 60 and _is_known(cell, known))
        filled = sum(1 for cell in row if cell)
        labels = sum(1 for cell in row if is_label(cell))
        if hits > most and (hits >= 2 or filled <= 3 or labels == filled) and labels * 2 >= filled:
            best, most = index, hits
    return best


def _is_known(cell: str, known: Callable[[str], bool]) -> bool:
    clean = clean_title(cell)[0]
    return known(clean) or known(without_brackets(clean))


def _by_shape(scan: list[list[str]]) -> int | None:
    widths = [sum(1 for cell in row if cell) for row in scan]
    if not any(widths):
        return None
    usual = sorted(width for width in widths if width)[len([w for w in widths if w]) // 2]
    for index, row in enumerate(scan):
        labels = sum(1 for cell in row if is_label(cell))
        if widths[index] * 2 < usual or labels == 0:
            continue
        below = any(widths[index + 1 :])
        return index if below and labels * 10 >= widths[index] * 9 and _distinct(row) else None
    return None


def _distinct(row: list[str]) -> bool:
    filled = [cell for cell in row if cell]
    return len(set(filled)) * 2 > len(filled)


def _completes(upper: list[str], lower: list[str]) -> bool:
    """Whether `lower` is the second row of a merged head: labels only, filling gaps, empty under others."""
    width = max(len(upper), len(lower))
    up = upper + [""] * (width - len(upper))
    low = lower + [""] * (width - len(lower))
    filled = [cell for cell in low if cell]
    if len(filled) < 2 or not all(is_label(cell) and len(cell) <= 20 for cell in filled):
        return False
    gaps = sum(1 for a, b in zip(up, low, strict=True) if b and not a)
    covered = sum(1 for a, b in zip(up, low, strict=True) if a and not b)
    labelled = [cell for cell in up if cell]
    return gaps >= 1 and covered >= 1 and len(labelled) >= 2 and all(is_label(cell) for cell in labelled)


def _columns(head: list[list[str]], known: Callable[[str], bool]) -> list[Column]:
    width = max(len(row) for row in head)
    grid = [row + [""] * (width - len(row)) for row in head]
    for upper, lower in pairwise(grid):
        for at in range(1, width):  # a merged cell keeps its text in its first column only
            if not upper[at] and lower[at] and lower[at - 1]:
                upper[at] = upper[at - 1]
    columns = []
    for at in range(width):
        parts = [row[at] for row in grid if row[at]]
        parts = [part for index, part in enumerate(parts) if index == 0 or part != parts[index - 1]]
        cleaned = [clean_title(part) for part in parts]
        unit = next((u for _, u in reversed(cleaned) if u), None)
        clean = "".join(text for text, _ in cleaned)
        if len(cleaned) > 1 and known(cleaned[-1][0]):
            clean = cleaned[-1][0]
        columns.append(Column(at, "／".join(parts), clean, unit))
    return _undo_ambiguous(columns, grid)


def _undo_ambiguous(columns: list[Column], grid: list[list[str]]) -> list[Column]:
    """Two merged columns with the same last line keep their upper line too (2019年收入, 2020年收入)."""
    if len(grid) == 1:
        return columns
    count: dict[str, int] = {}
    for column in columns:
        count[column.clean] = count.get(column.clean, 0) + 1
    return [
        Column(c.position, c.title, "".join(clean_title(p)[0] for p in c.title.split("／")), c.unit)
        if c.clean and count[c.clean] > 1
        else c
        for c in columns
    ]


def _table_unit(preamble: list[str]) -> str | None:
    for line in preamble:
        text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", line))
        if found := _TABLE_UNIT.search(text):
            return found.group(1)
    return None
