"""Pages of the registry: the enterprise list, one enterprise, batches from upload to undo."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db.models import Q
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from wenmai.base.values import WenmaiError
from wenmai.office.files import store
from wenmai.office.jobs import services as jobs
from wenmai.office.jobs.models import Job
from wenmai.office.kit import exports, lists
from wenmai.office.kit.guard import carry_out, demand, requires
from wenmai.office.people.rows import row_scope
from wenmai.rooms.registry import exporters, permissions, queries, receiving, services
from wenmai.rooms.registry.choices import BatchKind, BatchState, Outcome
from wenmai.rooms.registry.forms import AboutForm, UploadForm
from wenmai.rooms.registry.models import Batch, Enterprise


@require_GET
def enterprises(request: HttpRequest) -> HttpResponse:
    """The list: search, filters in the address, sort, pages."""
    user = request.user
    page = lists.build(request.GET, queries.enterprises(user), queries.filters(user), queries.columns(), lambda: queries.total_for(user))
    context = {"page": page, "export_limit": lists.EXPORT_LIMIT, "cut": row_scope(user).words}
    return render(request, "registry/enterprises.html", context)


@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """The ticked rows, or the filtered list up to the limit: at once when short, in the background when long."""
    query, _ = exporters.selected(request.GET, request.user)
    count = lists.count_up_to(query, exports.DIRECT_ROWS)
    return exports.answer(request, exporters.ENTERPRISES, {"query": request.GET.urlencode()[:20000]}, count, "企业名录.xlsx")


@require_GET
def enterprise(request: HttpRequest, key: str) -> HttpResponse:
    """One enterprise: values with their provenance, panels of higher rooms, other names, the row as it came."""
    visible = queries.within(Enterprise.objects.select_related("parent"), request.user)
    found = get_object_or_404(visible, key=key)
    whole = queries.sees_all(request.user)[0]
    values, batches = queries.values_of(found)
    panels = [{"template": e.template, **e.panel(found, request.user)} for e in queries.extensions]
    context = {
        "enterprise": found, "values": values, "batches": batches, "panels": panels,
        "names": found.names.order_by("kind", "name"), "raw": queries.raw_row(found), "whole": whole,
        "branches": queries.branches(found, user=request.user),
        "parent_shown": found.parent_id and queries.within(Enterprise.objects.filter(pk=found.parent_id), request.user).exists(),
        "raw_sheet": queries.sheet_name(next((b for b in batches if b.pk == found.batch_id), None), found.sheet),
    }  # fmt: skip
    return render(request, "registry/enterprise.html", context)


def _batches_page(request: HttpRequest, form: UploadForm, status: int = 200) -> HttpResponse:
    query = Batch.objects.order_by("-id").select_related("actor", "undoes")
    state, text = request.GET.get("state", ""), lists.clean_text(request.GET.get("q"))
    state = state if state in BatchState.values else ""
    if state:
        query = query.filter(state=state)
    if text:
        query = query.filter(Q(file_name__icontains=text) | Q(provider__icontains=text))
    pager = lists.pager(query.count(), request.GET, keep={"state": state, "q": text})
    allowed, reason = permissions.may_import(request.user)
    context = {
        "batches": query[pager["offset"] : pager["offset"] + pager["size"]], "pager": pager, "form": form, "may_import": allowed,
        "why_not": reason, "states": BatchState.choices, "state": state, "text": text,
    }  # fmt: skip
    return render(request, "registry/batches.html", context, status=status)


@require_GET
@requires(queries.sees_all)
def batches(request: HttpRequest) -> HttpResponse:
    """All batches, newest first, with the upload form for those who may import."""
    return _batches_page(request, UploadForm())


@require_POST
@requires(permissions.may_import)
@requires(queries.sees_all)
def upload(request: HttpRequest) -> HttpResponse:
    """Keep the file, queue its reading, and go to the page that will be its preview."""
    form = UploadForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            found = _receive(request, form.cleaned_data["file"])
            receiving.start(found, request.user)
            return redirect("registry:batch", found.pk)
        except WenmaiError as error:
            form.add_error("file", str(error))
    return _batches_page(request, form, status=400)


def _receive(request: HttpRequest, file: Any) -> Batch:
    # Browsers may send a path; only its last part is a name.
    name = Path(file.name.replace("\\", "/")).name
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("upload" + Path(name).suffix)
        with path.open("wb") as target:
            for chunk in file.chunks():
                target.write(chunk)
        return services.receive(path, actor=request.user, name=name)


@require_POST
@requires(permissions.may_import)
@requires(queries.sees_all)
def read_again(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Queue the reading of a received file whose first reading was cancelled."""
    receiving.start(get_object_or_404(Batch, pk=batch_id, kind=BatchKind.IMPORT), request.user)
    return redirect("registry:batch", batch_id)


@require_GET
@requires(queries.sees_all)
def batch(request: HttpRequest, batch_id: int) -> HttpResponseBase:
    """A batch: progress while its file is read, its preview while it waits for confirmation, then its outcome."""
    found = Batch.objects.select_related("actor", "undoes").filter(pk=batch_id).first()
    if found is None:
        # A file that cannot be read leaves no batch; what was wrong with it stands on the page of its reading.
        job = receiving.job_of(batch_id)
        if job is not None and job.actor_id == request.user.pk and job.state in (Job.State.FAILED, Job.State.CANCELLED):
            return redirect("job", job.pk)
        raise Http404(f"没有编号为 {batch_id} 的批次")
    return _batch_page(request, found, None)


def _reading_page(request: HttpRequest, found: Batch) -> HttpResponse:
    job = receiving.job_of(found.pk)
    active = job is not None and job.state in (Job.State.WAITING, Job.State.RUNNING)
    mine = job is not None and jobs.may_cancel(request.user, job)[0]
    context = {"batch": found, "job": job, "active": active, "mine": mine, "may_import": permissions.may_import(request.user)[0]}
    return render(request, "registry/reading.html", context)


def _batch_page(request: HttpRequest, found: Batch, form: AboutForm | None) -> HttpResponse:
    if found.state == BatchState.RECEIVED:
        return _reading_page(request, found)
    context: dict[str, Any] = {
        "batch": found, "sheets": queries.mapping_lines(found), "kinds": queries.problem_kinds(found),
        "may_import": permissions.may_import(request.user)[0], "may_undo": permissions.may_undo(request.user)[0],
    }  # fmt: skip
    if found.kind == BatchKind.UNDO:
        return render(request, "registry/undone.html", context)
    if found.state in (BatchState.PUBLISHED, BatchState.UNDONE):
        context["counts"] = queries.counts(found)
        context["accounted"] = sum(n for _, _, n in context["counts"])
        context["rejected"] = queries.outcome_rows(found, Outcome.REJECTED.value, 0, 50)
        context["undone_by"] = found.undone_by.first()
        return render(request, "registry/outcome.html", context)
    context["heads"], context["rows"] = queries.preview(found)
    context["form"] = form or AboutForm(instance=found)
    return render(request, "registry/preview.html", context, status=400 if form else 200)


@require_POST
@requires(permissions.may_import)
@requires(queries.sees_all)
def confirm(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Record who provided the data, and queue the publication. Nothing is confirmed that could not be looked at."""
    found = get_object_or_404(Batch, pk=batch_id, kind=BatchKind.IMPORT)
    if found.state != BatchState.STAGED:
        messages.warning(request, f"批次 {found.pk} 当前为“{found.get_state_display()}”，不能确认入库")
        return redirect("registry:batch", found.pk)
    form = AboutForm(request.POST, instance=found)
    if not form.is_valid():
        return _batch_page(request, found, form)
    try:
        services.describe(found.pk, **form.cleaned_data, actor=request.user)
    except WenmaiError as error:
        messages.error(request, str(error))
        return redirect("registry:batch", found.pk)
    return redirect("job", jobs.enqueue("registry.import", {"batch": found.pk}, request.user).pk)


@require_POST
@requires(permissions.may_import)
@requires(queries.sees_all)
def abandon(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Give an upload up before it is published."""
    carry_out(request, lambda: services.abandon(batch_id, request.user), f"批次 {batch_id} 已放弃，未入库")
    return redirect("registry:batches")


def undo(request: HttpRequest, batch_id: int) -> HttpResponse:
    """GET says what will happen to how many rows; POST does it."""
    demand(permissions.may_undo(request.user))
    demand(queries.sees_all(request.user))
    found = get_object_or_404(Batch, pk=batch_id, kind=BatchKind.IMPORT)
    if request.method == "POST":
        try:
            done = services.undo(found.pk, request.user)
        except WenmaiError as error:
            messages.error(request, str(error))
            return redirect("registry:batch", found.pk)
        messages.success(request, f"批次 {found.pk} 已撤销")
        return redirect("registry:batch", done.pk)
    objections = [reason for guard in services.undo_guards for reason in guard(found)]
    if found.state != BatchState.PUBLISHED:
        objections.append(f"批次当前为“{found.get_state_display()}”")
    context = {"batch": found, "objections": objections, **queries.undo_preview(found)}
    return render(request, "registry/undo.html", context)


@require_GET
@requires(queries.sees_all)
def rows(request: HttpRequest, batch_id: int) -> HttpResponse:
    """The rows of a batch that met one outcome."""
    found = get_object_or_404(Batch, pk=batch_id, kind=BatchKind.IMPORT)
    outcome = request.GET.get("outcome", "")
    if outcome not in Outcome.values:
        outcome = Outcome.CREATED.value
    label = Outcome(outcome).label
    count = int(found.counts.get(outcome, 0))
    pager = lists.pager(count, request.GET, keep={"outcome": outcome})
    _, lines = queries.outcome_rows(found, outcome, pager["offset"], pager["size"])
    context = {"batch": found, "outcome": outcome, "label": label, "pager": pager, "lines": lines, "all": queries.counts(found)}
    return render(request, "registry/rows.html", context)


@require_GET
@requires(queries.sees_all)
def download(request: HttpRequest, batch_id: int, part: str) -> HttpResponseBase:
    """`file`: the bytes as received (importers only: they hold what the register leaves out); `rejected`: a workbook."""
    found = get_object_or_404(Batch, pk=batch_id, kind=BatchKind.IMPORT)
    if part == "file":
        demand(permissions.may_import(request.user))
        path = store.path_of(found.file_digest)
        if not path.exists():
            raise Http404("文件不在本机")
        return FileResponse(path.open("rb"), as_attachment=True, filename=found.file_name)
    if part != "rejected":
        raise BadRequest("没有这种下载")
    count = int(found.counts.get(Outcome.REJECTED.value, 0))
    return exports.answer(request, exporters.REJECTED, {"batch": found.pk}, count, f"批次{found.pk}退回行.xlsx")
