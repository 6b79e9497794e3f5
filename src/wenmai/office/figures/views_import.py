"""Files of figures: upload, settle what the columns mean, try, take in; the outcome of every value."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from wenmai.base.values import InputError, WenmaiError
from wenmai.office.figures import entering, importing, permissions, sources
from wenmai.office.figures.facts import CREATED, REJECTED, REVISED
from wenmai.office.figures.forms import DefaultsForm, SourceForm
from wenmai.office.figures.importing import Plan
from wenmai.office.figures.methods.layout import CELL, FIELDS, OWN, Reading, Role
from wenmai.office.figures.models import Fact, Intake, Mark
from wenmai.office.figures.views_entry import choices
from wenmai.office.files import store
from wenmai.office.kit import lists
from wenmai.office.kit.export import workbook
from wenmai.office.kit.guard import XLSX, attachment, demand, requires

ACCEPT = ".xlsx,.xlsm,.xls,.csv,.tsv,.txt"
SHOWN = 200
ROLES = (("", "不用"), (CELL, "数值"), *((name, label) for name, (label, _) in FIELDS.items()))
CARRIED = ("provider", "basis", "purpose", "share", "expires")


def _upload_form(*args: Any) -> SourceForm:
    return SourceForm(*args, file_label="数据文件（xlsx、xls、csv）", accept=ACCEPT)


def _index(request: HttpRequest, form: SourceForm | None, status: int = 200) -> HttpResponse:
    query = Intake.objects.order_by("-pk").select_related("source").defer("rows", "reading", "heads")
    pager = lists.pager(query.count(), request.GET)
    context = {
        "form": form, "why_not": permissions.may_record(request.user)[1], "pager": pager, **choices(),
        "intakes": query[pager["offset"] : pager["offset"] + pager["size"]],
    }  # fmt: skip
    return render(request, "figures/import.html", context, status=status)


@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """The upload form with what was taken in before; a post reads the file and shows how it was understood."""
    allowed = permissions.may_record(request.user)
    if request.method != "POST":
        return _index(request, _upload_form() if allowed[0] else None)
    demand(allowed)
    form = _upload_form(request.POST, request.FILES)
    fine = form.is_valid()
    form.renew()
    if fine and "file" not in form.kept:
        form.add_error("file", "请选择数据文件")
        fine = False
    if fine:
        try:
            path, name = store.path_of(form.kept["file"]), form.kept["file_name"]
            plan = importing.plan(path, name, form.cleaned_data["provider"])
            return _map_page(request, plan, form.carried(), form.data[form.add_prefix("ticket")])
        except WenmaiError as error:
            form.kept.pop("file", None)
            form.kept.pop("file_name", None)
            form.renew()
            form.add_error("file", str(error))
    return _index(request, form, 400)


def _map_page(
    request: HttpRequest, plan: Plan, carried: dict[str, str], ticket: str, fault: str = "", tried: list[list[Any]] | None = None, status: int = 200
) -> HttpResponse:  # fmt: skip
    grid, reading = plan.grid, plan.reading
    columns = [
        {"at": i, "title": title or f"（第 {i + 1} 列）", "role": role, "examples": grid.examples(i), "unit": grid.units[i] or ""}
        for i, (title, role) in enumerate(zip(grid.titles, reading.roles, strict=True))
    ]
    counts = entering.counts_of(tried) if tried is not None else None
    lines = sorted(tried or [], key=lambda line: line[2] != REJECTED)  # what was refused first, each group in reading order
    context = {
        "plan": plan, "columns": columns, "roles": ROLES, "carried": carried, "ticket": ticket, "fault": fault, "counts": counts,
        "defaults": DefaultsForm(initial={**reading.defaults, "dimension": reading.dimension}), "lines": lines[:SHOWN],
        "hidden": max(0, len(lines) - SHOWN),
        "good": counts[CREATED] + counts[REVISED] if counts else 0, "total": len(lines), **choices(),
    }  # fmt: skip
    return render(request, "figures/import_map.html", context, status=status)


def _reading(request: HttpRequest, width: int) -> Reading:
    """What the person settled on in the form."""
    roles = []
    for i in range(width):
        role = request.POST.get(f"c{i}-role", "")
        own = {name: lists.clean_text(request.POST.get(f"c{i}-{name}"))[:60] for name in OWN}
        roles.append(Role(CELL, **own) if role == CELL else Role(role if role in FIELDS else ""))
    defaults = DefaultsForm(request.POST)
    return Reading(tuple(roles), defaults.said(), defaults.by())


@require_POST
@requires(permissions.may_record)
def map_columns(request: HttpRequest) -> HttpResponse:
    """Try the file under the columns as settled, or take it in."""
    carried = {name: lists.clean_text(request.POST.get(name)) for name in CARRIED}
    ticket, action = request.POST.get("ticket", ""), request.POST.get("action", "try")
    try:
        kept = sources.read_ticket(ticket)
        if "file" not in kept:
            raise InputError("没有上传的文件", remedy="请重新选择文件")
        path, name = store.path_of(kept["file"]), kept["file_name"]
        at = lists.bounded_int(request.POST.get("sheet"), 0, 0, 999)
        if action == "sheet":
            return _map_page(request, importing.plan(path, name, carried["provider"], at), carried, ticket)
        width = lists.bounded_int(request.POST.get("width"), 0, 0, importing.MAX_COLUMNS)
        plan = importing.planned(kept["file"], name, at, _reading(request, width))
    except WenmaiError as error:
        messages.error(request, str(error))
        return redirect("facts:import")
    try:
        said = (carried["provider"], carried["basis"], carried["purpose"], carried["share"], _day(carried["expires"]))
        about = sources.About(*said, name, kept["file"], kept.get("slip", ""))
        values = plan.values()
        if action == "save":
            made = entering.take_in(values, about, plan.grid.titles, plan.reading, name, plan.grid.sheet, request.user)
            return redirect("facts:intake", made.pk)
        tried = entering.lines_of(values, entering.rehearse(entering.facts_of(values), about, request.user))
        return _map_page(request, plan, carried, ticket, tried=tried)
    except WenmaiError as error:
        return _map_page(request, plan, carried, ticket, fault=str(error), status=400)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise InputError(f"期限“{text}”不是日期") from error


@require_GET
@requires(permissions.sees_all)
def intake(request: HttpRequest, intake_id: int) -> HttpResponse:
    """What became of every value of a file; refused ones first to be seen."""
    found = get_object_or_404(Intake.objects.select_related("source"), pk=intake_id)
    word = request.GET.get("outcome", "")
    rows = found.rows if not _has_secret(found, request.user) else []
    chosen = [line for line in rows if not word or line[2] == word]
    pager = lists.pager(len(chosen), request.GET, size=100, keep={"outcome": word})
    context = {
        "intake": found, "counts": found.counts, "total": sum(found.counts.values()), "word": word, "pager": pager,
        "lines": chosen[pager["offset"] : pager["offset"] + 100], "withheld": not rows and bool(found.rows),
        "columns": _columns_of(found), "may_fetch": permissions.may_see_secret(request.user)[0],
    }  # fmt: skip
    return render(request, "figures/intake.html", context)


def _has_secret(found: Intake, user: Any) -> bool:
    """A file with values marked 不得外传 is not opened to those who may not see them."""
    if permissions.may_see_secret(user)[0]:
        return False
    reading = found.reading if isinstance(found.reading, dict) else {}
    marks = {reading.get("defaults", {}).get("mark", "")}
    return Mark.SECRET in marks or Fact.objects.filter(source=found.source, mark=Mark.SECRET).exists()


def _columns_of(found: Intake) -> list[tuple[str, str]]:
    """(title, what it was taken for) of every column that was used."""
    labels = dict(ROLES)
    used = []
    for title, role in zip(found.heads, found.reading.get("roles", []), strict=False):
        if role.get("role"):
            own = "，".join(str(role[name]) for name in OWN if role.get(name))
            used.append((title, labels.get(role["role"], role["role"]) + (f"（{own}）" if own else "")))
    return used


@require_GET
def template(request: HttpRequest) -> HttpResponse:
    """A workbook to fill in, long or wide."""
    layout = "wide" if request.GET.get("layout") == "wide" else "long"
    name, heads, rows, note = importing.template(layout)
    return attachment(workbook("数据模板", note, heads, rows, "数据", [16] * len(heads)), name, XLSX, rows=len(rows))
