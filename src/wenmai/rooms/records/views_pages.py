"""Pages with a question of their own: a park, a project, closing and handing over demands, alerts, 准规上培育库, files."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from wenmai.base.values import InputError, WenmaiError
from wenmai.office.kit import lists
from wenmai.office.kit.export import workbook
from wenmai.office.kit.guard import XLSX, attachment, demand, requires
from wenmai.rooms.records import (
    alerts,
    demanding,
    forms,
    history,
    importing,
    nurturing,
    permissions,
    project_queries,
    queries,
    rulebook,
    services,
    texts,
)
from wenmai.rooms.records.exporters import rows
from wenmai.rooms.records.kinds import kinds
from wenmai.rooms.records.kinds_space import interval_text
from wenmai.rooms.records.methods import recognition
from wenmai.rooms.records.models import Intake, Park
from wenmai.rooms.records.scope import scope_of
from wenmai.rooms.records.views import fields_of, kind_or_404, record_or_404

TAGS = {recognition.MET: "done", recognition.NOT_MET: "failed", recognition.UNDECIDABLE: "pending"}
SHOWN = 300


def _day(request: HttpRequest) -> Any:
    """The day asked for (?on=2026-03-31), else today."""
    text = lists.clean_text(request.GET.get("on"))
    try:
        return texts.day(text) if text else timezone.localdate()
    except InputError:
        return timezone.localdate()


@require_GET
def park(request: HttpRequest, park_code: str) -> HttpResponse:
    """A park on a day: occupancy, tenants, cultural share, recognition with what is missing, leases."""
    kind, day = kinds()["parks"], _day(request)
    found: Park | None = rows(kind, request.user, gone=True).filter(code=park_code).first()
    if found is None:
        raise Http404("没有这个园区")
    summary = queries.summary(found, day)
    tenants = queries.tenant_lines(summary)
    checks = [(r, queries.check(r, summary, day)) for r in queries.rules()]
    kept = {r.rule_id for r in summary.recognitions}
    checks.sort(key=lambda p: p[0].pk not in kept)
    context = {
        "park": found, "day": day, "today": timezone.localdate(), "summary": summary, "rate": texts.percent(summary.occupancy.rate),
        "permille": None if summary.occupancy.rate is None else round(summary.occupancy.rate * 1000),
        "by_count": interval_text(summary.shares.by_count), "by_area": interval_text(summary.shares.by_area), "tenants": tenants[:SHOWN],
        "hidden": max(0, len(tenants) - SHOWN), "differs": queries.register_differs(summary), "fields": fields_of(kind, found),
        "checks": [_checked(r, c) for r, c in checks],
        "projects": list(rows(kinds()["projects"], request.user).filter(park=found)[:50]), "history": history.of("parks", found.pk)[:10],
        "may": permissions.may_keep(request.user)[0] and found.withdrawn_at is None, "may_rules": permissions.may_set_rules(request.user)[0],
        "late": [r.review_on is not None and r.review_on < day for r in summary.recognitions],
    }  # fmt: skip
    return render(request, "records/park.html", context)


def _checked(rule: Any, found: recognition.Check) -> dict[str, Any]:
    conditions = [(v, TAGS[v.answer], interval_or_number(v)) for v in found.conditions]
    return {"rule": rule, "check": found, "tag": TAGS[found.answer], "conditions": conditions}


def interval_or_number(verdict: recognition.Verdict) -> str | None:
    """The measured value of a condition: a share in percent, a count as a number."""
    if verdict.measured is None:
        return None
    if verdict.at_least <= 1:
        return interval_text(verdict.measured)
    return f"{float(verdict.measured.low):g}"


@require_GET
def project(request: HttpRequest, project_code: str) -> HttpResponse:
    """A project: investment against plan by year, milestones with the late first, what holds it up."""
    kind, day = kinds()["projects"], timezone.localdate()
    found = rows(kind, request.user, gone=True).filter(code=project_code).first()
    if found is None:
        raise Http404("没有这个项目")
    progress = project_queries.progress(found, day)
    nodes = [m for m in found.milestones.all() if m.withdrawn_at is None]
    nodes.sort(key=lambda m: (m.done is not None, m.due))
    lines = [{"node": m, "late": m.done is None and m.due < day, "slip": ((m.done or max(day, m.due)) - m.due).days} for m in nodes]
    money = sorted((i for i in found.investments.all() if i.withdrawn_at is None), key=lambda i: (-i.year, i.month or 0))

    def permille(rate: Any) -> int | None:
        return None if rate is None else min(1000, round(rate * 1000))

    context = {
        "project": found, "progress": progress, "lines": lines, "plan": texts.wan(progress.plan), "actual": texts.wan(progress.actual),
        "money": [(i, texts.wan(i.plan_fen), texts.wan(i.actual_fen), _rate(i)) for i in money],
        "invested": texts.wan(progress.invested), "total": texts.wan(found.total_fen),
        "year_rate": texts.percent(progress.year_rate), "total_rate": texts.percent(progress.total_rate),
        "year_bar": permille(progress.year_rate), "total_bar": permille(progress.total_rate), "fields": fields_of(kind, found),
        "history": history.of("projects", found.pk)[:10], "may": permissions.may_keep(request.user)[0] and found.withdrawn_at is None, "day": day,
    }  # fmt: skip
    return render(request, "records/project.html", context)


def _rate(row: Any) -> str | None:
    from wenmai.rooms.records.methods.projects import rate

    return texts.percent(rate(row.actual_fen, row.plan_fen))


def _demand_verb(request: HttpRequest, demand_id: int, form: Any, run: Any, words: str) -> HttpResponse:
    row = record_or_404(kind_or_404("demands"), demand_id, request.user)
    try:
        if not form.is_valid():
            raise InputError("；".join("、".join(map(str, e)) for e in form.errors.values()))
        run(row, form.cleaned_data)
        messages.success(request, words)
    except services.Invalid as error:
        messages.error(request, str(error))
    except WenmaiError as error:
        messages.error(request, str(error))
    return redirect("records:record", "demands", demand_id)


@require_POST
@requires(permissions.may_keep)
def close(request: HttpRequest, demand_id: int) -> HttpResponse:
    def run(row: Any, data: dict[str, Any]) -> None:
        demanding.close(row, data["state"], data["closed"], data["result"], request.user)

    return _demand_verb(request, demand_id, forms.CloseForm(request.POST), run, "已办结")


@require_POST
@requires(permissions.may_keep)
def hand_over(request: HttpRequest, demand_id: int) -> HttpResponse:
    def run(row: Any, data: dict[str, Any]) -> None:
        demanding.hand_over(row, data["department"], data["reason"], data["leader"], data["due"], request.user)

    return _demand_verb(request, demand_id, forms.HandOverForm(request.POST), run, "已转办")


@require_GET
def alert_page(request: HttpRequest) -> HttpResponse:
    """What asks for attention, by kind."""
    found = alerts.alerts(request.user, timezone.localdate())
    kind = lists.clean_text(request.GET.get("kind"))
    counts = alerts.counts(found)
    shown = [a for a in found if a.kind == kind] if kind in dict(counts) else found
    context = {"alerts": shown, "counts": counts, "kind": kind if kind in dict(counts) else "", "total": len(found),
               "scope": scope_of(request.user).words, "each": alerts.EACH}  # fmt: skip
    return render(request, "records/alerts.html", context)


def _pool(request: HttpRequest) -> nurturing.Pool:
    today = timezone.localdate()
    year = lists.bounded_int(request.GET.get("year"), today.year - 1, 2015, today.year)
    return nurturing.pool(request.user, today, year, month=None)


@require_GET
def nurture(request: HttpRequest) -> HttpResponse:
    """准规上培育库."""
    today = timezone.localdate()
    pool = _pool(request)
    years = list(range(today.year - 1, today.year - 6, -1))
    return render(request, "records/nurture.html", {"pool": pool, "years": years, "scope": scope_of(request.user).words, "shown": SHOWN})


@require_GET
def nurture_export(request: HttpRequest) -> HttpResponse:
    pool = _pool(request)
    heads = ("企业", "标识", "状态", f"{pool.year}年营业收入（万元）", "入库标准（万元）", "差额（万元）", "申报", "联系领导")
    every = [*pool.near, *pool.open, *pool.unknown]
    lines = [[c.firm.name, c.firm.key, c.state, c.firm.revenue, c.firm.line, c.gap, c.apply, c.firm.visitor] for c in every]
    note = "本办监测口径；疑似达规不等于规上，是否在库以统计部门为准；营收未知的单列"
    data = workbook("准规上培育库", note, heads, lines, "准规上培育库", (36, 22, 12, 18, 16, 14, 28, 14))
    return attachment(data, "准规上培育库.xlsx", XLSX, rows=len(lines))


@require_http_methods(["GET", "POST"])
def take_in(request: HttpRequest, kind: str) -> HttpResponse:
    """A file into a ledger: the form, then the outcome of every row."""
    if kind not in importing.IMPORTED:
        raise Http404("这本台账不能从文件导入")
    found = kind_or_404(kind)
    demand(found.may(request.user))
    fault = ""
    if request.method == "POST":
        upload = request.FILES.get("file")
        try:
            if upload is None:
                raise InputError("请选择文件")
            name = Path((upload.name or "文件").replace("\\", "/")).name
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / ("upload" + Path(name).suffix)
                with path.open("wb") as target:
                    for chunk in upload.chunks():
                        target.write(chunk)
                provider, park = (lists.clean_text(request.POST.get(n)) for n in ("provider", "park"))
                taken = importing.take_in(kind, path, name, request.user, provider, park)
            if taken.unused:
                messages.warning(request, f"未采用的列：{'、'.join(taken.unused[:20])}")
            return redirect("records:intake", taken.intake.pk)  # type: ignore[union-attr]
        except WenmaiError as error:
            fault = str(error)
    past = Intake.objects.filter(kind=kind).defer("rows").order_by("-pk")
    if not scope_of(request.user).everything:
        past = past.filter(actor_id=request.user.pk)
    context = {"kind": found, "fault": fault, "past": past[:20], "park": lists.clean_text(request.GET.get("in")), "limit": importing.MAX_ROWS,
               "heads": importing.template(kind)[1]}  # fmt: skip
    return render(request, "records/import.html", context, status=400 if fault else 200)


@require_GET
def template(request: HttpRequest, kind: str) -> HttpResponse:
    """A sheet to fill in."""
    if kind not in importing.IMPORTED:
        raise Http404("这本台账不能从文件导入")
    name, heads, lines, note = importing.template(kind)
    return attachment(workbook(kind_or_404(kind).title, note, heads, lines, "填报", [18] * len(heads)), name, XLSX, rows=0)


@require_GET
def intake(request: HttpRequest, taken_id: int) -> HttpResponse:
    """What became of every row of a file. People of a part of the district see what they took in themselves."""
    found = Intake.objects.filter(pk=taken_id).first()
    if found is None or (not scope_of(request.user).everything and found.actor_id != request.user.pk):
        raise Http404("没有这次导入")
    order = {importing.REJECTED: 0, importing.REVISED: 1, importing.CREATED: 2, importing.UNCHANGED: 3, importing.PASSED: 4}
    lines = sorted(found.rows, key=lambda r: (order.get(r[2], 9), r[0]))
    tags = {importing.REJECTED: "rejected", importing.CREATED: "done", importing.REVISED: "partial"}
    pager = lists.pager(len(lines), request.GET, 200)
    shown = [(r, tags.get(r[2], "")) for r in lines[pager["offset"] : pager["offset"] + 200]]
    counts = [(o, found.counts.get(o, 0)) for o in importing.OUTCOMES]
    context = {"intake": found, "kind": kind_or_404(found.kind), "lines": shown, "pager": pager, "counts": counts, "total": len(lines)}
    return render(request, "records/intake.html", context)


@require_POST
@requires(permissions.may_set_rules)
def install_rules(request: HttpRequest) -> HttpResponse:
    """Put in the rules that come with the house, as examples."""
    count = rulebook.install(request.user)
    messages.success(request, f"已装入 {count} 条示例规则，请按当地正式文件核对后使用" if count else "示例规则已在内")
    return redirect("records:list", "rules")
