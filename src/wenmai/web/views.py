"""The shell's own pages: dashboard, background jobs, the log of actions."""

from __future__ import annotations

import json
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from wenmai.base.values import WenmaiError
from wenmai.office.events.models import Event
from wenmai.office.events.services import verify_chain
from wenmai.office.jobs import services as job_services
from wenmai.office.jobs.models import Job
from wenmai.office.kit import exports, lists
from wenmai.office.kit.guard import XLSX, carry_out, demand, requires
from wenmai.office.kit.templatetags.kit import job_count, percent
from wenmai.office.people.models import Role
from wenmai.office.people.permissions import Verdict, allow
from wenmai.office.people.rows import row_scope
from wenmai.rooms.classification.changes import changes_since
from wenmai.rooms.classification.services import counts
from wenmai.rooms.registry.models import Batch
from wenmai.web import queries, shell
from wenmai.web.rooms import rooms

SENTENCE = (
    "rows.total", "units.total", "units.analysed", "culture.identified", "culture.interval", "culture.reviewed",
    "culture.system", "culture.pending", "culture.core", "culture.core.share", "culture.new_form",
)  # fmt: skip
# What the log calls an action of the ground floor; rooms name their own, and one without a name is shown by its verb.
ACTIONS = {
    "people.login.passed": "登录", "people.login.failed": "登录未通过", "people.login.locked": "登录锁定", "people.login.ended": "退出",
    "people.password.changed": "更改密码", "people.user.created": "新建账号", "office.file.downloaded": "下载文件",
    "people.organisation.added": "新增单位", "people.organisation.changed": "单位启停", "people.user.placed": "账号归属",
    "people.role.assigned": "授予角色", "people.role.ended": "结束任职", "people.role.changed": "更改角色", "people.role.delegated": "委托",
    "people.role.revoked": "收回委托", "people.consent.given": "授权", "people.consent.withdrawn": "撤回授权",
    "people.user.disabled": "停用账号", "people.user.enabled": "恢复账号", "people.password.reset": "重设密码",
    "people.factor.enabled": "启用动态口令", "people.factor.removed": "停用动态口令", "people.factor.recovered": "使用恢复码",
    "people.sso.linked": "绑定统一身份认证",
    "web.map.replaced": "更换街道边界", "web.view.shared": "共享视图", "web.view.unshared": "收回视图共享",
    "web.token.added": "新建接口令牌", "web.token.revoked": "吊销接口令牌", "web.api.read": "接口读取",
    "jobs.job.cancelled": "取消任务", "figures.snapshot.published": "发布快照",
    "keeping.backup.made": "备份", "keeping.backup.restored": "恢复备份",
}  # fmt: skip


def may_see_events(user: Any) -> Verdict:
    """The log names who did what: auditors and administrators only."""
    if cut := row_scope(user).words:
        return False, f"操作日志含全区记录，本单位{cut}"
    return allow(user, frozenset({Role.ADMIN, Role.AUDITOR}), "查看操作日志")


@require_GET
def dashboard(request: HttpRequest) -> HttpResponse:
    """The answer in one sentence, what waits, what came in last."""
    snapshot, selection = shell.chosen(request), shell.selection(request)
    figures, why = queries.figures_for(request.user, snapshot)
    known = {key.replace(".", "_"): figures.get(key) for key in SENTENCE}
    cut = row_scope(request.user).words
    context = {
        "snapshot": snapshot, "why": why, "f": known, "majors": queries.majors(figures), "counts": counts(),
        "changes": None if selection.older else changes_since(snapshot),
        "gate": (snapshot.facts.get("gate", []) if snapshot else []),
        "batches": Batch.objects.order_by("-id").select_related("actor")[:6] if not cut else [], "cut": cut, "scope": selection.scope,
        "scoped": queries.of_scope(figures, selection.scope),
    }  # fmt: skip
    return render(request, "web/dashboard.html", context)


def job_titles() -> dict[str, str]:
    own = {exports.KIND: "导出表格"}
    return own | {kind: title for room in rooms() for kind, title in room.job_titles.items()}


def sees_all_jobs(user: Any) -> bool:
    """An administrator and an auditor see all jobs, others their own."""
    return allow(user, frozenset({Role.ADMIN, Role.AUDITOR}), "查看他人的任务")[0] and row_scope(user).everything


@require_GET
def jobs(request: HttpRequest) -> HttpResponse:
    """Background jobs, newest first."""
    query = Job.objects.select_related("actor").order_by("-id")
    if not sees_all_jobs(request.user):
        query = query.filter(actor_id=request.user.pk)
    state, titles = request.GET.get("state", ""), job_titles()
    state = state if state in Job.State.values else ""
    kind = request.GET.get("kind", "")
    kind = kind if kind in titles else ""
    query = query.filter(**{k: v for k, v in (("state", state), ("kind", kind)) if v})
    pager = lists.pager(query.count(), request.GET, keep={"state": state, "kind": kind})
    lines = [{"job": j, "title": titles.get(j.kind, j.kind)} for j in query[pager["offset"] : pager["offset"] + pager["size"]]]
    context = {
        "lines": lines, "pager": pager, "state": state, "states": Job.State.choices, "kind": kind, "kinds": titles.items(),
        "all": sees_all_jobs(request.user),
    }  # fmt: skip
    return render(request, "web/jobs.html", context)


def _job_for(request: HttpRequest, job_id: int) -> Job:
    job = get_object_or_404(Job.objects.select_related("actor"), pk=job_id)
    if job.actor_id != request.user.pk and not sees_all_jobs(request.user):
        raise PermissionDenied("只能查看自己发起的任务")
    return job


def _result_page(job: Job) -> str:
    for room in rooms():
        if job.kind in room.job_pages and job.state == Job.State.DONE:
            return room.job_pages[job.kind](job)
    return ""


def _return_page(job: Job) -> str:
    """Where the person starts again after a job that failed or was cancelled."""
    for room in rooms():
        if job.kind in room.job_returns and job.state in (Job.State.FAILED, Job.State.CANCELLED):
            return reverse(room.job_returns[job.kind])
    return ""


@require_GET
def job(request: HttpRequest, job_id: int) -> HttpResponseBase:
    """Progress of one job: JSON for the script, a page that renews itself without it; the result when done."""
    found = _job_for(request, job_id)
    active = found.state in (Job.State.WAITING, Job.State.RUNNING)
    following = _result_page(found)
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({
            "active": active, "state": found.get_state_display(), "step": found.step or found.get_state_display(),
            "count": job_count(found), "percent": percent(found.done, found.total) if found.total else None,
            # Another page may be waiting for this job: what ended without a result is told on the job's own page.
            "next": following or ("" if active else reverse("job", args=[found.pk])),
        })  # fmt: skip
    may_cancel = job_services.may_cancel(request.user, found)[0]
    context = {
        "job": found, "title": job_titles().get(found.kind, found.kind), "active": active, "following": following,
        "may_cancel": active and may_cancel, "file": exports.file_of(found), "may_fetch": may_cancel,
        "returning": _return_page(found),
        "ahead": Job.objects.filter(state__in=[Job.State.WAITING, Job.State.RUNNING], pk__lt=found.pk).count() if active else 0,
    }  # fmt: skip
    return render(request, "web/job.html", context)


@require_GET
def job_file(request: HttpRequest, job_id: int) -> HttpResponseBase:
    """The file of a finished export: for the person who asked for it and for administrators, until it expires."""
    found = get_object_or_404(Job.objects.select_related("actor"), pk=job_id)
    demand((job_services.may_cancel(request.user, found)[0], "导出的文件只有发起人和系统管理员可以下载"))
    try:
        path, name, rows = exports.open_file(found)
    except WenmaiError as error:
        raise Http404(str(error)) from error
    answer = FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type=XLSX)
    answer.audited_rows = rows  # type: ignore[attr-defined]
    return answer


@require_POST
def cancel(request: HttpRequest, job_id: int) -> HttpResponse:
    """Ask a job to stop."""
    found = get_object_or_404(Job, pk=job_id)
    demand(job_services.may_cancel(request.user, found))
    carry_out(request, lambda: job_services.cancel(job_id, request.user), "已要求取消；已完成的步骤不受影响")
    return redirect("job", job_id)


def _event_kinds() -> dict[str, str]:
    """First word of a verb → what it is called; a room's own events stand under the room's title."""
    own = {"people": "登录与账号", "keeping": "备份与恢复", "office.file": "导出与下载", "jobs": "后台任务", "figures": "快照与数字"}
    own["web"] = "接口、视图、地图"
    return own | {room.label: room.title for room in rooms()}


def _content(event: Event) -> str:
    """The payload as text; an erased one says so (its digest still stands in the chain)."""
    return "（已依规清除）" if event.payload is None else json.dumps(event.payload, ensure_ascii=False)


@require_GET
@requires(may_see_events)
def events(request: HttpRequest) -> HttpResponse:
    """The chained log, newest first, paged by id; with `verify` the whole chain is checked."""
    query = Event.objects.order_by("-id")
    verb, subject, actor, kind = (lists.clean_text(request.GET.get(n)) for n in ("verb", "subject", "actor", "kind"))
    kinds, names = _event_kinds(), ACTIONS | {verb: title for room in rooms() for verb, title in room.event_titles.items()}
    if kind in kinds:
        query = query.filter(verb__startswith=f"{kind}.")
    else:
        kind = ""
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
    params = {k: v for k, v in (("kind", kind), ("verb", verb), ("subject", subject), ("actor", actor)) if v}
    older = lists.encode({**params, "before": str(lines[-1].pk)}) if more else ""
    checked = None
    if request.GET.get("verify") == "1":
        broken = verify_chain()
        checked = "校验通过，事件链完整" if broken is None else f"事件 {broken} 处断链，请立即报告系统管理员"
    context = {
        "lines": [(event, _content(event), names.get(event.verb, event.verb)) for event in lines],
        "kind": kind, "kinds": kinds.items(),
        "older": older, "verb": verb, "subject": subject, "actor": actor, "checked": checked,
        "verbs": [(v, names.get(v, v)) for v in Event.objects.order_by("verb").values_list("verb", flat=True).distinct()[:200]], "before": before,
    }  # fmt: skip
    return render(request, "web/events.html", context)
