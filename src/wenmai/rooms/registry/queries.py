"""Reads of the registry for pages: the enterprise list, one enterprise with its provenance, a batch's preview."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from django.core.cache import cache
from django.db.models import Q
from django.urls import reverse

from wenmai.base.values import WenmaiError
from wenmai.office.kit.lists import Column, Filter
from wenmai.office.people.rows import RowScope, keys_of, row_scope
from wenmai.rooms.registry import initials, storage
from wenmai.rooms.registry.choices import FIELD_LABELS, VALUE_FIELDS, BatchKind, Outcome
from wenmai.rooms.registry.models import Batch, Enterprise, EnterpriseName, Register

MAX_OPTIONS = 200
MAX_COMBINATIONS = 50_000
_CHOICES = ("unit_type", "status", "street", "park")
UNKNOWN = "未载"


@dataclass(frozen=True)
class Extension:
    """What a higher room adds to the enterprise pages: filters and columns of the list, a panel on the page."""

    filters: Sequence[Filter]
    columns: Sequence[Column]
    related: Sequence[str]
    panel: Callable[[Enterprise, Any], dict[str, Any]]
    template: str


extensions: list[Extension] = []


def extend(extension: Extension) -> None:
    """Add once (a room's room.py may be imported again)."""
    if extension not in extensions:
        extensions.append(extension)


def version() -> int:
    """The register's version; caches of counts and options hang on it."""
    return Register.objects.filter(pk=1).values_list("version", flat=True).first() or 0


def total() -> int:
    """Enterprises that stand in the register; counted once per version."""
    count = cache.get_or_set(f"registry.total.{version()}", Enterprise.objects.filter(current=True).count, 600)
    return int(count or 0)


def _values_in_use(user: Any = None) -> dict[str, list[str]]:
    """The values of the fields that are filters, read in one pass: at a million rows four passes take four seconds."""
    standing = within(Enterprise.objects.filter(current=True).order_by(), user)
    together = list(standing.values_list(*_CHOICES).distinct()[: MAX_COMBINATIONS + 1])
    if len(together) > MAX_COMBINATIONS:
        return {f: sorted(v for v in standing.values_list(f, flat=True).distinct()[: 10 * MAX_OPTIONS] if v)[:MAX_OPTIONS] for f in _CHOICES}
    return {f: sorted({row[at] for row in together if row[at]})[:MAX_OPTIONS] for at, f in enumerate(_CHOICES)}


def _options(user: Any = None) -> Callable[[str], Callable[[], list[tuple[str, str]]]]:
    """Options by field for the filters of one page; the register's version is asked once for all of them."""
    known: dict[str, list[str]] = {}

    def field_options(field: str) -> Callable[[], list[tuple[str, str]]]:
        def read() -> list[tuple[str, str]]:
            if not known:
                if row_scope(user).everything:
                    known.update(cache.get_or_set(f"registry.options.{version()}", _values_in_use, 600) or {})
                else:  # another street's parks are no option, not even by name
                    known.update(_values_in_use(user))
            return [*[(v, v) for v in known.get(field, [])], (UNKNOWN, UNKNOWN)]

        return read

    return field_options


def _equals(field: str) -> Callable[[Any, str], Any]:
    return lambda query, value: query.filter(**{f"{field}__isnull": True} if value == UNKNOWN else {field: value})


def search(query: Any, text: str) -> Any:
    """Every word (split at spaces) must occur in name, code, number, former or other names, scope, or initials."""
    for word in text.split()[:5]:
        named = EnterpriseName.objects.filter(name__icontains=word).values("enterprise_id")
        found = Q(name__icontains=word) | Q(former_names__icontains=word) | Q(scope__icontains=word) | Q(pk__in=named)
        if word.isascii():  # a code or number holds no Chinese; comparing a million of them for nothing takes time
            found |= Q(credit_code__istartswith=word) | Q(reg_no__startswith=word)
        spelled = initials.matching(word)
        query = query.filter(found if spelled is None else found | Q(pk__in=spelled))
    return query


def _year(query: Any, text: str) -> Any:
    if text == UNKNOWN:
        return query.filter(registered_on=None)
    if len(text) == 4 and text.isascii() and text.isdigit() and int(text) > 0:
        return query.filter(registered_on__year=int(text))
    return query.none()


def _batch(query: Any, text: str) -> Any:
    known = text.isascii() and text.isdigit() and len(text) < 10
    return query.filter(changed_batch_id=int(text)) if known else query.none()


def filters(user: Any = None) -> list[Filter]:
    """The list's filters, those of higher rooms after the search."""
    options = _options(user)
    own = [
        Filter("unit", "单位类型", _equals("unit_type"), options("unit_type")),
        Filter("status", "登记状态", _equals("status"), options("status")),
        Filter("street", "街道（镇）", _equals("street"), options("street")),
        Filter("park", "园区", _equals("park"), options("park")),
        Filter("year", "登记年份", _year, placeholder="如 2019"),
        Filter("batch", "更新批次", _batch, placeholder="批次号"),
    ]
    more = [f for e in extensions for f in e.filters]
    return [Filter("q", "搜索", search, placeholder="名称、代码、首字母、经营范围"), *more, *own]


def columns() -> list[Column]:
    """The list's columns; the export has some more."""
    own = [
        Column("名称", lambda e: e.name, "name", link=lambda e: reverse("registry:enterprise", args=[e.key])),
        Column("统一社会信用代码", lambda e: e.credit_code, "credit_code"),
    ]
    rest = [
        Column("单位类型", lambda e: e.unit_type, "unit_type"),
        Column("登记状态", lambda e: e.status, "status"),
        Column("街道（镇）", lambda e: e.street, "street"),
        Column("登记日期", lambda e: e.registered_on, "registered_on", numeric=True),
        Column("经营范围", lambda e: e.scope, wide=True),
        Column("园区", lambda e: e.park, only_export=True),
        Column("行业代码", lambda e: e.industry_code, only_export=True),
        Column("登记地址", lambda e: e.address, only_export=True),
        Column("曾用名", lambda e: e.former_names, only_export=True),
        Column("来源批次", lambda e: e.batch_id, only_export=True, numeric=True),
        Column("来源行", lambda e: e.row, only_export=True, numeric=True),
    ]
    return [*own, *[c for e in extensions for c in e.columns], *rest]


# What a higher room knows of a park's tenants beyond the register's own column: park name → keys.
tenancies: list[Callable[[str], Any]] = []


def resolve(scope: RowScope) -> Any:
    """The enterprise keys of a street or a park, as a subquery (office.people.rows asks)."""
    standing = Enterprise.objects.filter(current=True)
    if scope.street is not None:
        return standing.filter(street=scope.street).values("key")
    found = Q(park=scope.park)
    for tenants in tenancies:
        found |= Q(key__in=tenants(str(scope.park)))
    return standing.filter(found).values("key")


def within(query: Any, user: Any, path: str = "", what: str = "名录") -> Any:
    """Rows of a query that this person may see; `path` leads from a row to its enterprise."""
    scope = row_scope(user, what)
    if scope.everything:
        return query
    prefix = f"{path}__" if path else ""
    if scope.street is not None:
        return query.filter(**{f"{prefix}street": scope.street})
    return query.filter(**{f"{prefix}key__in": keys_of(scope)})


def sees_all(user: Any) -> tuple[bool, str]:
    """Whether the rows of a whole file may be opened: a file holds what belongs to every street."""
    scope = row_scope(user)
    return scope.everything, "办内" if scope.everything else f"导入批次含全区记录，本单位{scope.words}"


def total_for(user: Any) -> int:
    """As `total`, for the rows of this person."""
    return total() if row_scope(user).everything else within(Enterprise.objects.filter(current=True), user).count()


def enterprises(user: Any = None) -> Any:
    """Standing enterprises that this person may see, with what the list shows, and no more."""
    query = within(Enterprise.objects.filter(current=True), user)
    related = [r for e in extensions for r in e.related]
    return query.select_related(*related) if related else query


def batch_provenance(ids: set[int]) -> dict[int, Batch]:
    return Batch.objects.in_bulk(sorted(ids))


def sheet_name(batch: Batch | None, number: int) -> str:
    """The sheet's own name, as the file had it."""
    for sheet in batch.columns.get("sheets", []) if batch else []:
        if sheet["number"] == number:
            return str(sheet["sheet"])
    return f"第 {number + 1} 张表"


def values_of(enterprise: Enterprise) -> tuple[list[dict[str, Any]], list[Batch]]:
    """Every field with its value and the batch, sheet and row it is from; and the batches, oldest first."""
    overrides = json.loads(enterprise.overrides or "{}")
    places: dict[str, tuple[int, int, int]] = {}
    for field in VALUE_FIELDS:
        place = overrides.get(field)
        numbers = [int(n) for n in place.split(":")] if place else [enterprise.batch_id, enterprise.sheet, enterprise.row]
        places[field] = (numbers[0], numbers[1], numbers[2])
    found = batch_provenance({p[0] for p in places.values()})
    lines = []
    for field in VALUE_FIELDS:
        batch_id, sheet, row = places[field]
        value = getattr(enterprise, field)
        batch = found.get(batch_id)
        lines.append({
            "field": field, "label": FIELD_LABELS[field], "value": value, "batch": batch, "row": row,
            "sheet": sheet_name(batch, sheet), "undo": bool(batch and batch.kind == BatchKind.UNDO),
            "changed": field in overrides, "known": value not in (None, ""),
        })  # fmt: skip
    return lines, [found[k] for k in sorted(found)]


def branches(enterprise: Enterprise, limit: int = 200, user: Any = None) -> Any:
    """The enterprise's branches that stand in the register and this person may see, by name; at most `limit`. Ask `.branches` for their count."""
    return within(enterprise.branches.filter(current=True), user).order_by("name", "pk")[:limit]


def raw_row(enterprise: Enterprise) -> list[tuple[str, str]]:
    """The row as the file had it, title by title; empty when the batch's file rows are not kept here."""
    try:
        frame = storage.scan(enterprise.batch_id, f"raw-{enterprise.sheet}").filter(pl.col("row") == enterprise.row).collect()
    except WenmaiError:
        return []
    if frame.is_empty():
        return []
    row = frame.drop("note_row", strict=False).row(0, named=True)
    return [(title, "" if value is None else str(value)) for title, value in row.items()]


def mapping_lines(batch: Batch) -> list[dict[str, Any]]:
    """Per sheet: which of the file's columns serves which field, which serve none."""
    sheets = []
    for sheet in batch.columns.get("sheets", []):
        fields = [{"label": _label(field), "titles": "、".join(t or "（无名列）" for t in titles)} for field, titles in sheet["fields"].items()]
        sheets.append({**sheet, "fields": fields, "unmapped": [t or "（无名列）" for t in sheet["unmapped"]]})
    return sheets


def _label(field: str) -> str:
    return {"capital": "注册资本", "industry": "行业"}.get(field, FIELD_LABELS.get(field, field))


def preview(batch: Batch, limit: int = 20) -> tuple[list[str], list[list[Any]]]:
    """The first rows as they will be understood: heads and cells of the fields that have any value."""
    if not storage.exists(batch.pk, "staged"):
        return [], []
    frame = storage.scan(batch.pk, "staged").head(limit).collect()
    used = [f for f in VALUE_FIELDS if frame[f].is_not_null().any()]
    heads = ["行", *[FIELD_LABELS[f] for f in used], "退回原因"]
    return heads, [list(r) for r in frame.select("row", *used, "fatal").iter_rows()]


def problems(batch: Batch, limit: int = 100) -> list[dict[str, Any]]:
    """What the reader noticed, the fatal ones first."""
    if not storage.exists(batch.pk, "problems"):
        return []
    frame = storage.scan(batch.pk, "problems").sort("fatal", descending=True, maintain_order=True).head(limit)
    return frame.collect().to_dicts()


def problem_kinds(batch: Batch) -> list[dict[str, Any]]:
    """Problems by reason and column, the most frequent first."""
    if not storage.exists(batch.pk, "problems"):
        return []
    grouped = storage.scan(batch.pk, "problems").group_by("column", "reason", "fatal").agg(
        pl.len().alias("count"), pl.col("row").min().alias("first"), pl.col("value").drop_nulls().first().alias("example")
    )  # fmt: skip
    return grouped.sort(["fatal", "count", "first"], descending=[True, True, False]).head(60).collect().to_dicts()


def outcome_rows(batch: Batch, outcome: str, offset: int, limit: int | None) -> tuple[int, list[dict[str, Any]]]:
    """(count, rows) of a published batch with this outcome, each with its name as staged and where it went."""
    if not storage.exists(batch.pk, "outcomes"):
        return 0, []
    found = storage.scan(batch.pk, "outcomes").filter(pl.col("outcome") == outcome)
    count = int(found.select(pl.len()).collect().item())
    part = found.sort("seq").slice(offset, limit)
    names = storage.scan(batch.pk, "staged").select("seq", "name", "credit_code")
    frame = part.join(names, on="seq", how="left", maintain_order="left").collect()
    lines = frame.to_dicts()
    for line in lines:
        line["sheet_name"] = sheet_name(batch, line["sheet"])
    return count, lines


def counts(batch: Batch) -> list[tuple[str, str, int]]:
    """(outcome value, label, rows) in the fixed order; rows sent back because they are no data (合计行, 说明行) apart from
    those with a fault."""
    lines = [(o.value, o.label, int(batch.counts.get(o.value, 0))) for o in Outcome]
    not_data: dict[str, int] = batch.columns.get("not_data", {})
    if not not_data:
        return lines
    other = sum(not_data.values())
    parts = "、".join(f"{kind} {count}" for kind, count in not_data.items())
    rejected = Outcome.REJECTED
    split = [(rejected.value, f"{rejected.label}（有误）", lines[-1][2] - other), (rejected.value, f"{rejected.label}（非数据行：{parts}）", other)]
    return [*lines[:-1], *split]


def undo_preview(batch: Batch) -> dict[str, int]:
    """How many enterprises an undo would take out and how many values it would set back."""
    created = storage.scan(batch.pk, "created").select(pl.len()).collect().item() if storage.exists(batch.pk, "created") else 0
    changes = storage.scan(batch.pk, "changes").select(pl.len()).collect().item() if storage.exists(batch.pk, "changes") else 0
    return {"created": int(created), "changes": int(changes)}
