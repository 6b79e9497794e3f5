"""The pages of whoever fills in: own returns, filling, template, upload, and the figures asked of them.

They are mounted in the office site (代填) and can be mounted in the outside site by including `urls_respondent`; nothing
here names an address of the office's own pages. The base template is `respondent_base` of the context when the site sets
one.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from wenmai.base.values import WenmaiError
from wenmai.base.values.period import period
from wenmai.office.kit.guard import XLSX, attachment, demand, requires
from wenmai.office.kit.lists import bounded_int
from wenmai.rooms.collection import asking, filing, handing, permissions, queries, sheets
from wenmai.rooms.collection.forming import OPEN, late_days, spec
from wenmai.rooms.collection.methods.cells import UNKNOWN
from wenmai.rooms.collection.models import Ask, Return


@require_GET
@requires(permissions.respondent)
def mine(request: HttpRequest) -> HttpResponse:
    """The returns that a person may fill or see."""
    today = timezone.localdate()
    rows = queries.mine(request.user, today)
    shown = [(r, period(r.report.round.period).label) for r in rows]
    context = {"rows": shown, "late": sum(1 for r in rows if r.late), "open": sum(1 for r in rows if r.report.state in OPEN)}
    return render(request, "collection/mine.html", context)


def _typed(request: HttpRequest, report: Return) -> tuple[dict[str, dict[str, str]], dict[int, str]]:
    """What was typed, by line, and the explanations by check."""
    found = spec(report.round.form)
    names = (("value", "v"), ("status", "s"), ("note", "n"))
    cells = {line.id: {name: request.POST.get(f"{short}-{line.id}", "").strip()[:300] for name, short in names} for line in found.lines}
    return cells, {c.number: request.POST.get(f"x-{c.number}", "")[:300] for c in found.checks}


def _page(
    request: HttpRequest, report: Return, cells: dict[str, dict[str, str]], explained: dict[int, str], origin: str = "", checked: bool = False,
    base: int | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    lines, checks, looked = queries.lines_of(report, cells, explained, checked)
    allowed, reason = permissions.may_fill(request.user, report)
    context = {
        "report": report, "spec": spec(report.round.form), "label": period(report.round.period).label, "lines": lines, "checks": checks,
        "unknown": list(UNKNOWN), "base": base if base is not None else report.version, "origin": origin, "may_fill": allowed, "why_not": reason,
        "history": queries.history(report, 20), "tag": queries.TAGS[report.state], "late": late_days(report, timezone.localdate()),
        "faults": len(looked.faults) + len(looked.blocking) if checked else 0, "checked": checked,
        "shown": [c for c in checks if c.finding.state == "不符" or c.explained],
        "passed": sum(1 for c in checks if c.finding.state == "通过"), "undecided": [c for c in checks if c.finding.state == "未判"],
    }  # fmt: skip
    return render(request, "collection/fill.html", context, status=status)


@require_http_methods(["GET", "POST"])
@requires(permissions.respondent)
def fill(request: HttpRequest, return_id: int) -> HttpResponse:
    """Fill in: save a draft, check, or hand in. Whatever was typed comes back on a fault."""
    report = queries.return_or_404(return_id, request.user)
    if request.method != "POST":
        demand(permissions.may_open(request.user, spec(report.round.form).mark))
        cells, explained, origin = queries.stored(report)
        return _page(request, report, cells, explained, origin)
    demand(permissions.may_fill(request.user, report))
    cells, explained = _typed(request, report)
    base = bounded_int(request.POST.get("base"), 0, 0, 10**9)
    action = request.POST.get("action", "check")
    try:
        if action == "save":
            filing.save_draft(report.pk, cells, explained, base, request.user)
            messages.success(request, "草稿已存，尚未报送")
            return redirect("returns:fill", report.pk)
        if action == "submit":
            handed = filing.submit(report.pk, cells, explained, base, request.user)
            if handed.state == "未采用":
                number = handed.submission.number if handed.submission is not None else 0
                messages.warning(request, f"在您打开之后，这份报表已由他人改动；您填的已留存为第 {number} 次（未采用），没有覆盖。请核对后再报")
                fresh = queries.return_or_404(report.pk, request.user)
                return _page(request, fresh, cells, explained, checked=True, status=409)
            messages.success(request, "已报送，等待受理" if handed.state == "已报" else "与上次报送相同，没有重复报送")
            return redirect("returns:fill", report.pk)
    except WenmaiError as error:
        messages.error(request, str(error))
        return _page(request, report, cells, explained, checked=True, base=base, status=400)
    return _page(request, report, cells, explained, checked=True, base=base)


@require_GET
@requires(permissions.respondent)
def template(request: HttpRequest, return_id: int) -> HttpResponse:
    """The Excel template of a return, with what is filled or known so far."""
    report = queries.return_or_404(return_id, request.user)
    demand(permissions.may_fill(request.user, report))
    cells, _, _ = queries.stored(report)
    name = f"{report.round.form.title}_{period(report.round.period).label}_{report.name}.xlsx"
    return attachment(sheets.template(report, cells), name, XLSX, rows=len(spec(report.round.form).lines))


@require_POST
@requires(permissions.respondent)
def upload(request: HttpRequest, return_id: int) -> HttpResponse:
    """A filled template: handed in when it is in order, else kept as a draft with its faults."""
    report = queries.return_or_404(return_id, request.user)
    demand(permissions.may_fill(request.user, report))
    file = request.FILES.get("file")
    if file is None:
        messages.error(request, "没有选择文件")
        return redirect("returns:fill", report.pk)
    try:
        came = handing.take(sheets.spool(file.chunks(), str(file.name)), str(file.name), request.user, only=report.pk)
        tell = messages.success if came.state in ("已报", "未变") else messages.warning
        tell(request, f"{came.state}：{came.words}" if came.words else came.state)
    except WenmaiError as error:
        messages.error(request, str(error))
    return redirect("returns:fill", report.pk)


@require_GET
@requires(permissions.respondent)
def asked(request: HttpRequest) -> HttpResponse:
    """The figures asked of a person's organisation."""
    rows = asking.outstanding(timezone.localdate(), request.user)
    settled = Ask.objects.filter(permissions.own_asks(request.user), state__in=("已核", "已撤")).select_related("organisation").order_by("-pk")[:50]
    return render(request, "collection/asked.html", {"rows": rows, "settled": settled})


@require_http_methods(["GET", "POST"])
@requires(permissions.respondent)
def answer(request: HttpRequest, ask_id: int) -> HttpResponse:
    """Answer one figure with value and slip; the typed value stays on a fault."""
    found = Ask.objects.filter(permissions.own_asks(request.user), pk=ask_id).select_related("organisation").first()
    if found is None:
        raise Http404("没有这个要数事项")
    typed: dict[str, Any] = {"value": found.value, "status": found.status, "note": found.note, "base": found.answers}
    code = 200
    if request.method == "POST":
        demand(permissions.may_answer(request.user, found))
        typed = {k: request.POST.get(k, "").strip()[:200] for k in ("value", "status", "note")}
        typed["base"] = bounded_int(request.POST.get("base"), 0, 0, 10**6)
        slip = request.FILES.get("slip")
        try:
            kept = (slip.chunks(), str(slip.name)) if slip is not None else None
            asking.respond(ask_id, typed["value"], typed["status"], typed["base"], typed["note"], kept, request.user)
            messages.success(request, "已答复，等待核数")
            return redirect("returns:answer", ask_id)
        except WenmaiError as error:
            messages.error(request, str(error))
            code = 400
    allowed, reason = permissions.may_answer(request.user, found)
    context = {"ask": found, "name": asking.names_of([found.code]).get(found.code, found.code), "typed": typed, "label": period(found.period).label,
        "unknown": list(UNKNOWN), "may_answer": allowed, "why_not": reason,
               "signatures": [(s, permissions.STEPS[s.step]) for s in asking.signatures(found)]}  # fmt: skip
    return render(request, "collection/answer.html", context, status=code)
