"""The history of hand-kept rows as people read it. A person sees changes of rows that the person would see."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import QueryDict
from django.urls import reverse

from wenmai.base.values import InputError
from wenmai.office.kit import exports, lists
from wenmai.office.kit.exports import Table
from wenmai.office.kit.lists import Column, Filter
from wenmai.rooms.records import texts
from wenmai.rooms.records.kinds import kinds
from wenmai.rooms.records.models import Change
from wenmai.rooms.records.scope import scope_of

SOURCE = "records.changes"


def of(slug: str, record_id: int) -> list[Change]:
    """Of one row, newest first."""
    return list(Change.objects.filter(kind=slug, record_id=record_id).order_by("-at", "-pk")[:300])


def _date(query: Any, value: str, end: bool) -> Any:
    try:
        day = texts.day(value)
    except InputError:
        return query.none()
    return query.filter(at__date__lte=day) if end else query.filter(at__date__gte=day)


FILTERS = (
    Filter("q", "对象", lambda q, v: q.filter(Q(label__icontains=v) | Q(before__icontains=v) | Q(after__icontains=v)), placeholder="名称或内容"),
    Filter("kind", "台账", lambda q, v: q.filter(kind=v), options=lambda: [(k.slug, k.title) for k in kinds().values()]),
    Filter("verb", "动作", lambda q, v: q.filter(verb=v), options=lambda: [(v, v) for v in ("新增", "修改", "撤销", "恢复")]),
    Filter("actor", "办理人", lambda q, v: q.filter(actor_name=v), placeholder="账号"),
    Filter("from", "自", lambda q, v: _date(q, v, False), placeholder="2026-01-01"),
    Filter("to", "至", lambda q, v: _date(q, v, True), placeholder="2026-12-31"),
)


def ledger_of(change: Change) -> str:
    return kinds()[change.kind].title if change.kind in kinds() else change.kind


def page_of(change: Change) -> str:
    return reverse("records:record", args=[change.kind, change.record_id])


COLUMNS = (
    Column("时间", lambda c: c.at), Column("办理人", lambda c: c.actor_name), Column("台账", ledger_of),
    Column("对象", lambda c: c.label, link=page_of), Column("动作", lambda c: c.verb),
    Column("项目", lambda c: c.title), Column("原值", lambda c: c.before), Column("新值", lambda c: c.after), Column("理由", lambda c: c.reason),
)  # fmt: skip


def visible(user: Any) -> Any:
    """Changes of rows within the person's scope: every ledger's rows are asked for once, as a subquery."""
    scope = scope_of(user)
    if scope.everything:
        return Change.objects.all()
    seen = Q(pk__in=[])
    for kind in kinds().values():
        seen |= Q(kind=kind.slug, record_id__in=kind.cut(kind.model._default_manager.all(), scope).values("pk"))
    return Change.objects.filter(seen)


def selected(get: QueryDict, user: Any) -> tuple[Any, list[lists.BoundFilter]]:
    """(changes under the filters of an address, newest first; the filters)."""
    bound, _ = lists.bind(get, FILTERS)
    return lists.narrow(visible(user), FILTERS, bound).order_by("-at", "-pk"), bound


def lines(rows: list[Change]) -> list[dict[str, Any]]:
    return [{"change": c, "kind": ledger_of(c), "href": page_of(c)} for c in rows]


def table(parameters: dict[str, Any], actor: Any) -> Table:
    """Source of the export: {"query": "kind=…"}."""
    from wenmai.base.values import Refused

    if actor is None:
        raise Refused("申请导出的账号已不存在", remedy="请重新导出")
    query, _ = selected(QueryDict(parameters["query"]), actor)
    return lists.export_table(query, COLUMNS, sheet="台账变更", title="台账变更", note="各台账的逐项变更，新的在前；内部使用")


def declare() -> None:
    exports.source(SOURCE, table)
