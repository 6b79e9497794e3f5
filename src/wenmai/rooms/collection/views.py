"""The office's pages of forms, rounds and returns. Thin: parse, call, render."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from wenmai.base.values import InputError, WenmaiError
from wenmai.base.values.period import period
from wenmai.office.events.models import Event
from wenmai.office.kit.guard import XLSX, attachment, carry_out, demand, requires
from wenmai.office.kit.lists import bounded_int, clean_text
from wenmai.rooms.collection import filing, forming, handing, merging, permissions, queries, sheets
from wenmai.rooms.collection.models import FormVersion, State


def said(text: str) -> date | None:
    """A date typed into a form, or None when empty."""
    try:
        return date.fromisoformat(text.strip()) if text.strip() else None
    except ValueError as error:
        raise InputError(f"“{text[:20]}”不是日期", remedy="请写成 2026-10-15") from error


@require_GET
@requires(permissions.may_look)
def index(request: HttpRequest) -> HttpResponse:
    """The rounds and how they stand."""
    today = timezone.localdate()
    allowed, reason = permissions.may_manage(request.user)
    found = queries.rounds(request.user, today)
    context = {
        "rounds": found, "today": today, "may_manage": allowed, "why_not": reason, "waiting": queries.waiting_for_office(request.user),
        "late": sum(p.late for p in found),
    }  # fmt: skip
    return render(request, "collection/index.html", context)


@require_http_methods(["GET", "POST"])
@requires(permissions.may_look)
def forms(request: HttpRequest) -> HttpResponse:
    """The forms; a post takes a text in as a new version. A faulty text stays in the box."""
    allowed, reason = permissions.may_manage(request.user)
    text, fault = "", ""
    if request.method == "POST":
        demand((allowed, reason))
        upload = request.FILES.get("file")
        text = request.POST.get("text", "")
        try:
            if upload is not None:
                if (upload.size or 0) > 200_000:
                    raise InputError("表样超过 200 KB", where=str(upload.name))
                try:
                    text = upload.read().decode("utf-8-sig")
                except UnicodeDecodeError as error:
                    raise InputError("表样不是 UTF-8 文本", where=str(upload.name), remedy="请另存为 UTF-8") from error
            made, fresh = forming.take_in(text.replace("\r\n", "\n"), str(upload.name)[:80] if upload is not None else "表样", request.user)
            messages.success(request, f"“{made.title}”第 {made.number} 版" + ("已存" if fresh else "与现行版相同，没有新存"))
            return redirect("collection:form", made.slug)
        except WenmaiError as error:
            fault = str(error)
    context = {"forms": queries.forms(), "may_manage": allowed, "why_not": reason, "text": text, "fault": fault, "example": forming.example()}
    return render(request, "collection/forms.html", context, status=400 if fault else 200)


@require_GET
@requires(permissions.may_look)
def form(request: HttpRequest, slug: str) -> HttpResponse:
    """One form: the newest version in words, its text, the older versions, and the box to issue it."""
    versions = list(FormVersion.objects.filter(slug=slug).order_by("-number"))
    if not versions:
        from django.http import Http404

        raise Http404("没有这张表")
    number = bounded_int(request.GET.get("version"), versions[0].number, 1, 10**6)
    shown = next((v for v in versions if v.number == number), versions[0])
    allowed, reason = permissions.may_manage(request.user)
    found = forming.spec(shown)
    context = {
        "version": shown, "versions": versions, "spec": found, "missing": found.missing_to_issue(), "may_manage": allowed, "why_not": reason,
        "expired": found.expires is not None and found.expires < timezone.localdate(),
    }  # fmt: skip
    return render(request, "collection/form.html", context)


@require_POST
@requires(permissions.may_manage)
def issue(request: HttpRequest, slug: str) -> HttpResponse:
    """Issue a form for a period."""
    try:
        made = forming.issue(slug, clean_text(request.POST.get("period")), said(request.POST.get("due", "")), request.user)
        messages.success(request, f"已布置，{made.returns.count()} 个填报对象，截止 {made.due.isoformat()}")
        return redirect("collection:round", made.pk)
    except WenmaiError as error:
        messages.error(request, str(error))
    return redirect("collection:form", slug)


@require_GET
@requires(permissions.may_look)
def round_(request: HttpRequest, round_id: int) -> HttpResponse:
    """How a round stands: n of N, by street, who is late, every return."""
    today, found = timezone.localdate(), queries.round_or_404(round_id)
    only = request.GET.get("state", "")
    progress, rows = queries.round_page(found, request.user, today, only)
    allowed, reason = permissions.may_manage(request.user)
    reminders = Event.objects.filter(subject=f"round:{found.pk}", verb="collection.round.reminded").order_by("-id")[:5]
    context = {
        "round": found, "spec": forming.spec(found.form), "progress": progress, "rows": rows, "only": only, "states": State.values,
        "may_manage": allowed, "why_not": reason, "reminders": reminders, "today": today,
        "calls": [r for r in rows if r.report.state in forming.OPEN] if only in ("", "late") else [],
    }  # fmt: skip
    return render(request, "collection/round.html", context)


@require_POST
@requires(permissions.may_manage)
def remind(request: HttpRequest, round_id: int) -> HttpResponse:
    """Remind whoever has not handed in."""
    try:
        found = forming.remind(round_id, request.user)
        messages.success(request, f"已提醒 {len(found)} 个填报对象，名单见“待报名单”" if found else "全部已报，不用提醒")
    except WenmaiError as error:
        messages.error(request, str(error))
    return redirect("collection:round", round_id)


@require_POST
@requires(permissions.may_manage)
def upload_many(request: HttpRequest, round_id: int) -> HttpResponse:
    """Many filled workbooks at once; the page says what became of each."""
    found = queries.round_or_404(round_id)
    files = request.FILES.getlist("files")
    if not files:
        messages.error(request, "没有选择文件")
        return redirect("collection:round", round_id)
    came = handing.take_many(((str(f.name), f.read()) for f in files if (f.size or 0) <= sheets.LIMITS.max_bytes), request.user, round_id)
    too_large = [str(f.name) for f in files if (f.size or 0) > sheets.LIMITS.max_bytes]
    came += [handing.Came(name, "退回", "文件超过 10 MB") for name in too_large]
    good = sum(1 for c in came if c.state in ("已报", "未变"))
    return render(request, "collection/came.html", {"round": found, "label": period(found.period).label, "came": came, "good": good})


@require_GET
@requires(permissions.may_look)
def merge(request: HttpRequest, round_id: int) -> HttpResponse:
    """一键汇总 as a workbook."""
    found = queries.round_or_404(round_id)
    demand(permissions.may_see(request.user, forming.spec(found.form).mark))
    merged = merging.merge(round_id, permissions.own_returns(request.user))
    if not merged.returns:
        from django.http import Http404

        raise Http404("没有您能看的报表")
    name = f"{found.form.title}_{period(found.period).label}_汇总.xlsx"
    return attachment(merging.book(merged), name, XLSX, rows=len(merged.standing))


@require_GET
@requires(permissions.may_look)
def return_(request: HttpRequest, return_id: int) -> HttpResponse:
    """One return as the office sees it: the values that were handed in, the checks, the history, and what can be done."""
    report = queries.return_or_404(return_id, request.user)
    found = forming.spec(report.round.form)
    demand(permissions.may_see(request.user, found.mark))
    last = filing.latest(report)
    cells = last.cells if last is not None else {}
    explained = {int(k): v for k, v in last.explained.items()} if last is not None else {}
    lines, checks, _ = queries.lines_of(report, cells, explained, checked=False)
    for line in lines:
        line.place = last.places.get(line.line.id, "") if last is not None else ""
    allowed, reason = permissions.may_manage(request.user)
    context = {
        "report": report, "spec": found, "label": period(report.round.period).label, "last": last, "lines": lines, "may_manage": allowed,
        "why_not": reason, "checks": checks, "history": queries.history(report), "all": report.submissions.order_by("-number"),
        "tag": queries.TAGS[report.state], "late": forming.late_days(report, timezone.localdate()),
        "may_fill": permissions.may_fill(request.user, report)[0],
        "failed": sum(1 for c in checks if c.finding.state == "不符"), "undecided": sum(1 for c in checks if c.finding.state == "未判"),
    }  # fmt: skip
    return render(request, "collection/return.html", context)


def _act(request: HttpRequest, return_id: int, act: Callable[[], Any], done: str) -> HttpResponse:
    queries.return_or_404(return_id, request.user)
    carry_out(request, act, done)
    return redirect("collection:return", return_id)


@require_POST
@requires(permissions.may_manage)
def accept(request: HttpRequest, return_id: int) -> HttpResponse:
    """受理 the submission that the page showed."""
    number = bounded_int(request.POST.get("number"), 0, 0, 10**6)
    return _act(request, return_id, lambda: filing.accept(return_id, number, request.user), "已受理，数值已入库")


@require_POST
@requires(permissions.may_manage)
def send_back(request: HttpRequest, return_id: int) -> HttpResponse:
    """退回 with a reason."""
    return _act(request, return_id, lambda: filing.send_back(return_id, request.POST.get("reason", ""), request.user), "已退回")


@require_POST
@requires(permissions.may_manage)
def exempt(request: HttpRequest, return_id: int) -> HttpResponse:
    """免报 with a reason."""
    return _act(request, return_id, lambda: filing.exempt(return_id, request.POST.get("reason", ""), request.user), "已免报")


@require_POST
@requires(permissions.may_manage)
def resume(request: HttpRequest, return_id: int) -> HttpResponse:
    """An exempted return has to be filled in after all."""
    return _act(request, return_id, lambda: filing.resume(return_id, request.user), "已恢复填报")
