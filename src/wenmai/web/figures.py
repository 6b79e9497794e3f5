"""The figures page and the page of one figure: what it says, how it is made, the rows it is made of."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from wenmai.base import standards
from wenmai.base.values import WenmaiError
from wenmai.office.figures import queries as figure_queries
from wenmai.office.figures import typed
from wenmai.office.figures.models import Snapshot
from wenmai.office.kit import exports, lists
from wenmai.office.kit.guard import requires
from wenmai.office.people.rows import keys_of, row_scope
from wenmai.rooms.classification.changes import changes_since
from wenmai.rooms.classification.permissions import may_classify
from wenmai.web import queries, shell

ROWS_OF_FIGURE = "figures.rows"
FAMILIES = {"rows": "名录记录", "units": "登记主体", "culture": "文化企业", "park": "园区", "quality": "数据质量", "scope": "区自定口径"}
HEADS = {
    "key": "标识", "id": "编号", "name": "名称", "credit_code": "统一社会信用代码", "unit_type": "单位类型", "status": "登记状态",
    "registered_on": "登记日期", "industry_code": "行业代码", "district": "地区", "street": "街道（镇）", "park": "园区",
    "batch_id": "批次", "sheet": "表", "row": "行", "outcome": "判定", "decided_by": "判定方式", "small_code": "小类",
    "small_name": "小类名称", "major_name": "大类", "probability": "概率", "excluded": "剔除原因", "reason": "说明",
    "column": "列", "year": "登记年份", "repeat": "重复", "rejected": "退回",
    "answer": "本口径判定", "settled_by": "依据", "rule": "规则", "codes": "行业", "division": "行业大类",
    "list_name": "口径", "list_version": "版本", "industry_text": "行业名称",
}  # fmt: skip
UNITS = (
    "name", "answer", "reason", "settled_by", "credit_code", "unit_type", "status", "registered_on", "district", "street", "outcome",
    "decided_by", "major_name", "small_name", "excluded", "batch_id", "row",
)  # fmt: skip
ROWS = ("batch_id", "row", "outcome", "reason", "column", "key")
ROW_OUTCOMES = {"created": "新增", "updated": "更新", "unchanged": "未变", "duplicate": "重复", "rejected": "退回"}


def _sections(figures: dict[str, typed.Figure]) -> list[dict[str, Any]]:
    """Figures under their headings: single ones by family, split ones under the indicator they split."""
    sections: dict[str, list[typed.Figure]] = {}
    for figure in figures.values():
        if figure.group is None:
            title = FAMILIES.get(figure.id.split(".")[0], "其他")
        else:
            title = figure.title.split("：")[0]
        sections.setdefault(title, []).append(figure)
    return [{"title": t, "figures": f, "shared": _shared(f)} for t, f in sections.items()]


def _shared(figures: list[typed.Figure]) -> dict[str, str]:
    """Qualifiers that are the same for all figures of a section, said once above it."""
    found = {}
    for name in ("lane", "scope", "unit_type", "publishable"):
        values = {getattr(f, name) for f in figures}
        if len(values) == 1:
            found[name] = values.pop()
    return found


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """All figures of the snapshot looked at, those of one scope when one is chosen."""
    snapshot, scope = shell.chosen(request), shell.selection(request).scope
    figures, why = queries.figures_for(request.user, snapshot)
    shown = {k: f for k, f in figures.items() if not scope or f.scope == scope}
    older = shell.selection(request).older
    context = {
        "snapshot": snapshot, "why": why, "sections": _sections(shown), "total": len(figures), "shown": len(shown), "scope": scope,
        "changes": None if older else changes_since(snapshot), "gate": snapshot.facts.get("gate", []) if snapshot else [],
        "may_publish": may_classify(request.user)[0] and not older, "pending": standards.pending(),
    }  # fmt: skip
    return render(request, "web/figures.html", context)


@require_POST
@requires(may_classify)
def publish(request: HttpRequest) -> HttpResponse:
    """Publish a new snapshot: what is new is classified first, so figures and register agree."""
    from wenmai.office.jobs.services import enqueue

    return redirect("job", enqueue("classification.run", {}, request.user).pk)


def _find(snapshot_id: int, figure_id: str, user: Any) -> tuple[Snapshot, typed.Figure]:
    snapshot = get_object_or_404(Snapshot, pk=snapshot_id, complete=True)
    figure = queries.figures_for(user, snapshot)[0].get(figure_id)
    if figure is None:
        raise Http404(f"快照 {snapshot_id} 没有编号为 {figure_id} 的数字")
    return snapshot, figure


def rows_seen(figure: typed.Figure, snapshot: Snapshot, user: Any) -> Any:
    """The rows behind a count that this person may see. The figure stays the district's; who sees a part of the register
    sees that part of the rows, by where the enterprise stands now."""
    table = figure_queries.trace(figure.id, snapshot)
    keys = keys_of(row_scope(user))
    if keys is None:
        return table
    allowed = list(keys) if isinstance(keys, frozenset) else list(keys.values_list("key", flat=True))
    if "key" not in table.column_names:
        return table.slice(0, 0)
    return table.filter(pc.is_in(table["key"], value_set=pa.array(allowed, pa.string())))


def _cells(line: dict[str, Any], columns: list[str]) -> list[dict[str, Any]]:
    cells: list[dict[str, Any]] = []
    for name in columns:
        value = line[name]
        if name == "outcome":
            value = ROW_OUTCOMES.get(value, value)
        href = ""
        if name == "name" and line.get("key"):
            href = reverse("registry:enterprise", args=[line["key"]])
        elif name == "key" and value:
            href = reverse("registry:enterprise", args=[value])
        elif name == "batch_id" and value:
            href = reverse("registry:batch", args=[value])
        cells.append({"text": lists.show(value), "href": href, "numeric": name in ("row", "batch_id", "year")})
    return cells


@require_GET
def detail(request: HttpRequest, snapshot_id: int, figure_id: str) -> HttpResponse:
    """One figure: qualifiers, definition, what it is made from, and the rows page by page."""
    snapshot, figure = _find(snapshot_id, figure_id, request.user)
    shell.pin(request, snapshot)
    context: dict[str, Any] = {"figure": figure, "snapshot": snapshot, "extra": json.dumps(figure.extra, ensure_ascii=False)}
    parts = [figure.numerator, figure.denominator, *figure.extra.get("numerators", [])]
    known = queries.figures_for(request.user, snapshot)[0]
    context["parts"] = [known[p] for p in parts if p and p in known]
    if figure.kind == "count":
        cut = row_scope(request.user).words
        try:
            mine = rows_seen(figure, snapshot, request.user) if cut else None
            pager = lists.pager(int(figure.value or 0) if mine is None else mine.num_rows, request.GET)
            if mine is None:
                table = figure_queries.trace(figure.id, snapshot, limit=pager["size"], offset=pager["offset"])
            else:
                table = mine.slice(pager["offset"], pager["size"])
        except WenmaiError as error:
            context["why"] = str(error)
        else:
            context["cut"] = cut
            columns = [c for c in (UNITS if "name" in table.column_names else ROWS) if c in table.column_names]
            context["heads"] = [HEADS.get(c, c) for c in columns]
            context["lines"] = [_cells(line, columns) for line in table.to_pylist()]
            context["pager"] = pager
    return render(request, "web/figure.html", context)


@require_GET
def export(request: HttpRequest, snapshot_id: int, figure_id: str) -> HttpResponse:
    """The rows behind a count as a workbook, up to the export limit."""
    snapshot, figure = _find(snapshot_id, figure_id, request.user)
    if figure.kind != "count":
        raise Http404(f"{figure.title}不是计数，没有可导出的行")
    parameters = {"snapshot": snapshot.pk, "figure": figure.id}
    count = rows_seen(figure, snapshot, request.user).num_rows if row_scope(request.user).words else int(figure.value or 0)
    return exports.answer(request, ROWS_OF_FIGURE, parameters, count, f"{figure.title}明细.xlsx".replace("/", "／"))


def rows_of_figure(parameters: dict[str, Any], actor: Any) -> exports.Table:
    """The rows behind a count, with what qualifies it: {"snapshot": id, "figure": id}."""
    snapshot, figure = _find(parameters["snapshot"], parameters["figure"], actor)
    cut = row_scope(actor).words
    if cut:
        mine = rows_seen(figure, snapshot, actor)
        found, table = mine.num_rows, mine.slice(0, lists.EXPORT_LIMIT)
    else:
        found, table = int(figure.value or 0), figure_queries.trace(figure.id, snapshot, limit=lists.EXPORT_LIMIT)
    heads = [HEADS.get(c, c) for c in table.column_names]
    rows = (list(line.values()) for part in table.to_batches(max_chunksize=2000) for line in part.to_pylist())
    said = (figure.lane, figure.scope, figure.unit_type, figure.period, figure.vintage, f"提供：{figure.provider}", f"快照 {snapshot.pk}")
    note = "；".join(said)
    if cut:
        note += f"；数字为全区，{cut}，{found:,} 行"
    if found > lists.EXPORT_LIMIT:
        note += f"；共 {found:,} 行，本表只含前 {lists.EXPORT_LIMIT:,} 行"
    title = f"{figure.title}：{figure.text()} {figure.unit}"
    return exports.Table(title, note, "明细", heads, rows, [16] * len(heads), table.num_rows)
