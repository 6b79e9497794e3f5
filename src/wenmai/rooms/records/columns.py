"""Columns and filters that several ledgers share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import Q
from django.urls import reverse

from wenmai.office.kit.lists import Column, Filter, Options
from wenmai.office.people.models import INSIDE, Organisation
from wenmai.rooms.records import texts
from wenmai.rooms.records.models import Park


def to_record(slug: str) -> Callable[[Any], str]:
    return lambda row: reverse("records:record", args=[slug, row.pk])


def plain(title: str, name: str, *, sort: bool = True, **said: Any) -> Column:
    """A field as it is shown; money and dates keep their types for the workbook."""

    def value(row: Any) -> Any:
        if name in texts.FEN:
            found = getattr(row, name)
            return texts.wan(found) if texts.FEN[name] == texts.WAN else texts.money(found, texts.FEN[name])
        if name == "permille":
            return texts.percent(getattr(row, name))
        found = getattr(row, name)
        return found if (isinstance(found, (int, str)) and not isinstance(found, bool)) or found is None else _date_or_text(row, name, found)

    return Column(title, value, sort=name if sort else None, **said)


def _date_or_text(row: Any, name: str, found: Any) -> Any:
    from datetime import date
    from decimal import Decimal

    return found if isinstance(found, (date, Decimal)) else texts.shown(row, name)


def via(title: str, path: str, sort: str | None = None, **said: Any) -> Column:
    """A value over relations: "unit.building.park.name"."""

    def value(row: Any) -> Any:
        for part in path.split("."):
            row = getattr(row, part, None)
            if row is None:
                return None
        return row

    return Column(title, value, sort=sort, **said)


def firm(title: str = "企业", name: str = "name", key: str = "key") -> Column:
    """The enterprise, linked to its page when it is in the register."""

    def link(row: Any) -> str:
        found = getattr(row, key)
        return reverse("registry:enterprise", args=[found]) if found else ""

    return Column(title, lambda row: getattr(row, name) + ("" if getattr(row, key) else "（未识别）"), sort=name, link=link)


def search(*paths: str, placeholder: str = "名称") -> Filter:
    def apply(query: Any, value: str) -> Any:
        found = Q()
        for path in paths:
            found |= Q(**{f"{path}__icontains": value})
        return query.filter(found)

    return Filter("q", "搜索", apply, placeholder=placeholder)


def choice(name: str, label: str, options: Sequence[tuple[str, str]], path: str = "") -> Filter:
    return Filter(name, label, lambda q, v: q.filter(**{path or name: v}), options=lambda: options)


def known_or_not(name: str, label: str, options: Sequence[tuple[str, str]]) -> Filter:
    """A choice with 未知."""

    def apply(query: Any, value: str) -> Any:
        return query.filter(**{f"{name}__isnull": True} if value == "未知" else {name: value})

    return Filter(name, label, apply, options=lambda: [*options, ("未知", "未知")])


def _parks() -> Options:
    return [(p, p) for p in Park.objects.filter(withdrawn_at=None).order_by("code").values_list("name", flat=True)[:300]]


def park_filter(path: str) -> Filter:
    return Filter("park", "园区", lambda q, v: q.filter(**{f"{path}__name": v}), options=_parks)


def _organisations() -> Options:
    # Firms and banks lead no project and answer for no demand; their names are not for every street to see.
    found = Organisation.objects.filter(active=True, kind__in=INSIDE).order_by("kind", "name")
    return [(str(pk), name) for pk, name in found.values_list("pk", "name")[:300]]


def organisation_filter(name: str, label: str) -> Filter:
    return Filter(name, label, lambda q, v: q.filter(**{name: int(v)}), options=_organisations)


GONE = Filter("gone", "记录", lambda q, v: q, options=lambda: [("含撤销", "含已撤销的")])
