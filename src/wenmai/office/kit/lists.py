"""List pages: filters that live in the address, sorting, paging with bounded counts, export to a workbook.

GET parameters come from anywhere and are bounded here: page size ≤ 200, an unknown sort or option is ignored, text is
cut to 100 characters and stripped of control characters, a page that is not a number is page 1.
"""

from __future__ import annotations

import datetime as dt
import math
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import F, QuerySet
from django.http import QueryDict

from wenmai.office.kit.exports import Table

PAGE_SIZE = 50
MAX_PAGE_SIZE = 200
# Beyond this many hits a filtered list is not counted out: the reader narrows it or exports it.
COUNT_CAP = 10_000
EXPORT_LIMIT = 50_000
MAX_TEXT = 100
Options = Sequence[tuple[str, str]]


def bounded_int(text: str | None, default: int, low: int, high: int) -> int:
    """The integer in `text`, held between low and high; `default` when it is none (garbage, other digits, huge)."""
    if not text or len(text) > 9 or not text.isascii() or not text.isdigit():
        return default
    return min(max(int(text), low), high)


def clean_text(text: str | None) -> str:
    """Text from an address: control characters out, ends stripped, at most MAX_TEXT characters."""
    kept = "".join(c for c in (text or "")[: 4 * MAX_TEXT] if unicodedata.category(c) not in ("Cc", "Cs"))
    return kept.strip()[:MAX_TEXT]


@dataclass(frozen=True)
class Filter:
    """One filter: `apply(queryset, value)`; with `options` it is a choice and other values are ignored."""

    name: str
    label: str
    apply: Callable[[Any, str], Any]
    options: Callable[[], Options] | None = None
    placeholder: str = ""
    pattern: str = ""


@dataclass(frozen=True)
class Column:
    """One column: `value(row)` for page and export; `sort` is the database field it sorts by."""

    title: str
    value: Callable[[Any], Any]
    sort: str | None = None
    numeric: bool = False
    link: Callable[[Any], str] | None = None
    wide: bool = False
    wraps: bool = False
    only_export: bool = False


@dataclass
class BoundFilter:
    """A filter with the value it has in this request."""

    name: str
    label: str
    value: str
    options: Options | None
    placeholder: str


@dataclass
class Cell:
    text: str
    numeric: bool
    href: str | None
    wide: bool
    wraps: bool
    title: str = ""


@dataclass
class Line:
    """One row as shown: its object and its cells."""

    object: Any
    cells: list[Cell]


@dataclass
class Head:
    title: str
    numeric: bool
    href: str | None
    state: str  # "", "ascending", "descending"


@dataclass
class ListPage:
    """Everything a list template needs."""

    lines: list[Line]
    heads: list[Head]
    filters: list[BoundFilter]
    total: int
    capped: bool
    page: int
    pages: int
    size: int
    filtered: bool
    ignored: list[str]
    query: str
    links: dict[str, str] = field(default_factory=dict)

    @property
    def first(self) -> int:
        return (self.page - 1) * self.size + 1 if self.lines else 0

    @property
    def last(self) -> int:
        return self.first + len(self.lines) - 1 if self.lines else 0

    @property
    def total_text(self) -> str:
        return f"{self.total:,} 以上" if self.capped else f"{self.total:,}"


def show(value: Any) -> str:
    """A value as a person reads it; unknown is said, never blank."""
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, dt.datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, Decimal):
        return f"{value.normalize():,f}"
    return str(value)


def bind(get: QueryDict, filters: Sequence[Filter]) -> tuple[list[BoundFilter], list[str]]:
    """The filters with their values; and the labels of those whose value is not an option."""
    bound, ignored = [], []
    for item in filters:
        value = clean_text(get.get(item.name))
        options = list(item.options()) if item.options else None
        if value and options is not None and value not in {o[0] for o in options}:
            ignored.append(item.label)
            value = ""
        bound.append(BoundFilter(item.name, item.label, value, options, item.placeholder))
    return bound, ignored


def narrow(queryset: Any, filters: Sequence[Filter], bound: Sequence[BoundFilter]) -> Any:
    """The queryset under the filters that have a value."""
    for item, value in zip(filters, bound, strict=True):
        if value.value:
            queryset = item.apply(queryset, value.value)
    return queryset


def ordered(queryset: Any, sort: str, columns: Sequence[Column]) -> tuple[Any, str]:
    """The queryset in the asked order (primary key last, so pages never overlap) and the order understood."""
    field_name = sort.removeprefix("-")
    if field_name not in {c.sort for c in columns if c.sort}:
        return queryset.order_by("pk"), ""
    expression = F(field_name)
    order = expression.desc(nulls_last=True) if sort.startswith("-") else expression.asc(nulls_last=True)
    return queryset.order_by(order, "pk"), sort


def build(
    get: QueryDict,
    queryset: QuerySet[Any],
    filters: Sequence[Filter],
    columns: Sequence[Column],
    total: Callable[[], int],
) -> ListPage:
    """One page of the list. A filtered list costs one scan of at most COUNT_CAP + 1 keys and one fetch by key;
    an unfiltered one takes its count from `total` (cached by the caller) and a slice of keys."""
    bound, ignored = bind(get, filters)
    filtered = any(b.value for b in bound)
    keys, sort = ordered(narrow(queryset, filters, bound), clean_text(get.get("sort")), columns)
    keys = keys.select_related(None).values_list("pk", flat=True)
    size = bounded_int(get.get("size"), PAGE_SIZE, 10, MAX_PAGE_SIZE)
    asked = bounded_int(get.get("page"), 1, 1, 10**8)
    if filtered:
        found = list(keys[: COUNT_CAP + 1])
        capped, count = len(found) > COUNT_CAP, min(len(found), COUNT_CAP)
        pages = max(1, math.ceil(count / size))
        page = min(asked, pages)
        ids = found[(page - 1) * size : min(page * size, count)]
    else:
        capped, count = False, total()
        pages = max(1, math.ceil(count / size))
        page = min(asked, pages)
        ids = list(keys[(page - 1) * size : page * size])
    objects = {o.pk: o for o in queryset.filter(pk__in=ids)}
    shown = [c for c in columns if not c.only_export]
    lines = [Line(objects[i], [_cell(c, objects[i]) for c in shown]) for i in ids if i in objects]
    params = {b.name: b.value for b in bound if b.value}
    if size != PAGE_SIZE:
        params["size"] = str(size)
    heads = [_head(c, params, sort) for c in shown]
    if sort:
        params["sort"] = sort
    result = ListPage(lines, heads, bound, count, capped, page, pages, size, filtered, ignored, encode(params))
    for name, number in (("first", 1), ("previous", page - 1), ("next", page + 1), ("last", pages)):
        if 1 <= number <= pages and number != page:
            result.links[name] = "?" + encode({**params, "page": str(number)})
    return result


def encode(params: dict[str, str]) -> str:
    """A query string in a stable order."""
    query = QueryDict(mutable=True)
    for name, value in params.items():
        query[name] = value
    return query.urlencode()


def _cell(column: Column, row: Any) -> Cell:
    value = show(column.value(row))
    return Cell(value, column.numeric, column.link(row) if column.link else None, column.wide, column.wraps, value if column.wide else "")


def _head(column: Column, params: dict[str, str], sort: str) -> Head:
    if not column.sort:
        return Head(column.title, column.numeric, None, "")
    state = {column.sort: "ascending", "-" + column.sort: "descending"}.get(sort, "")
    target = "-" + column.sort if state == "ascending" else column.sort
    return Head(column.title, column.numeric, "?" + encode({**params, "sort": target}), state)


def count_up_to(queryset: Any, limit: int) -> int:
    """The number of rows, counted no further than `limit` + 1."""
    return len(queryset.order_by().values_list("pk", flat=True)[: limit + 1])


def export_table(queryset: Any, columns: Sequence[Column], *, sheet: str, title: str, note: str) -> Table:
    """The rows (at most EXPORT_LIMIT) as an export; when rows are left out the note says so."""
    count = count_up_to(queryset, EXPORT_LIMIT)
    if count > EXPORT_LIMIT:
        note += f"；符合条件的超过 {EXPORT_LIMIT:,} 行，本表只含前 {EXPORT_LIMIT:,} 行，请缩小筛选范围分次导出"
    found = queryset[:EXPORT_LIMIT].iterator(chunk_size=5000)
    rows = ([c.value(item) for c in columns] for item in found)
    widths = [60 if c.wide else 32 if c.link else 16 for c in columns]
    return Table(title, note, sheet, [c.title for c in columns], rows, widths, min(count, EXPORT_LIMIT))


def pager(count: int, get: QueryDict, size: int = PAGE_SIZE, keep: dict[str, str] | None = None) -> dict[str, Any]:
    """Page numbers for a list that is sliced elsewhere: page, pages, offset, size, links. `keep` are the parameters
    that the links carry on (filters that are set)."""
    pages = max(1, math.ceil(count / size))
    page = min(bounded_int(get.get("page"), 1, 1, 10**8), pages)
    links = {}
    for name, number in (("first", 1), ("previous", page - 1), ("next", page + 1), ("last", pages)):
        if 1 <= number <= pages and number != page:
            links[name] = "?" + encode({**{k: v for k, v in (keep or {}).items() if v}, "page": str(number)})
    return {"page": page, "pages": pages, "offset": (page - 1) * size, "size": size, "links": links, "total": count}
