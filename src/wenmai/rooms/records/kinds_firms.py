"""Ledgers about enterprises: visits, demands, profile, ownership, titles, life events, associations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils import timezone

from wenmai.office.kit.lists import Column, Filter
from wenmai.rooms.records import columns as c
from wenmai.rooms.records import project_queries, scope
from wenmai.rooms.records.choices import CapitalSource, DemandKind, DemandState, LifeKind, Ownership, TitleKind
from wenmai.rooms.records.kinds import Kind
from wenmai.rooms.records.models import Association, Demand, LifeEvent, Membership, OwnershipEdge, Profile, Title, Visit


def _overdue(query: Any, value: str) -> Any:
    day = timezone.localdate()
    late = Q(state=DemandState.OPEN, due__lt=day)
    if value == "超期":
        return query.filter(late)
    if value == "未定期限":
        return query.filter(state=DemandState.OPEN, due=None)
    return query.filter(state=DemandState.OPEN).exclude(late)


def _demand_columns(user: Any, day: date) -> Sequence[Column]:
    return (
        Column("诉求", lambda d: d.text, link=c.to_record("demands")), c.firm(), c.plain("类别", "kind"), c.plain("提出日期", "raised"),
        c.via("责任部门", "department.name", "department__name"), c.plain("责任领导", "leader"), c.plain("办结期限", "due"),
        Column("状态", lambda d: d.get_state_display(), sort="state", wraps=True),
        Column("超期（天）", lambda d: project_queries.overdue(d, day), sort="open_due", numeric=True),
        c.plain("办结日期", "closed", only_export=True), c.plain("办理结果", "result", wide=True),
    )  # fmt: skip


KINDS = (
    Kind(
        "demands", "走访诉求", Demand, ("name", "visit", "kind", "text", "raised", "leader", "department", "due", "note"), _demand_columns,
        scope.by_firm, lambda d: f"{d.name}：{d.text[:30]}",
        filters=(
            c.search("text", "name", placeholder="企业或诉求"), Filter("overdue", "时限", _overdue, options=lambda: [("超期", "超期未办结"), ("未超期", "办理中未超期"), ("未定期限", "未定期限")]),
            c.organisation_filter("department", "责任部门"), c.choice("state", "状态", DemandState.choices), c.choice("kind", "类别", DemandKind.choices), c.GONE,
        ),
        related=("department",), annotate=project_queries.open_due, order="open_due", parents=("name", "visit"), natural=("name", "text", "raised"),
        hint="办结和转办在诉求页面上办理，各有记录",
        titles={"state": "状态", "closed": "办结日期", "result": "办理结果"},
    ),
    Kind(
        "visits", "走访", Visit, ("name", "on", "leader", "department", "text", "note"),
        lambda user, day: (
            Column("企业", lambda v: v.name, sort="name", link=c.to_record("visits")), c.plain("走访日期", "on"), c.plain("走访领导", "leader"),
            c.via("陪同单位", "department.name", "department__name"), c.plain("走访情况", "text", sort=False, wide=True),
        ),
        scope.by_firm, lambda v: f"{v.name} {v.on}", filters=(c.search("name", "leader"), c.GONE), related=("department",), order="-on",
        parents=("name",), natural=("name", "on"),
    ),
    Kind(
        "profiles", "企业属性", Profile, ("name", "ownership", "capital", "visitor", "nurtured", "note"),
        lambda user, day: (
            Column("企业", lambda p: p.name, sort="name", link=c.to_record("profiles")), c.plain("所有制", "ownership"), c.plain("资本来源", "capital"),
            c.plain("联系领导", "visitor"), Column("准规上培育", lambda p: "是" if p.nurtured else "否", sort="nurtured"),
        ),
        scope.by_firm, lambda p: p.name,
        filters=(c.search("name"), c.known_or_not("ownership", "所有制", Ownership.choices), c.known_or_not("capital", "资本来源", CapitalSource.choices), c.GONE),
        order="name", parents=("name",), natural=("name",), hint="所有制、资本来源不清楚的选“未知”，不推断",
    ),
    Kind(
        "ownership", "股权关系", OwnershipEdge, ("name", "parent_name", "permille", "since", "until", "basis", "note"),
        lambda user, day: (
            Column("企业", lambda e: e.name, sort="name", link=c.to_record("ownership")), c.firm("股东", "parent_name", "parent_key"),
            c.plain("持股比例", "permille", numeric=True), c.plain("起", "since"), c.plain("止", "until"), c.plain("依据", "basis"),
        ),
        scope.by_firm, lambda e: f"{e.parent_name} → {e.name}", filters=(c.search("name", "parent_name"), c.GONE), order="name", parents=("name",),
        natural=("name", "parent_name", "since"), hint="比例不清楚的留空；股权变动填旧关系的“止”，再登记新关系",
    ),
    Kind(
        "titles", "资质荣誉", Title, ("name", "kind", "title", "level", "body", "number", "since", "until", "note"),
        lambda user, day: (
            Column("名称", lambda t: t.title, sort="title", link=c.to_record("titles")), c.firm(), c.plain("类别", "kind"), c.plain("级别", "level"),
            c.plain("授予机关", "body"), c.plain("证书（文）号", "number"), c.plain("授予日期", "since"), c.plain("有效期至", "until"),
        ),
        scope.by_firm, lambda t: f"{t.name}：{t.title}", filters=(c.search("name", "title"), c.choice("kind", "类别", TitleKind.choices), c.GONE),
        order="-since", parents=("name",), natural=("name", "title", "since"), titles={"name": "企业名称", "title": "资质（荣誉）名称"},
    ),
    Kind(
        "life", "企业大事", LifeEvent, ("name", "kind", "on", "text", "source", "note"),
        lambda user, day: (
            Column("企业", lambda e: e.name, sort="name", link=c.to_record("life")), c.plain("事项", "kind"), c.plain("日期", "on"),
            c.plain("内容", "text", wide=True), c.plain("来源", "source"),
        ),
        scope.by_firm, lambda e: f"{e.name} {e.kind}", filters=(c.search("name"), c.choice("kind", "事项", LifeKind.choices), c.GONE), order="-on",
        parents=("name",), natural=("name", "kind", "on"),
    ),
    Kind(
        "associations", "协会", Association, ("name", "organisation", "supervisor", "founded", "note"),
        lambda user, day: (
            Column("名称", lambda a: a.name, sort="name", link=c.to_record("associations")), c.plain("业务主管单位", "supervisor"), c.plain("成立日期", "founded"),
            Column("会员（家）", lambda a: sum(1 for m in a.members.all() if m.withdrawn_at is None and (m.until is None or m.until >= day)), numeric=True),
        ),
        scope.public, lambda a: a.name, filters=(c.search("name"), c.GONE), prefetch=("members",), order="name", natural=("name",),
    ),
    Kind(
        "memberships", "协会会员", Membership, ("association", "name", "post", "since", "until", "note"),
        lambda user, day: (
            Column("企业", lambda m: m.name, sort="name", link=c.to_record("memberships")), c.via("协会", "association.name", "association__name"),
            c.plain("会员类别", "post"), c.plain("入会日期", "since"), c.plain("退会日期", "until"),
        ),
        scope.by_firm, lambda m: f"{m.association.name}：{m.name}", filters=(c.search("name", "association__name"), c.GONE), related=("association",),
        order="name", parents=("association", "name"), natural=("association", "name"),
    ),
)  # fmt: skip
