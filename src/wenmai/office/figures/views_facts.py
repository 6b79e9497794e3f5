"""Pages of values: the list, one value with all that stands behind it, its source, taking it back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from wenmai.base.values import InputError, WenmaiError
from wenmai.base.values.period import FLOW, POINT, Period, period
from wenmai.office.figures import facts as verbs
from wenmai.office.figures import lineage, permissions, sources
from wenmai.office.figures.fact_lists import COLUMNS, FACTS, FILTERS, NEWEST, facts_for, printed, selected, subjects_of, visible
from wenmai.office.figures.fact_queries import Answer, Place, answer, derived, series, subject_name, vintages
from wenmai.office.figures.models import Definition, DefinitionState, Fact, FactScope, Lane, Mark, Source
from wenmai.office.kit import exports, lists
from wenmai.office.kit.guard import demand, requires
from wenmai.office.people.models import Subject, SubjectKind
from wenmai.office.people.rows import row_scope


@require_GET
def facts(request: HttpRequest) -> HttpResponse:
    """The newest standing values, under filters that live in the address."""
    get = request.GET.copy()
    get.setdefault("sort", NEWEST)
    query = facts_for(request.user)
    page = lists.build(get, query, FILTERS, COLUMNS, query.order_by().count)
    context = {
        "page": page, "export_limit": lists.EXPORT_LIMIT, "kinds": SubjectKind.choices, "lanes": Lane.choices,
        "cut": row_scope(request.user, "数据").words,
        "scopes": FactScope.objects.order_by("name").values_list("name", flat=True)[:200], "may_record": permissions.may_record(request.user)[0],
    }  # fmt: skip
    return render(request, "figures/facts.html", context)


@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """The filtered list as a workbook."""
    count = lists.count_up_to(selected(request.GET, request.user), exports.DIRECT_ROWS)
    return exports.answer(request, FACTS, {"query": request.GET.urlencode()[:20000]}, count, "数据.xlsx")


def _visible_or_404(query: QuerySet[Fact], user: Any, fact_id: int) -> Fact:
    """What is 不得外传 does not exist for those who may not see it."""
    return get_object_or_404(visible(query, user).select_related("definition", "subject", "scope", "source"), pk=fact_id)


@require_GET
def fact(request: HttpRequest, fact_id: int) -> HttpResponse:
    """One recorded value, also one that was revised since."""
    found = _visible_or_404(Fact.objects.all(), request.user, fact_id)
    place = Place(found.subject.kind, found.subject.key, found.lane, found.scope.name)
    return _page(request, place, found.definition.entry_id, period(found.period), found.item, found)


@require_GET
def value(request: HttpRequest) -> HttpResponse:
    """The value of a place that the address describes: as reported, else as derived, else why there is none."""
    said = {n: lists.clean_text(request.GET.get(n)) for n in ("kind", "key", "code", "period", "lane", "scope", "item", "stage")}
    try:
        when = period(said["period"])
        if said["kind"] not in SubjectKind.values or said["lane"] not in Lane.values or not said["key"] or not said["scope"]:
            raise InputError("对象、来源类、口径没有写全", remedy="请在“数据”页按公式推算处选定")
        place = Place(said["kind"], said["key"], said["lane"], said["scope"], said["stage"] or None)
        return _page(request, place, said["code"].upper(), when, said["item"], None)
    except InputError as error:
        return render(request, "figures/value_error.html", {"error": error}, status=400)


def _page(request: HttpRequest, place: Place, code: str, when: Period, item: str, shown: Fact | None) -> HttpResponse:
    user = request.user
    if not Subject.objects.filter(subjects_of(user), kind=place.kind, key=place.key).exists() and not row_scope(user).everything:
        raise Http404("没有这个对象的数据")
    got = lineage.masked(answer(place, code, when, item), user)
    definition = shown.definition if shown else (got.facts[0].definition if got.facts and not got.derived else _definition(code, when))
    if definition.kind == POINT and when.kind == FLOW:
        when = Period(when.year, when.last, when.last, when.end.day)
    history = [f for f in vintages(place, code, when, item) if f.mark != Mark.SECRET or permissions.may_see_secret(user)[0]]
    standing = next((f for f in reversed(history) if f.recorded_to is None), None)
    shown = shown or (got.facts[0] if got.facts and not got.derived else standing)
    parts = lineage.operands(place, code, when, item, user)
    computed: Answer | None = derived(place, code, when, item) if parts else None
    computed = lineage.masked(computed, user) if computed else None
    allowed, reason = permissions.may_record(user)
    secret = permissions.may_see_secret(user)[0]
    context = {
        "place": place, "subject": subject_name(place.kind, place.key), "kind": SubjectKind(place.kind).label, "code": code,
        "definition": definition, "when": when, "item": item, "answer": got, "fact": shown, "standing": standing,
        "printed": printed(shown) if shown else lineage.printed(got),
        "interval": "" if shown and shown.recorded_to else lineage.interval(got),
        "history": [(f, printed(f)) for f in history],
        "operands": [(o, lineage.printed(o.answer), lineage.interval(o.answer)) for o in parts],
        "computed": computed, "computed_text": lineage.printed(computed) if computed else "",
        "computed_interval": lineage.interval(computed) if computed else "",
        "series": [(f, printed(f), period(f.period).label) for f in series(place, code, item)[-24:] if f.mark != Mark.SECRET or secret],
        "may_record": allowed, "why_not": reason, "differs": _differs(got, computed),
    }  # fmt: skip
    return render(request, "figures/value.html", context)


def _definition(code: str, when: Period) -> Definition:
    return verbs.definition_for(code, when)


def _differs(got: Answer, computed: Answer | None) -> bool:
    """Whether a reported value and what the formula gives cannot both be right within their printed rounding."""
    if computed is None or computed.value is None or got.derived or got.value is None or got.unit != computed.unit:
        return False
    if None in (got.low, got.high, computed.low, computed.high):
        return False
    return computed.high < got.low or got.high < computed.low  # type: ignore[operator]


@require_POST
@requires(permissions.may_record)
def retract(request: HttpRequest, fact_id: int) -> HttpResponse:
    """Take a standing value back, with the reason."""
    found = _visible_or_404(Fact.objects.all(), request.user, fact_id)
    try:
        if not verbs.retract([found.pk], lists.clean_text(request.POST.get("reason")), request.user):
            raise InputError("这个值已经更正或撤回，不再有效")
        messages.success(request, "已撤回；历史仍保留")
    except WenmaiError as error:
        messages.error(request, str(error))
    return redirect("facts:fact", fact_id)


@require_GET
def source(request: HttpRequest, source_id: int) -> HttpResponse:
    """One source: what it says of itself, its slip and file, how many of its values stand."""
    found = get_object_or_404(Source, pk=source_id)
    query = visible(Fact.objects.filter(source=found), request.user)
    by_code = Definition.objects.filter(pk__in=query.values("definition"), state=DefinitionState.APPROVED).order_by("entry")
    context = {
        "source": found, "total": query.count(), "standing": query.filter(recorded_to=None).count(), "definitions": by_code[:60],
        "intake": getattr(found, "intake", None), "may_fetch": permissions.may_see_secret(request.user)[0],
        "may_slip": _may_slip(source_id, request.user)[0],
        "spells": found.framespell_set.count(),
    }  # fmt: skip
    return render(request, "figures/source.html", context)


def _download(source_id: int, part: Any) -> HttpResponseBase:
    try:
        path, name = part(get_object_or_404(Source, pk=source_id))
    except WenmaiError as error:
        raise Http404(str(error)) from error
    answer = FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type="application/octet-stream")
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _may_slip(source_id: int, user: Any) -> tuple[bool, str]:
    secret = Fact.objects.filter(source=source_id, mark=Mark.SECRET).exists()
    return permissions.may_see_secret(user) if secret else permissions.sees_all(user)


@require_GET
def slip(request: HttpRequest, source_id: int) -> HttpResponseBase:
    """The stamped slip, for everyone who may see the values: every one of them, as the slip shows them all."""
    demand(_may_slip(source_id, request.user))
    return _download(source_id, sources.slip_of)


@require_GET
@requires(permissions.may_see_secret)
def file(request: HttpRequest, source_id: int) -> HttpResponseBase:
    """The file as it came; it may hold more than was recorded, so not for everyone."""
    return _download(source_id, sources.file_of)
