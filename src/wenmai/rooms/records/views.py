"""Pages of any ledger: index, list, export, one row with its history, add, edit, withdraw, restore."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from wenmai.base.values import NotFound, WenmaiError
from wenmai.office.kit import exports, lists
from wenmai.office.kit.guard import demand
from wenmai.rooms.records import exporters, forms, history, importing, project_queries, services, texts
from wenmai.rooms.records.kinds import Kind, kinds
from wenmai.rooms.records.models import Demand, Record
from wenmai.rooms.records.scope import scope_of

# Fields of a ledger that its form does not have, shown on the row's page.
MORE = {"demands": ("state", "closed", "result")}


def kind_or_404(slug: str) -> Kind:
    found = kinds().get(slug)
    if found is None:
        raise Http404("没有这本台账")
    return found


def record_or_404(kind: Kind, pk: int, user: Any) -> Any:
    """A row that this person sees, withdrawn or not; 404 as if it were not there."""
    found = exporters.rows(kind, user, gone=True).filter(pk=pk).first()
    if found is None:
        raise Http404(f"{kind.title}中没有这条记录")
    return found


def page_of(kind: Kind, record: Any) -> str:
    return kind.page(record) if kind.page else reverse("records:record", args=[kind.slug, record.pk])


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Every ledger with how many rows this person sees."""
    lines = [
        {"kind": k, "count": exporters.rows(k, request.user).order_by().count(), "file": k.slug in importing.IMPORTED, "may": k.may(request.user)[0]}
        for k in kinds().values()
    ]  # fmt: skip
    return render(request, "records/index.html", {"lines": lines, "scope": scope_of(request.user).words})


@require_GET
def listing(request: HttpRequest, kind: str) -> HttpResponse:
    """One ledger: filters, sorting, paging; the demand ledger with its statistics above."""
    found, day = kind_or_404(kind), timezone.localdate()
    get = request.GET.copy()
    if not get.get("sort"):
        get["sort"] = found.order
    rows = exporters.rows(found, request.user, get.get("gone") == "含撤销")
    page = lists.build(get, rows, found.filters, found.columns(request.user, day), rows.count)
    allowed, reason = found.may(request.user)
    context: dict[str, Any] = {
        "kind": found, "page": page, "may": allowed, "why_not": reason, "scope": scope_of(request.user).words, "day": day,
        "import": found.slug in importing.IMPORTED, "export_limit": lists.EXPORT_LIMIT,
    }  # fmt: skip
    if found.model is Demand:
        context["statistics"] = project_queries.demand_statistics(request.user, day)
    return render(request, "records/list.html", context)


@require_GET
def export(request: HttpRequest, kind: str) -> HttpResponse:
    """The ledger as filtered, for this person, as a workbook."""
    found = kind_or_404(kind)
    query, _ = exporters.selected(found, request.GET, request.user)
    parameters = {"kind": found.slug, "query": request.GET.urlencode()}
    return exports.answer(request, exporters.LEDGER, parameters, lists.count_up_to(query, lists.EXPORT_LIMIT), f"{found.title}.xlsx")


@require_GET
def record(request: HttpRequest, kind: str, record_id: int) -> HttpResponse:
    """One row: its fields, what hangs on it, its history."""
    found = kind_or_404(kind)
    row = record_or_404(found, record_id, request.user)
    allowed, reason = found.may(request.user)
    context: dict[str, Any] = {
        "kind": found, "record": row, "title": found.label(row), "fields": fields_of(found, row), "children": children(found, row, request.user),
        "history": history.of(found.slug, row.pk), "may": allowed and row.withdrawn_at is None,
        "may_restore": allowed and row.withdrawn_at is not None, "why_not": reason, "key": getattr(row, "key", None),
        "back": found.back(row) if found.back else reverse("records:list", args=[found.slug]),
    }  # fmt: skip
    if isinstance(row, Demand):
        context |= {"demand": row, "overdue": project_queries.overdue(row, timezone.localdate()),
                    "close": forms.CloseForm(initial={"closed": timezone.localdate()}), "hand": forms.HandOverForm()}  # fmt: skip
    return render(request, "records/record.html", context)


def fields_of(kind: Kind, row: Record) -> list[tuple[str, str | None]]:
    return [(kind.title_of(n), texts.shown(row, n)) for n in (*kind.fields, *MORE.get(kind.slug, ()))]


def children(kind: Kind, row: Record, user: Any) -> list[dict[str, Any]]:
    """Ledgers whose rows belong to this row, with the rows that this person sees (at most 50 each)."""
    found = []
    for other in kinds().values():
        for name in other.parents:
            field: Any = other.model._meta.get_field(name)
            if field.is_relation and field.related_model is kind.model:
                rows = list(exporters.rows(other, user).filter(**{name: row}).order_by("-pk")[:51])
                lines = [(page_of(other, r), other.label(r)) for r in rows[:50]]
                found.append({"kind": other, "lines": lines, "more": len(rows) > 50, "preset": f"{name}={row.pk}"})
    return found


def _form_page(request: HttpRequest, kind: Kind, form: forms.RecordForm, row: Any = None, status: int = 200) -> HttpResponse:
    form.narrow(lists.clean_text(request.GET.get("in")))
    back = page_of(kind, row) if row is not None else reverse("records:list", args=[kind.slug])
    return render(request, "records/form.html", {"kind": kind, "form": form, "record": row, "back": back}, status=status)


@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, kind: str) -> HttpResponse:
    """The form of a new row."""
    found = kind_or_404(kind)
    demand(found.may(request.user))
    if request.method != "POST":
        return _form_page(request, found, forms.RecordForm(found, request.user, preset=forms.preset(found, request.GET)))
    form = forms.RecordForm(found, request.user, request.POST)
    if form.is_valid():
        try:
            made = services.create(found, form.values(), request.user)
            messages.success(request, f"已登记：{found.label(made)}")
            return redirect(found.back(made) if found.back else page_of(found, made))
        except services.Invalid as error:
            form.take(error.faults)
        except WenmaiError as error:
            form.add_error(None, str(error))
    return _form_page(request, found, form, status=400)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, kind: str, record_id: int) -> HttpResponse:
    """The form of an existing row; refused when somebody changed it meanwhile."""
    found = kind_or_404(kind)
    demand(found.may(request.user))
    row = record_or_404(found, record_id, request.user)
    if request.method != "POST":
        return _form_page(request, found, forms.RecordForm(found, request.user, record=row), row)
    form = forms.RecordForm(found, request.user, request.POST, row)
    if form.is_valid():
        try:
            made = services.edit(row, form.values(), request.user, form.cleaned_data["reason"], form.cleaned_data["version"])
            messages.success(request, "已修改" if made.version != row.version else "没有变动")
            return redirect(page_of(found, made))
        except services.Invalid as error:
            form.take(error.faults)
        except WenmaiError as error:
            form.add_error(None, str(error))
    return _form_page(request, found, form, row, 400)


def _reasoned(request: HttpRequest, slug: str, record_id: int, verb: Any, words: str) -> HttpResponse:
    kind = kind_or_404(slug)
    demand(kind.may(request.user))
    row = record_or_404(kind, record_id, request.user)
    form = forms.ReasonForm(request.POST)
    try:
        if not form.is_valid():
            raise NotFound("、".join(map(str, form.errors.get("reason", ["请写明理由"]))))
        verb(row, form.cleaned_data["reason"], request.user)
        messages.success(request, words)
    except WenmaiError as error:
        messages.error(request, str(error))
    return redirect("records:record", slug, record_id)


@require_POST
def withdraw(request: HttpRequest, kind: str, record_id: int) -> HttpResponse:
    """Take a row out, with a reason; it stays in the history and can be restored."""
    return _reasoned(request, kind, record_id, services.withdraw, "已撤销；记录保留，可恢复")


@require_POST
def restore(request: HttpRequest, kind: str, record_id: int) -> HttpResponse:
    return _reasoned(request, kind, record_id, services.restore, "已恢复")


@require_GET
def changes(request: HttpRequest) -> HttpResponse:
    """The history of every ledger: who changed what, when, from what to what."""
    query, bound = history.selected(request.GET, request.user)
    keep = {b.name: b.value for b in bound}
    pager = lists.pager(lists.count_up_to(query, 10_000), request.GET, keep=keep)
    rows = list(query[pager["offset"] : pager["offset"] + pager["size"]])
    return render(request, "records/history.html", {"rows": history.lines(rows), "filters": bound, "pager": pager, "filtered": any(keep.values()),
                                                    "query": lists.encode({k: v for k, v in keep.items() if v})})  # fmt: skip


@require_GET
def changes_export(request: HttpRequest) -> HttpResponse:
    query, _ = history.selected(request.GET, request.user)
    count = lists.count_up_to(query, lists.EXPORT_LIMIT)
    return exports.answer(request, history.SOURCE, {"query": request.GET.urlencode()}, count, "台账变更.xlsx")
