"""The comparison page: what is compared stands in the address; table beside the chart; SVG and workbook."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET

from wenmai.office.figures.fact_lists import facts_for
from wenmai.office.figures.models import Definition, Lane, Snapshot
from wenmai.office.kit import exports, lists
from wenmai.office.kit.exports import Table
from wenmai.office.kit.guard import attachment
from wenmai.web import shell
from wenmai.web.leader import comparing
from wenmai.web.leader.charts import bars

COMPARISON = "leader.comparison"
CODES = 300


def _chosen(get: QueryDict, user: Any, snapshot: Snapshot | None) -> tuple[comparing.Comparison, dict[str, str]]:
    """(comparison, what was chosen, with defaults for what the address does not say)."""
    asked = {name: lists.clean_text(get.get(name)) for name in ("what", "by", "code", "period", "lane", "scope", "measure")}
    asked["what"] = asked["what"] if asked["what"] in (comparing.REGISTER, comparing.FACTS) else comparing.REGISTER
    asked["by"] = asked["by"] if asked["by"] in comparing.BY else "class"
    if asked["what"] == comparing.REGISTER:
        return comparing.register(user, snapshot, asked["by"], asked["measure"]), asked
    asked["code"] = asked["code"] or "SC06"
    wanted = comparing.Wanted(asked["code"], asked["by"], asked["period"], asked["lane"], asked["scope"])
    return comparing.facts(user, str(shell.site().get("district", "")), wanted), asked


def _codes(user: Any) -> list[tuple[str, str]]:
    """Indicators that have a fact this person sees, for choosing one."""
    known = facts_for(user).order_by().values_list("definition_id", flat=True).distinct()
    rows = Definition.objects.filter(pk__in=list(known[: 4 * CODES])).order_by("entry_id", "-number").values_list("entry_id", "name")
    return sorted(dict(reversed(list(rows[:CODES]))).items())


@require_GET
def compare(request: HttpRequest) -> HttpResponse:
    """Chart and table of one comparison."""
    found, asked = _chosen(request.GET, request.user, shell.chosen(request))
    # The chart is drawn from values that are escaped there.
    svg = mark_safe(bars(found.bars, found.title, found.unit)) if found.lines else ""
    context = {
        "found": found, "asked": asked, "svg": svg, "by": comparing.BY.items(), "measures": comparing.PLAIN.items(), "codes": _codes(request.user),
        "lanes": Lane.values, "query": request.GET.urlencode(), "intervals": any(line.interval for line in found.lines),
    }  # fmt: skip
    return render(request, "leader/compare.html", context)


@require_GET
def compare_svg(request: HttpRequest) -> HttpResponse:
    """The chart as a file."""
    found, _ = _chosen(request.GET, request.user, shell.chosen(request))
    if not found.lines:
        raise Http404(found.why)
    data = bars(found.bars, f"{found.title}（{found.about}）"[:60], found.unit).encode()
    return attachment(data, f"{found.title}.svg", "image/svg+xml", rows=len(found.lines))


@require_GET
def compare_xlsx(request: HttpRequest) -> HttpResponse:
    """The table as a workbook."""
    snapshot = shell.chosen(request)
    parameters = {"query": request.GET.urlencode()[:2000], "snapshot": snapshot.pk if snapshot else None}
    return exports.answer(request, COMPARISON, parameters, 0, "对比.xlsx")


def table(parameters: dict[str, Any], actor: Any) -> Table:
    """Source of the export: {"query": the page's, "snapshot": id or null}."""
    snapshot = Snapshot.objects.filter(pk=parameters["snapshot"], complete=True).first() if parameters["snapshot"] else None
    found, _ = _chosen(QueryDict(parameters["query"]), actor, snapshot)
    rows = [[line.label, line.text if line.value is None else line.value, line.low, line.high, line.note] for line in found.lines]
    note = "；".join(t for t in (found.about, found.why) if t)
    return Table(f"{found.title}（{found.unit}）", note, "对比", ("项目", f"数值（{found.unit}）", "区间下限", "区间上限", "提供单位"), rows,
                 (32, 16, 12, 12, 24), len(rows))  # fmt: skip


def declare() -> None:
    exports.source(COMPARISON, table)
