"""Tables that leave the registry: the enterprise list as it is filtered, the rows of a batch that were sent back."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict

from wenmai.base.values import NotFound, Refused
from wenmai.office.kit import exports, lists
from wenmai.office.kit.exports import Table
from wenmai.office.people.rows import row_scope
from wenmai.rooms.registry import queries
from wenmai.rooms.registry.choices import Outcome
from wenmai.rooms.registry.models import Batch

ENTERPRISES = "registry.enterprises"
REJECTED = "registry.rejected"
HEADS = ("工作表", "行", "名称", "统一社会信用代码", "列", "原因")


def chosen(get: QueryDict) -> list[int]:
    """Ids ticked on the list, at most one page of them."""
    return [int(i) for i in get.getlist("id")[: lists.MAX_PAGE_SIZE] if i.isascii() and i.isdigit() and len(i) < 16]


def selected(get: QueryDict, user: Any) -> tuple[Any, list[lists.BoundFilter]]:
    """(queryset, filters): the ticked rows, else the filtered list, in the order asked for."""
    found = queries.filters(user)
    bound, _ = lists.bind(get, found)
    ids = chosen(get)
    mine = queries.enterprises(user)
    query = mine.filter(pk__in=ids) if ids else lists.narrow(mine, found, bound)
    return lists.ordered(query, lists.clean_text(get.get("sort")), queries.columns())[0], bound


def enterprises(parameters: dict[str, Any], actor: Any) -> Table:
    """The enterprise list of an address: {"query": "q=…&status=…"}."""
    get = QueryDict(parameters["query"])
    query, bound = selected(get, actor)
    said = "；".join(f"{b.label}：{b.value}" for b in bound if b.value) or "无"
    note = f"口径：登记名录（行政记录）；筛选：{'所选行' if chosen(get) else said}；名录第 {queries.version()} 版；实时"
    if cut := row_scope(actor).words:
        note += f"；{cut}"
    return lists.export_table(query, queries.columns(), sheet="企业名录", title="企业名录", note=note)


def rejected(parameters: dict[str, Any], actor: Any) -> Table:
    """The rows of a batch that were sent back: {"batch": id}."""
    if not queries.sees_all(actor)[0]:
        raise Refused(queries.sees_all(actor)[1])
    batch = Batch.objects.filter(pk=parameters["batch"]).first()
    if batch is None:
        raise NotFound(f"没有编号为 {parameters['batch']} 的批次")
    count, lines = queries.outcome_rows(batch, Outcome.REJECTED.value, 0, lists.EXPORT_LIMIT)
    cells = [[r["sheet_name"], r["row"], r["name"], r["credit_code"], r["column"], r["reason"]] for r in lines]
    note = f"批次 {batch.pk}：{batch.file_name}；提供单位：{batch.provider or '未载'}"
    if count > len(cells):
        note += f"；共 {count:,} 行，本表只含前 {len(cells):,} 行"
    return Table("退回行", note, "退回行", HEADS, cells, (16, 8, 32, 22, 16, 40), len(cells))


def declare() -> None:
    exports.source(ENTERPRISES, enterprises)
    exports.source(REJECTED, rejected)
