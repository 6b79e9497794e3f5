"""The shell's own pages: dashboard, background jobs, the log of actions."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from wenmai.office.events.models import Event
from wenmai.office.events.services import verify_chain
from wenmai.office.jobs.models import Job
from wenmai.office.kit import lists
from wenmai.office.kit.guard import demand, requires
from wenmai.office.people.models import Role
from wenmai.office.people.permissions import Verdict, allow
from wenmai.rooms.classification.services import counts
from wenmai.rooms.registry.models import Batch
from wenmai.web import queries
from wenmai.web.rooms import rooms
from wenmai.web.shell import newest

SENTENCE = (
    "rows.total", "units.total", "units.analysed", "culture.identified", "culture.interval", "culture.reviewed",
    "culture.system", "culture.pending", "culture.core", "culture.core.share", "culture.new_form",
)  # fmt: skip


def may_see_events(user: Any) -> Verdict:
    """The log names who did what: auditors and administrators only."""
    return allow(user, frozenset({Role.ADMIN, Role.AUDITOR}), "查看操作日志")


@require_GET
def dashboard(request: HttpRequest) -> HttpResponse:
    """The answer in one sentence, what waits, what came in last."""
    snapshot = newest()
    figures, why = queries.figures_of(snapshot)
    known = {key.replace(".", "_"): figures.get(key) for key in SENTENCE}
    context = {
        "snapshot": snapshot, "why": why, "f": known, "majors": queries.majors(figures), "counts": counts(),
        "changes": queries.changes_since(snapshot), "gate": (snapshot.facts.get("gate", []) if snapshot else []),
        "batches": Batch.objects.order_by("-id").select_related("actor")[:6],
    }  # fmt: skip
    return render(request, "web/dashboard.html", context)


def _titles() -> dict[str, str]:
    return {kind: title for room in rooms() for kind, title in room.job_titles.items()}


def _sees_all(user: Any) -> bool:
    """An administrator and an auditor see all jobs, others their own."""
    return user.role in (Role.ADMIN, Role.AUDITOR)


def _may_cancel(user: Any, job: Job) -> bool:
    return bool(job.actor_id == user.pk or user.role == Role.ADMIN)


@require_GET
def jobs(request: HttpRequest) -> HttpResponse:
    """Background jobs, newest first."""
    query = Job.objects.select_related("actor").order_by("-id")
    if not _sees_all(request.user):
        query = query.filter(actor_id=request.user.pk)
    pager = lists.pager(query.count(), request.GET)
    titles = _titles()
    lines = [{"job": j, "title": titles.get(j.kind, j.kind)} for j in query[pager["offset"] : pager["offset"] + pager["size"]]]
    return render(request, "web/jobs.html", {"lines": lines, "pager": pager})


def _job_for(request: HttpRequest, job_id: int) -> Job:
    job = get_object_or_404(Job.objects.select_related("actor"), pk=job_id)
    if job.actor_id != request.user.pk and not _sees_all(request.user):
        raise PermissionDenied("只能查看自己发起的任务")
    return job


def _result_page(job: Job) -> str:
    for room in rooms():
        if job.kind in room.job_pages and job.state == Job.State.DONE:
            return room.job_pages[job.kind](job)
    return ""


def _remaining(job: Job) -> str:
    """Remaining time from the pace so far; nothing is said before 5 % are done."""
    if not (job.started_at and job.heartbeat and job.total) or job.done < job.total * 0.05:
        return ""
    spent = (job.heartbeat - job.started_at).total_seconds()
    left = spent * (job.total - job.done) / job.done
    return f"，约需 {max(1, round(left))} 秒"


@require_GET
def job(request: HttpRequest, job_id: int) -> HttpResponseBase:
    """Progress of one job: JSON for the script, a page that renews itself without it; the result when done."""
    found = _job_for(request, job_id)
    active = found.state in (Job.State.WAITING, Job.State.RUNNING)
    count = f"{found.done:,} / {found.total:,}" if found.total else (f"{found.done:,}" if found.done else "")
    percent = round(100 * found.done / found.total) if found.total else None
    step = found.step or found.get_state_display()
    following = _result_page(found)
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({
            "active": active, "state": found.get_state_display(), "step": step, "count": count + _remaining(found),
            "percent": percent, "next": following,
        })  # fmt: skip
    context = {
        "job": found, "title": _titles().get(found.kind, found.kind), "active": active, "step": step,
        "count": count + _remaining(found), "percent": percent, "following": following,
        "may_cancel": active and _may_cancel(request.user, found),
    }  # fmt: skip
    return render(request, "web/job.html", context)


@require_POST
def cancel(request: HttpRequest, job_id: int) -> HttpResponse:
    """Ask a job to stop; the worker heeds it at its next step. A waiting job is taken out at once."""
    found = _job_for(request, job_id)
    demand((_may_cancel(request.user, found), "只有发起人和系统管理员可以取消任务"))
    waiting = Job.objects.filter(pk=found.pk, state=Job.State.WAITING)
    if not waiting.update(state=Job.State.CANCELLED, cancel=True, message="开始前已取消"):
        Job.objects.filter(pk=found.pk, state=Job.State.RUNNING).update(cancel=True)
    messages.success(request, "已要求取消；已完成的步骤不受影响")
    return redirect("job", found.pk)


def _content(event: Event) -> str:
    """The payload as text; an erased one says so (its digest still stands in the chain)."""
    return "（已依规清除）" if event.payload is None else json.dumps(event.payload, ensure_ascii=False)


@require_GET
@requires(may_see_events)
def events(request: HttpRequest) -> HttpResponse:
    """The chained log, newest first, paged by id; with `verify` the whole chain is checked."""
    query = Event.objects.order_by("-id")
    verb, subject, actor = (lists.clean_text(request.GET.get(n)) for n in ("verb", "subject", "actor"))
    if verb:
        query = query.filter(verb=verb)
    if subject:
        query = query.filter(subject__startswith=subject)
    if actor:
        query = query.filter(actor=actor)
    before = lists.bounded_int(request.GET.get("before"), 0, 0, 10**9)
    if before:
        query = query.filter(id__lt=before)
    lines = list(query[: lists.PAGE_SIZE + 1])
    more = len(lines) > lists.PAGE_SIZE
    lines = lines[: lists.PAGE_SIZE]
    params = {k: v for k, v in (("verb", verb), ("subject", subject), ("actor", actor)) if v}
    older = lists.encode({**params, "before": str(lines[-1].pk)}) if more else ""
    checked = None
    if request.GET.get("verify") == "1":
        broken = verify_chain()
        checked = "校验通过，事件链完整" if broken is None else f"事件 {broken} 处断链，请立即报告系统管理员"
    context = {
        "lines": [(event, _content(event)) for event in lines],
        "older": older, "verb": verb, "subject": subject, "actor": actor, "checked": checked,
        "verbs": Event.objects.order_by("verb").values_list("verb", flat=True).distinct()[:200], "before": before,
    }  # fmt: skip
    return render(request, "web/events.html", context)
