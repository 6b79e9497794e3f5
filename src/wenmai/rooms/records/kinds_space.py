"""Ledgers of space: parks, buildings, units, leases, recognition, clusters."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.urls import reverse

from wenmai.office.kit.lists import Column, Filter
from wenmai.rooms.records import columns as c
from wenmai.rooms.records import permissions, queries, scope, texts
from wenmai.rooms.records.choices import ClusterKind, ParkLevel, RecognitionState, UnitUse
from wenmai.rooms.records.kinds import Kind
from wenmai.rooms.records.methods.shares import Interval
from wenmai.rooms.records.models import Building, Cluster, Lease, Park, Recognition, RecognitionRule, RentalUnit
from wenmai.rooms.records.rules import spell


def interval_text(found: Interval | None) -> str | None:
    """“71.4%”, or “58.3%—75.0%” while tenants are unknown."""
    if found is None:
        return None
    low, high = texts.percent(found.low), texts.percent(found.high)
    return low if found.exact or low == high else f"{low}—{high}"


def park_page(park: Any) -> str:
    return reverse("records:park", args=[park.code])


def _park_columns(user: Any, day: date) -> Sequence[Column]:
    """The list works its parks out together, once, when the first cell is asked for."""
    kept: dict[int, queries.ParkSummary] = {}
    books: list[queries.Books] = []

    def of(park: Park) -> queries.ParkSummary:
        if not books:
            books.append(queries.Books(scope.by_park("")(Park.objects.all(), scope.scope_of(user)), day))
        if park.pk not in kept:
            kept[park.pk] = books[0].of(park)
        return kept[park.pk]

    return (
        Column("园区", lambda p: p.name, sort="name", link=park_page), c.plain("代码", "code", only_export=True), c.plain("级别", "level"),
        c.plain("街道（镇）", "street"),
        Column("可租（㎡）", lambda p: of(p).occupancy.lettable, numeric=True),
        Column("已租（㎡）", lambda p: of(p).occupancy.let if of(p).occupancy.units else None, numeric=True),
        Column("入驻率", lambda p: texts.percent(of(p).occupancy.rate), numeric=True),
        Column("企业（家）", lambda p: of(p).shares.tenants if of(p).occupancy.units else None, numeric=True),
        Column("文化占比（家数）", lambda p: interval_text(of(p).shares.by_count), numeric=True),
        Column("文化占比（面积）", lambda p: interval_text(of(p).shares.by_area), numeric=True),
        Column("待识别（家）", lambda p: of(p).shares.unknown if of(p).occupancy.units else None, numeric=True),
        Column("下次复核", lambda p: of(p).review),
        Column("运营单位", lambda p: p.operator.name if p.operator else None, only_export=True),
        c.plain("地址", "address", only_export=True), c.plain("开园日期", "opened", only_export=True),
    )  # fmt: skip


def _lease_state(lease: Lease, day: date) -> str:
    one = spell(lease)
    return "未起租" if one.since > day else "在租" if one.on(day) else "已退租" if lease.ended else "已到期"


def _lease_columns(user: Any, day: date) -> Sequence[Column]:
    return (
        c.firm(), c.via("园区", "unit.building.park.name", "unit__building__park__name"), c.via("楼栋", "unit.building.name"),
        c.via("房号", "unit.number", "unit__number"), c.via("面积（㎡）", "unit.area", "unit__area", numeric=True),
        c.plain("起租日", "since"), c.plain("到期日", "until"), c.plain("退租日", "ended"), Column("状态", lambda x: _lease_state(x, day)),
        c.plain("租金（元/㎡·月）", "rent_fen", numeric=True),
    )  # fmt: skip


def _open_on(query: Any, value: str) -> Any:
    """Leases that run on a day, or end within days of it."""
    from datetime import timedelta

    from django.db.models import Q
    from django.utils import timezone

    day = timezone.localdate()
    running = query.filter(since__lte=day).filter(Q(until=None) | Q(until__gte=day)).filter(Q(ended=None) | Q(ended__gte=day))
    return running if value == "在租" else running.filter(until__lte=day + timedelta(days=90))


PARKS = Kind(
    "parks", "园区", Park, ("code", "name", "level", "operator", "street", "address", "area", "lettable", "opened", "note"), _park_columns,
    scope.by_park(""), lambda p: p.name,
    filters=(
        c.search("name", "code"), c.choice("level", "级别", ParkLevel.choices),
        Filter("street", "街道（镇）", lambda q, v: q.filter(street__icontains=v), placeholder="街道"), c.GONE,
    ),
    related=("operator",), order="code", natural=("code",), page=park_page,
    hint="园区名称与名录“所属园区”一列用同一写法；可租面积在登记房源后以房源为准",
)  # fmt: skip


KINDS = (
    PARKS,
    Kind(
        "buildings", "楼栋", Building, ("park", "name", "floors", "area", "note"),
        lambda user, day: (
            Column("楼栋", lambda b: b.name, sort="name", link=c.to_record("buildings")), c.via("园区", "park.name", "park__name"),
            c.plain("层数", "floors", numeric=True), c.plain("建筑面积（㎡）", "area", numeric=True),
        ),
        scope.by_park("park"), lambda b: f"{b.park.name} {b.name}", filters=(c.search("name"), c.park_filter("park"), c.GONE),
        related=("park",), order="name", parents=("park",), natural=("park", "name"), back=lambda b: park_page(b.park),
    ),
    Kind(
        "units", "房源", RentalUnit, ("building", "number", "area", "use", "note"),
        lambda user, day: (
            Column("房号", lambda u: u.number, sort="number", link=c.to_record("units")), c.via("楼栋", "building.name", "building__name"),
            c.via("园区", "building.park.name", "building__park__name"), c.plain("面积（㎡）", "area", numeric=True), c.plain("用途", "use"),
        ),
        scope.by_park("building__park"), lambda u: f"{u.building.park.name} {u.building.name} {u.number}",
        filters=(c.search("number"), c.park_filter("building__park"), c.choice("use", "用途", UnitUse.choices), c.GONE),
        related=("building__park",), order="number", parents=("building",), natural=("building", "number"), back=lambda u: park_page(u.building.park),
    ),
    Kind(
        "leases", "租约", Lease, ("unit", "name", "since", "until", "ended", "rent_fen", "note"), _lease_columns, scope.by_lease,
        lambda x: f"{x.name}（{x.unit.building.park.name} {x.unit.building.name} {x.unit.number}）",
        filters=(
            c.search("name", "unit__number", placeholder="企业或房号"), c.park_filter("unit__building__park"),
            Filter("running", "状态", _open_on, options=lambda: [("在租", "在租"), ("将到期", "90 日内到期")]), c.GONE,
        ),
        related=("unit__building__park",), order="-since", parents=("unit", "name"), natural=("unit", "name", "since"),
        back=lambda x: park_page(x.unit.building.park),
        hint="起租日、到期日当天都算在租；提前退租填“提前退租日”，不要改到期日",
    ),
    Kind(
        "recognitions", "园区认定", Recognition, ("park", "rule", "state", "since", "until", "review_on", "document", "note"),
        lambda user, day: (
            Column("园区", lambda r: r.park.name, sort="park__name", link=c.to_record("recognitions")), c.via("认定规则", "rule.name", "rule__name", wraps=True),
            c.plain("状态", "state"), c.plain("文号", "document"), c.plain("认定日期", "since"), c.plain("有效期至", "until"),
            c.plain("复核日期", "review_on"),
        ),
        scope.by_park("park"), lambda r: f"{r.park.name}：{r.rule.name}",
        filters=(c.park_filter("park"), c.choice("state", "状态", RecognitionState.choices), c.GONE), related=("park", "rule"), order="review_on",
        parents=("park", "rule"), natural=("park", "rule", "since"), back=lambda r: park_page(r.park),
    ),
    Kind(
        "rules", "认定规则", RecognitionRule,
        ("code", "name", "level", "body", "document", "valid_from", "valid_to", "review_on", "conditions", "source", "note"),
        lambda user, day: (
            Column("规则", lambda r: r.name, sort="name", link=c.to_record("rules")), c.plain("级别", "level"), c.plain("认定机关", "body", wraps=True),
            c.plain("文号", "document"), c.plain("施行日期", "valid_from"), c.plain("失效日期", "valid_to"), c.plain("规则复核日期", "review_on"),
            Column("条件", lambda r: texts.shown(r, "conditions"), wide=True), c.plain("来源", "source"),
        ),
        scope.public, lambda r: r.name, filters=(c.search("name", "code", "body"), c.GONE), order="code", natural=("code",),
        may=permissions.may_set_rules, hint="认定规则由各地自定：须写明级别、认定机关、文号、有效期和复核日期；条件只填要用的",
    ),
    Kind(
        "clusters", "文创街区和集聚区", Cluster,
        ("name", "kind", "level", "street", "bounds", "length", "shops", "document", "valid_to", "note"),
        lambda user, day: (
            Column("名称", lambda x: x.name, sort="name", link=c.to_record("clusters")), c.plain("类别", "kind"), c.plain("级别", "level"),
            c.plain("街道（镇）", "street"), c.plain("商户数（户）", "shops", numeric=True), c.plain("长度（米）", "length", numeric=True),
            c.plain("四至", "bounds", wide=True), c.plain("文号", "document", only_export=True), c.plain("有效期至", "valid_to"),
        ),
        scope.by_street(""), lambda x: x.name,
        filters=(c.search("name"), c.choice("kind", "类别", ClusterKind.choices), c.choice("level", "级别", ParkLevel.choices), c.GONE),
        order="name", natural=("name",),
    ),
)  # fmt: skip
