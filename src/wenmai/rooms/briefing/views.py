"""Pages of the briefing room: draft one of three outputs, fill the placeholders, confirm figures, fetch the files."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from wenmai.base.values import WenmaiError
from wenmai.office.files import store
from wenmai.office.jobs import services as jobs
from wenmai.office.kit import lists
from wenmai.office.kit.guard import requires
from wenmai.rooms.briefing import queries, services
from wenmai.rooms.briefing.forms import ConfirmForm, DraftForm, PassageForm
from wenmai.rooms.briefing.methods import confirming
from wenmai.rooms.briefing.models import Confirmation, Document, Kind

PARTS = {"docx": ".docx", "lineage": "数字出处.json", "xlsx": "附表.xlsx"}
ABOUT = {
    Kind.DRAFT: "可带【】待填处，供修改",
    Kind.CHECK: "每个数字编号，附出处、口径、区间",
    Kind.CLEAN: "只有文字和数字；有【】未填或核对未通过时不出",
}


@require_GET
def documents(request: HttpRequest) -> HttpResponse:
    """The three outputs, what still has to be written, and the documents so far."""
    query = queries.documents()
    pager = lists.pager(query.count(), request.GET, 20)
    shown = query[pager["offset"] : pager["offset"] + pager["size"]]
    allowed, reason = services.may_draft(request.user)
    slots = queries.slots()
    context = {
        "lines": [{"document": d, "found": queries.severity_counts(d), **_unconfirmed(d)} for d in shown], "pager": pager,
        "kinds": [{"value": k.value, "about": ABOUT[k]} for k in Kind], "may_draft": allowed, "why_not": reason,
        "open": sum(1 for s in slots if s["passage"] is None), "slots": len(slots), "refusals": queries.refusals(),
    }  # fmt: skip
    return render(request, "briefing/documents.html", context)


def _unconfirmed(document: Document) -> dict[str, Any]:
    """How many figures of a 核数稿 or 送阅稿 nobody has confirmed; a file that is gone leaves it unknown."""
    if document.kind == Kind.DRAFT:
        return {}
    try:
        missing, total = queries.unconfirmed(document)
    except (WenmaiError, OSError):
        return {}
    return {"unconfirmed": missing, "total": total}


@require_POST
@requires(services.may_draft)
def draft(request: HttpRequest) -> HttpResponse:
    """Queue the drafting of one document."""
    form = DraftForm(request.POST)
    if not form.is_valid():
        messages.error(request, next(str(e[0]) for e in form.errors.values()))
        return redirect("briefing:documents")
    return redirect("job", jobs.enqueue("briefing.draft", {"kind": form.cleaned_data["kind"]}, request.user).pk)


@require_GET
def passages(request: HttpRequest) -> HttpResponse:
    """Every placeholder with its text."""
    allowed, reason = services.may_draft(request.user)
    slots = queries.slots()
    context = {"slots": slots, "open": sum(1 for s in slots if s["passage"] is None), "may_draft": allowed, "why_not": reason}
    return render(request, "briefing/passages.html", context)


@require_POST
@requires(services.may_draft)
def passage(request: HttpRequest, slot: str) -> HttpResponse:
    """Fill one placeholder, leave it out, or open it again."""
    form = PassageForm(request.POST)
    if not form.is_valid():
        messages.error(request, form.first_error())
        return redirect("briefing:passages")
    action = form.cleaned_data["action"]
    try:
        if action == "clear":
            services.unfill(slot, request.user)
        else:
            text = form.cleaned_data["text"] if action == "fill" else ""
            services.fill(slot, text, omitted=action == "omit", actor=request.user)
        messages.success(request, {"fill": "已采用", "omit": "此处不写", "clear": "已恢复待填"}[action])
    except WenmaiError as error:
        messages.error(request, str(error))
    return redirect("briefing:passages")


@require_GET
def download(request: HttpRequest, document_id: int, part: str) -> HttpResponseBase:
    """One of a document's files: the document, its annex workbook, the lineage of its figures."""
    document = get_object_or_404(Document, pk=document_id)
    if part not in PARTS:
        raise Http404("没有这种下载")
    try:
        path = services.document_path(document, part)
        handle = path.open("rb")
    except (WenmaiError, OSError) as error:
        raise Http404(str(error)) from error
    name = f"{document.title}（{document.kind}）{document.pk}{PARTS[part]}"
    return FileResponse(handle, as_attachment=True, filename=name)


# -------------------------------------------------------------- confirmations


@require_GET
def confirmations(request: HttpRequest) -> HttpResponse:
    """核数: the figures of the newest draft, who confirmed each, and the form that confirms the chosen ones."""
    allowed, reason = services.may_confirm(request.user)
    document = queries.documents().first()
    lines = queries.confirmation_lines(document) if document is not None else []
    counts = {state: sum(1 for line in lines if line["state"] == state) for state in confirming.ABOUT}
    only = request.GET.get("state", "")
    if only in counts:
        lines = [line for line in lines if line["state"] == only]
    elif only == "open":
        lines = [line for line in lines if not line["confirmed"]]
    total = sum(counts.values())
    context = {
        "document": document, "lines": lines, "counts": counts, "about": confirming.ABOUT, "only": only, "total": total,
        "open": total - counts[confirming.CONFIRMED], "may_confirm": allowed, "why_not": reason, "form": ConfirmForm(),
    }  # fmt: skip
    return render(request, "briefing/confirmations.html", context)


@require_POST
@requires(services.may_confirm)
def confirm(request: HttpRequest) -> HttpResponse:
    """Confirm the chosen figures as the newest draft prints them."""
    form = ConfirmForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, next(str(e[0]) for e in form.errors.values()))
        return redirect("briefing:confirmations")
    chosen, upload = request.POST.getlist("figure"), form.cleaned_data["slip"]
    try:
        with tempfile.TemporaryDirectory() as box:
            path, name = None, ""
            if upload is not None:
                # Browsers may send a path; only its last part is a name.
                name = Path(upload.name.replace("\\", "/")).name
                path = Path(box) / "slip"
                with path.open("wb") as target:
                    for chunk in upload.chunks():
                        target.write(chunk)
            made = services.confirm(chosen, form.cleaned_data["step"], form.cleaned_data["note"], path, name, request.user)
        messages.success(request, f"已确认 {len(made)} 个数字" + (f"，{len(chosen) - len(made)} 个先前已确认" if len(made) < len(chosen) else ""))
    except WenmaiError as error:
        messages.error(request, str(error))
    return redirect("briefing:confirmations")


@require_POST
@requires(services.may_confirm)
def withdraw(request: HttpRequest, confirmation_id: int) -> HttpResponse:
    """Take one confirmation back."""
    try:
        found = services.withdraw(confirmation_id, request.user)
        messages.success(request, f"已撤回 {found.actor_name} 对该数字的确认")
    except WenmaiError as error:
        messages.error(request, str(error))
    return redirect("briefing:confirmations")


@require_GET
def slip(request: HttpRequest, confirmation_id: int) -> HttpResponseBase:
    """The stamped slip of a confirmation, as a download."""
    found = get_object_or_404(Confirmation, pk=confirmation_id)
    try:
        handle = store.path_of(found.slip_digest).open("rb") if found.slip_digest else None
    except OSError as error:
        raise Http404("确认单文件不在了") from error
    if handle is None:
        raise Http404("这一确认没有附确认单")
    return FileResponse(handle, as_attachment=True, filename=found.slip_name)
