"""Ledgers of projects and heritage."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.urls import reverse

from wenmai.base import standards
from wenmai.office.kit.lists import Column, Filter
from wenmai.rooms.records import columns as c
from wenmai.rooms.records import project_queries, scope, texts
from wenmai.rooms.records.choices import BearerState, HeritageLevel, ProjectState
from wenmai.rooms.records.kinds import Kind
from wenmai.rooms.records.models import Bearer, FusionProject, HeritageItem, Investment, Milestone, Project


def project_page(project: Any) -> str:
    return reverse("records:project", args=[project.code])


def _project_columns(user: Any, day: date) -> Sequence[Column]:
    kept: dict[int, Any] = {}

    def of(project: Project) -> Any:
        return kept.setdefault(project.pk, project_queries.progress(project, day))

    return (
        Column("项目", lambda p: p.name, sort="name", link=project_page), c.plain("代码", "code", only_export=True), c.plain("状态", "state"),
        Column("逾期", lambda p: f"✕ {of(p).slip} 天" if of(p).late else "● 无" if of(p).nodes else None, sort="oldest_late"),
        Column("卡在", lambda p: "；".join([n.name for n in of(p).late[:2]] + ([p.trouble] if p.trouble else [])), wide=True),
        c.via("牵头单位", "lead.name", "lead__name", wraps=True), c.plain("包保领导", "leader"),
        Column("节点", lambda p: f"{of(p).done}/{of(p).nodes}" if of(p).nodes else None, numeric=True),
        Column("年度完成", lambda p: texts.bar(of(p).year_rate)), Column("累计完成", lambda p: texts.bar(of(p).total_rate)),
        c.plain("总投资（万元）", "total_fen", numeric=True), c.plain("街道（镇）", "street", only_export=True),
        Column("拖期（天）", lambda p: of(p).slip, numeric=True, only_export=True),
        Column(f"{day.year}年计划（万元）", lambda p: texts.wan(of(p).plan), numeric=True, only_export=True),
        Column(f"{day.year}年完成（万元）", lambda p: texts.wan(of(p).actual), numeric=True, only_export=True),
        Column("年度完成率", lambda p: texts.percent(of(p).year_rate), numeric=True, only_export=True),
        Column("累计完成率", lambda p: texts.percent(of(p).total_rate), numeric=True, only_export=True),
        c.plain("建设单位", "owner", only_export=True), c.plain("开工日期", "began", only_export=True), c.plain("计划建成", "finish", only_export=True),
    )  # fmt: skip


def _late(query: Any, value: str) -> Any:
    return query.filter(oldest_late__isnull=value != "有")


KINDS = (
    Kind(
        "projects", "重点项目", Project,
        ("code", "name", "state", "owner", "lead", "leader", "street", "park", "total_fen", "began", "finish", "finished", "trouble", "note"),
        _project_columns, scope.by_street("", "park"), lambda p: p.name,
        filters=(
            c.search("name", "code", "owner"), c.choice("state", "状态", ProjectState.choices), c.organisation_filter("lead", "牵头单位"),
            Filter("late", "逾期节点", _late, options=lambda: [("有", "有逾期"), ("无", "无逾期")]),
            Filter("street", "街道（镇）", lambda q, v: q.filter(street__icontains=v), placeholder="街道"), c.GONE,
        ),
        related=("lead", "park"), prefetch=("milestones", "investments"), annotate=project_queries.late_first, order="oldest_late", natural=("code",),
        page=project_page, page_only=frozenset({"逾期", "年度完成", "累计完成"}), hint="金额填万元；投资按年、按月另行登记",
    ),
    Kind(
        "investments", "项目投资", Investment, ("project", "year", "month", "plan_fen", "actual_fen", "note"),
        lambda user, day: (
            Column("项目", lambda i: i.project.name, sort="project__name", link=c.to_record("investments")), c.plain("年份", "year"),
            Column("月份", lambda i: i.month or "全年", sort="month"), c.plain("计划投资（万元）", "plan_fen", numeric=True),
            c.plain("完成投资（万元）", "actual_fen", numeric=True),
        ),
        scope.by_street("project", "park"), lambda i: f"{i.project.name} {i.year}年" + (f"{i.month}月" if i.month else ""),
        filters=(c.search("project__name"), Filter("year", "年份", lambda q, v: q.filter(year=int(v)) if v.isascii() and v.isdigit() and len(v) == 4 else q.none()), c.GONE),
        related=("project",), order="-year", parents=("project",), natural=("project", "year", "month"), back=lambda i: project_page(i.project),
        hint="全年数月份留空；月度数填当月数，不是累计数",
    ),
    Kind(
        "milestones", "项目节点", Milestone, ("project", "name", "due", "done", "evidence", "note"),
        lambda user, day: (
            Column("节点", lambda m: m.name, sort="name", link=c.to_record("milestones")), c.via("项目", "project.name", "project__name"),
            c.plain("计划完成", "due"), c.plain("实际完成", "done"), c.plain("完成依据", "evidence", wide=True),
            Column("拖期（天）", lambda m: max(0, ((m.done or day) - m.due).days), numeric=True),
        ),
        scope.by_street("project", "park"), lambda m: f"{m.project.name}：{m.name}", filters=(c.search("name", "project__name"), c.GONE),
        related=("project",), order="due", parents=("project",), natural=("project", "name"), back=lambda m: project_page(m.project),
    ),
    Kind(
        "heritage", "非遗项目", HeritageItem, ("name", "level", "category", "batch", "protector", "street", "note"),
        lambda user, day: (
            Column("项目", lambda h: h.name, sort="name", link=c.to_record("heritage")), c.plain("级别", "level"), c.plain("类别", "category"),
            c.plain("批次", "batch"), c.plain("保护单位", "protector", wraps=True), c.plain("街道（镇）", "street"),
            Column("在传承（人）", lambda h: sum(1 for b in h.bearers.all() if b.withdrawn_at is None and b.state == BearerState.ACTIVE), numeric=True),
            Column("融合项目（个）", lambda h: sum(1 for f in h.fusions.all() if f.withdrawn_at is None), numeric=True),
        ),
        scope.by_street(""), lambda h: h.name,
        filters=(
            c.search("name", "protector"), c.choice("level", "级别", HeritageLevel.choices),
            Filter("category", "类别", lambda q, v: q.filter(category=v), options=lambda: [(x.name, x.name) for x in standards.ich_categories()]), c.GONE,
        ),
        prefetch=("bearers", "fusions"), order="name", natural=("name", "level"),
    ),
    Kind(
        "bearers", "传承人", Bearer, ("item", "name", "level", "born", "apprentices", "state", "note"),
        lambda user, day: (
            Column("姓名", lambda b: b.name, sort="name", link=c.to_record("bearers")), c.via("非遗项目", "item.name", "item__name"), c.plain("级别", "level"),
            c.plain("出生年份", "born"), c.plain("徒弟（人）", "apprentices", numeric=True), c.plain("状态", "state"),
        ),
        scope.by_street("item"), lambda b: f"{b.name}（{b.item.name}）",
        filters=(c.search("name", "item__name"), c.choice("state", "状态", BearerState.choices), c.GONE), related=("item",), order="name",
        parents=("item",), natural=("item", "name"),
    ),
    Kind(
        "fusions", "非遗融合项目", FusionProject, ("item", "name", "product", "since", "sales_fen", "agreement", "note"),
        lambda user, day: (
            Column("产品（服务）", lambda f: f.product, sort="product", link=c.to_record("fusions")), c.via("非遗项目", "item.name", "item__name"), c.firm(),
            c.plain("开始日期", "since"), c.plain("上年销售额（万元）", "sales_fen", numeric=True), c.plain("授权及利益分享", "agreement", wide=True),
        ),
        scope.by_street("item"), lambda f: f"{f.item.name}：{f.product}", filters=(c.search("product", "name", "item__name"), c.GONE), related=("item",),
        order="product", parents=("item", "name"), natural=("item", "name", "product"),
    ),
)  # fmt: skip
