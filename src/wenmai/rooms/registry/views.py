"""Pages of the registry: the enterprise list, one enterprise, batches from upload to undo."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from wenmai.base.documents.workbook import SheetSpec, workbook_bytes
from wenmai.base.values import WenmaiError
from wenmai.office.files import store
from wenmai.office.jobs import services as jobs
from wenmai.office.kit import lists
from wenmai.office.kit.guard import XLSX, attachment, demand, requires
from wenmai.rooms.registry import permissions, queries, services
from wenmai.rooms.registry.choices import BatchKind, BatchState, Outcome
from wenmai.rooms.registry.forms import AboutForm, UploadForm
from wenmai.rooms.registry.models import Batch, Enterprise


@require_GET
def enterprises(request: HttpRequest) -> HttpResponse:
    """The list: search, filters in the address, sort, pages."""
    page = lists.build(request.GET, queries.enterprises(), queries.filters(), queries.columns(), queries.total)
    return render(request, "registry/enterprises.html", {"page": page, "export_limit": lists.EXPORT_LIMIT})


@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """The selected rows, or the filtered list up to the limit, as a workbook."""
    columns = queries.columns()
    found = queries.filters()
    bound, _ = lists.bind(request.GET, found)
    chosen = [int(i) for i in request.GET.getlist("id")[: lists.MAX_PAGE_SIZE] if i.isascii() and i.isdigit() and len(i) < 16]
    query = lists.narrow(queries.enterprises(), found, bound)
    if chosen:
        query = queries.enterprises().filter(pk__in=chosen)
    query, _ = lists.ordered(query, lists.clean_text(request.GET.get("sort")), columns)
    said = "；".join(f"{b.label}：{b.value}" for b in bound if b.value) or "无"
    note = f"口径：登记名录（行政记录）；筛选：{'所选行' if chosen else said}；名录第 {queries.version()} 版；实时"
    data = lists.export(query, columns, sheet="企业名录", title="企业名录", note=note)
    return attachment(data, "企业名录.xlsx", XLSX)


@require_GET
def enterprise(request: HttpRequest, key: str) -> HttpResponse:
    """One enterprise: values with their provenance, panels of higher rooms, other names, the row as it came."""
    found = get_object_or_404(Enterprise, key=key)
    values, batches = queries.values_of(found)
    panels = [{"template": e.template, **e.panel(found, request.user)} for e in queries.extensions]
    context = {
        "enterprise": found, "values": values, "batches": batches, "panels": panels,
        "names": found.names.order_by("kind", "name"), "raw": queries.raw_row(found),
        "raw_sheet": queries.sheet_name(next((b for b in batches if b.pk == found.batch_id), None), found.sheet),
    }  # fmt: skip
    return render(request, "registry/enterprise.html", context)


@require_GET
def batches(request: HttpRequest) -> HttpResponse:
    """All batches, newest first, with the upload form for those who may import."""
    query = Batch.objects.order_by("-id").select_related("actor", "undoes")
    pager = lists.pager(query.count(), request.GET)
    shown = query[pager["offset"] : pager["offset"] + pager["size"]]
    allowed, reason = permissions.may_import(request.user)
    context = {"batches": shown, "pager": pager, "form": UploadForm(), "may_import": allowed, "why_not": reason}
    return render(request, "registry/batches.html", context)


@require_POST
@requires(permissions.may_import)
def upload(request: HttpRequest) -> HttpResponse:
    """Keep the file, read it, and go to its preview."""
    form = UploadForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            return redirect("registry:batch", _receive(request, form.cleaned_data["file"]).pk)
        except WenmaiError as error:
            form.add_error("file", str(error))
    query = Batch.objects.order_by("-id").select_related("actor", "undoes")[: lists.PAGE_SIZE]
    context = {"batches": query, "pager": lists.pager(len(query), request.GET), "form": form, "may_import": True}
    return render(request, "registry/batches.html", context, status=400)


def _receive(request: HttpRequest, file: Any) -> Batch:
    # Browsers may send a path; only its last part is a name.
    name = Path(file.name.replace("\\", "/")).name
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("upload" + Path(name).suffix)
        with path.open("wb") as target:
            for chunk in file.chunks():
                target.write(chunk)
        batch = services.receive(path, actor=request.user, name=name)
    return services.stage(batch)


@require_GET
def batch(request: HttpRequest, batch_id: int) -> HttpResponse:
    """A batch: its preview while it waits for confirmation, its outcome once published."""
    found = get_object_or_404(Batch.objects.select_related("actor", "undoes"), pk=batch_id)
    return _batch_page(request, found, None)


def _batch_page(request: HttpRequest, found: Batch, form: AboutForm | None) -> HttpResponse:
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
def confirm(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Record who provided the data, and queue the publication."""
    found = get_object_or_404(Batch, pk=batch_id, kind=BatchKind.IMPORT)
    if found.state not in (BatchState.RECEIVED, BatchState.STAGED):
        messages.warning(request, f"批次 {found.pk} 当前为“{found.get_state_display()}”，无需再确认")
        return redirect("registry:batch", found.pk)
    form = AboutForm(request.POST, instance=found)
    if not form.is_valid():
        return _batch_page(request, found, form)
    form.save()
    job = jobs.enqueue("registry.import", {"batch": found.pk}, request.user)
    return redirect("job", job.pk)


@require_POST
@requires(permissions.may_import)
def abandon(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Give an upload up before it is published."""
    try:
        services.abandon(batch_id, request.user)
        messages.success(request, f"批次 {batch_id} 已放弃，未入库")
    except WenmaiError as error:
        messages.error(request, str(error))
    return redirect("registry:batches")


def undo(request: HttpRequest, batch_id: int) -> HttpResponse:
    """GET says what will happen to how many rows; POST does it."""
    demand(permissions.may_undo(request.user))
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
def rows(request: HttpRequest, batch_id: int) -> HttpResponse:
    """The rows of a batch that met one outcome."""
    found = get_object_or_404(Batch, pk=batch_id, kind=BatchKind.IMPORT)
    outcome = request.GET.get("outcome", "")
    if outcome not in Outcome.values:
        outcome = Outcome.CREATED.value
    label = Outcome(outcome).label
    count = int(found.counts.get(outcome, 0))
    pager = lists.pager(count, request.GET)
    for name, link in pager["links"].items():
        pager["links"][name] = f"{link}&outcome={outcome}"
    _, lines = queries.outcome_rows(found, outcome, pager["offset"], pager["size"])
    context = {"batch": found, "outcome": outcome, "label": label, "pager": pager, "lines": lines, "all": queries.counts(found)}
    return render(request, "registry/rows.html", context)


@require_GET
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
    _, lines = queries.outcome_rows(found, Outcome.REJECTED.value, 0, lists.EXPORT_LIMIT)
    cells = [[r["sheet_name"], r["row"], r["name"], r["credit_code"], r["column"], r["reason"]] for r in lines]
    note = f"批次 {found.pk}：{found.file_name}；提供单位：{found.provider or '未载'}"
    spec = SheetSpec("退回行", "退回行", ["工作表", "行", "名称", "统一社会信用代码", "列", "原因"], cells, note)
    return attachment(workbook_bytes([spec]), f"批次{found.pk}退回行.xlsx", XLSX)
