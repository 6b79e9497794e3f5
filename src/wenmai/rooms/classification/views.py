"""Pages of the classification room: the review queue, decisions, the workbook out and back, a run of the model."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from wenmai.base.values import WenmaiError
from wenmai.office.jobs import services as jobs
from wenmai.office.kit import lists
from wenmai.office.kit.guard import XLSX, attachment, requires
from wenmai.office.people.rows import row_scope
from wenmai.rooms.classification import permissions, queries, reviewing, services
from wenmai.rooms.classification.forms import DecideForm, WorkbookForm
from wenmai.rooms.classification.models import Outcome

PAGE = 20
MAX_BULK = 200
MAX_PAGES = 10_000


@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """Undecided enterprises, the most useful first, each with its evidence and a form."""
    return _queue_page(request)


def _queue_page(request: HttpRequest, **more: Any) -> HttpResponse:
    number = lists.bounded_int(request.GET.get("page"), 1, 1, MAX_PAGES)
    # One more than a page tells whether there is a next one; the queue itself is ranked anew on every call.
    only = request.GET.get("only") == "pending"
    found = reviewing.queue(PAGE + 1, (number - 1) * PAGE, pending_only=only, user=request.user)
    cases = [
        {**case, "small": queries.small_text(case["small_code"]), "lines": queries.evidence_lines(case["evidence"])[:5]} for case in found[:PAGE]
    ]
    allowed, reason = permissions.may_review(request.user)
    context = {
        "cases": cases, "number": number, "more": len(found) > PAGE, "only": only, "counts": services.counts(), "may_review": allowed,
        "why_not": reason, "may_classify": permissions.may_classify(request.user)[0], "outcomes": Outcome.values,
        "smalls": queries.small_options(), "cut": row_scope(request.user).words, "workbook": WorkbookForm(), **more,
    }  # fmt: skip
    return render(request, "classification/queue.html", context)


@require_POST
@requires(permissions.may_classify)
def run(request: HttpRequest) -> HttpResponse:
    """Queue a run over what is new or changed."""
    return redirect("job", jobs.enqueue("classification.run", {}, request.user).pk)


def _back(request: HttpRequest) -> HttpResponse:
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        target = reverse("classification:queue")
    return redirect(target)


@require_POST
@requires(permissions.may_review)
def decide(request: HttpRequest) -> HttpResponse:
    """Decide one enterprise or several with the same outcome, class and reason."""
    keys = list(dict.fromkeys(k for k in request.POST.getlist("key") if k))[:MAX_BULK]
    form = DecideForm(request.POST)
    if not keys:
        messages.error(request, "没有选择企业；请先勾选")
    elif not form.is_valid():
        messages.error(request, form.first_error())
    else:
        data, done = form.cleaned_data, 0
        for key in keys:
            try:
                reviewing.demand_visible(key, request.user)
                services.decide(key, data["outcome"], data["small_code"], data["reason"], request.user)
                done += 1
            except WenmaiError as error:
                messages.error(request, f"{key}：{error}")
        if done:
            messages.success(request, f"已核定 {done} 家；可在企业页撤回")
    return _back(request)


@require_POST
@requires(permissions.may_review)
def withdraw(request: HttpRequest) -> HttpResponse:
    """Take one review back."""
    try:
        number = lists.bounded_int(request.POST.get("review"), 0, 0, 10**9)
        reviewing.demand_visible(queries.key_of_review(number), request.user)
        services.withdraw(number, request.user)
        messages.success(request, "核定已撤回，恢复为此前的核定或系统初判")
    except WenmaiError as error:
        messages.error(request, str(error))
    return _back(request)


@require_GET
@requires(permissions.may_review)
def export(request: HttpRequest) -> HttpResponse:
    """The queue as a workbook with drop-downs."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "queue.xlsx"
        rows = reviewing.export_queue(path, user=request.user)
        return attachment(path.read_bytes(), "待核定表.xlsx", XLSX, rows=rows)


@require_POST
@requires(permissions.may_review)
def import_reviews(request: HttpRequest) -> HttpResponse:
    """Decisions from the workbook; every row is accounted for on the page that follows."""
    form = WorkbookForm(request.POST, request.FILES)
    if not form.is_valid():
        return _queue_page(request, workbook=form)
    file = form.cleaned_data["file"]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / (Path(file.name.replace("\\", "/")).stem[:60] + ".xlsx")
        path.write_bytes(b"".join(file.chunks()))
        try:
            result = reviewing.import_reviews(path, request.user)
        except WenmaiError as error:
            form.add_error("file", str(error))
            return _queue_page(request, workbook=form)
    return _queue_page(request, result=result)
