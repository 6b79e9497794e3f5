"""Pages of 入库/退库: who was in a frame on a day, what changed in a span, one row in or out, a list from a file."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from wenmai.base.values import WenmaiError
from wenmai.office.figures import facts, permissions, sources
from wenmai.office.figures import frames as service
from wenmai.office.figures.fact_lists import subjects_of
from wenmai.office.figures.fact_queries import frame_at, frame_changes
from wenmai.office.figures.facts import CREATED, REJECTED, REVISED, UNCHANGED
from wenmai.office.figures.forms import SourceForm, SpellForm, parse_day
from wenmai.office.figures.models import FrameSpell, Lane
from wenmai.office.files import store
from wenmai.office.kit import lists
from wenmai.office.kit.export import workbook
from wenmai.office.kit.guard import XLSX, attachment, requires

SPAN_ROWS = 300


def _page(request: HttpRequest, status: int = 200, **forms: Any) -> HttpResponse:
    known = service.frames()
    frame, lane = lists.clean_text(request.GET.get("frame")), request.GET.get("lane", "")
    if (frame, lane) not in known:
        frame, lane = known[0] if known else ("规上", Lane.MONITOR.value)
    today = timezone.localdate()
    on = parse_day(request.GET.get("on")) or today
    first, last = parse_day(request.GET.get("from")) or date(on.year, 1, 1), parse_day(request.GET.get("to")) or on
    members = frame_at(frame, lane, on)
    changes = frame_changes(frame, lane, first, last)
    query = FrameSpell.objects.filter(frame=frame, lane=lane).select_related("subject", "source").order_by("-entered", "pk")
    mine = subjects_of(request.user, "subject__")
    query = query.filter(mine)
    text = lists.clean_text(request.GET.get("q"))
    if text:
        query = query.filter(subject__name__icontains=text) | query.filter(subject__key=text)
    keep = {"frame": frame, "lane": lane, "on": on.isoformat(), "from": first.isoformat(), "to": last.isoformat(), "q": text}
    pager = lists.pager(query.count(), request.GET, keep=keep)
    allowed, reason = permissions.may_record(request.user)
    context = {
        "known": known, "frame": frame, "lane": lane, "on": on, "first": first, "last": last, "members": len(members), "q": text,
        "entered": list(changes["入库"].filter(mine)[:SPAN_ROWS]), "left": list(changes["退库"].filter(mine)[:SPAN_ROWS]), "pager": pager,
        "spells": query[pager["offset"] : pager["offset"] + pager["size"]], "may_record": allowed, "why_not": reason,
        "enter_form": forms.get("enter_form") or _spell("enter", frame, lane), "leave_form": forms.get("leave_form") or _spell("leave", frame, lane),
        "source_form": forms.get("source_form") or _source_form(), "told_form": forms.get("told_form") or SourceForm(prefix="told"),
        "outcome": forms.get("outcome"), "counts": forms.get("counts"),
        "opened": forms.get("opened", ""),
    }  # fmt: skip
    return render(request, "figures/frames.html", context, status=status)


def _spell(prefix: str, frame: str, lane: str) -> SpellForm:
    return SpellForm(prefix=prefix, initial={"frame": frame, "lane": lane})


def _source_form(*args: Any) -> SourceForm:
    return SourceForm(*args, file_label="名单文件（xlsx、xls、csv）", accept=".xlsx,.xls,.csv", prefix="list")


@require_GET
def frames(request: HttpRequest) -> HttpResponse:
    """One frame: its members on a day, its changes in a span, all its spells."""
    return _page(request)


@require_POST
@requires(permissions.may_record)
def enter(request: HttpRequest) -> HttpResponse:
    """One unit in, with the source that says so."""
    form, source = SpellForm(request.POST, prefix="enter"), SourceForm(request.POST, request.FILES, prefix="told")
    if form.is_valid() and source.is_valid():
        data = form.cleaned_data
        try:
            with transaction.atomic():
                opened = sources.open_source(source.about(), request.user)
                facts.enter_frame(
                    data["frame"], data["lane"], data["key"], data["on"], opened, kind=data["kind"][:20], name=data["name"], actor=request.user
                )  # fmt: skip
            messages.success(request, f"已登记入库：{data['name'] or data['key']}，{data['on']}")
            return redirect("facts:frames")
        except WenmaiError as error:
            form.add_error(None, str(error))
    source.renew()
    return _page(request, 400, enter_form=form, told_form=source, opened="enter")


@require_POST
@requires(permissions.may_record)
def leave(request: HttpRequest) -> HttpResponse:
    """One unit out."""
    form = SpellForm(request.POST, prefix="leave")
    if form.is_valid():
        data = form.cleaned_data
        try:
            facts.leave_frame(data["frame"], data["lane"], data["key"], data["on"], data["kind"], request.user)
            messages.success(request, f"已登记退库：{data['name'] or data['key']}，{data['on']}")
            return redirect("facts:frames")
        except WenmaiError as error:
            form.add_error(None, str(error))
    return _page(request, 400, leave_form=form, opened="leave")


@require_POST
@requires(permissions.may_record)
def import_list(request: HttpRequest) -> HttpResponse:
    """A whole list; the page says what became of every row."""
    form = _source_form(request.POST, request.FILES)
    frame, lane = lists.clean_text(request.POST.get("frame")), request.POST.get("lane", "")
    fine = form.is_valid()
    if fine and "file" not in form.kept:
        form.add_error("file", "请选择名单文件")
    if fine and not form.errors:
        try:
            rows = service.read_list(store.path_of(form.kept["file"]), form.kept["file_name"])
            outcome = service.import_list(rows, frame, lane, form.about(), request.user)
            words = [word for _, word, _ in outcome]
            counts = {word: words.count(word) for word in (CREATED, REVISED, UNCHANGED, REJECTED)}
            outcome.sort(key=lambda line: line[1] != REJECTED)
            return _page(request, outcome=outcome[:SPAN_ROWS], counts=counts, opened="import")
        except WenmaiError as error:
            form.add_error("file", str(error))
    form.renew()
    return _page(request, 400, source_form=form, opened="import")


@require_GET
def template(request: HttpRequest) -> HttpResponse:
    """A list to fill in."""
    note = "一行一户；只登记退库的，入库日期留空；日期写成 2024-03-01"
    return attachment(workbook("入退库名单", note, service.HEADS, [], "名单", [22, 32, 14, 14, 14, 20]), "入退库名单模板.xlsx", XLSX, rows=0)
