"""Ledgers that leave as tables: any of them, as filtered, for the person who asks."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from django.utils import timezone

from wenmai.base.values import NotFound, Refused
from wenmai.office.kit import exports, lists
from wenmai.office.kit.exports import Table
from wenmai.rooms.records.kinds import Kind, kinds
from wenmai.rooms.records.scope import scope_of

LEDGER = "records.ledger"


def kind_named(slug: str) -> Kind:
    found = kinds().get(slug)
    if found is None:
        raise NotFound("没有这本台账")
    return found


def rows(kind: Kind, user: Any, gone: bool = False) -> Any:
    """Rows of a ledger that a person sees; withdrawn ones only when asked for."""
    query = kind.model._default_manager.all() if gone else kind.model._default_manager.filter(withdrawn_at=None)
    query = kind.cut(query, scope_of(user)).select_related(*kind.related).prefetch_related(*kind.prefetch)
    return kind.annotate(query, timezone.localdate()) if kind.annotate else query


def selected(kind: Kind, get: QueryDict, user: Any) -> tuple[Any, list[lists.BoundFilter]]:
    """(rows under the filters of an address in its order, the filters)."""
    bound, _ = lists.bind(get, kind.filters)
    query = lists.narrow(rows(kind, user, get.get("gone") == "含撤销"), kind.filters, bound)
    columns = kind.columns(user, timezone.localdate())
    return lists.ordered(query, lists.clean_text(get.get("sort")) or kind.order, columns)[0], bound


def ledger(parameters: dict[str, Any], actor: Any) -> Table:
    """Source of the export: {"kind": slug, "query": "q=…"}."""
    kind = kind_named(parameters["kind"])
    if actor is None:  # the account is gone: nobody is left whose rows these would be
        raise Refused("申请导出的账号已不存在", remedy="请重新导出")
    query, bound = selected(kind, QueryDict(parameters["query"]), actor)
    day = timezone.localdate()
    columns = [c for c in kind.columns(actor, day) if c.title not in kind.page_only]
    said = "；".join(f"{b.label}：{b.value}" for b in bound if b.value) or "无"
    scope = scope_of(actor).words or "全部"
    note = f"{kind.title}台账（本办管理记录），{day} 实时；筛选：{said}；范围：{scope}；内部使用"
    return lists.export_table(query, columns, sheet=kind.title[:20], title=kind.title, note=note)


def declare() -> None:
    exports.source(LEDGER, ledger)
