"""Comparable growth by matched frames, and the check of a table before it leaves."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from wenmai.base.values import InputError, Refused, WenmaiError
from wenmai.base.values.period import period
from wenmai.base.values.units import unit
from wenmai.office.figures import frames as frame_service
from wenmai.office.figures import permissions, releasing, tabling
from wenmai.office.figures.fact_lists import facts_for, period_label, printed, subjects_of
from wenmai.office.figures.fact_queries import comparable_growth, standing
from wenmai.office.figures.facts import definition_for
from wenmai.office.figures.methods.disclosure import Rules
from wenmai.office.figures.methods.growth import MatchedGrowth
from wenmai.office.figures.models import Entry, FactScope, Lane, Mark
from wenmai.office.kit import lists
from wenmai.office.kit.export import workbook
from wenmai.office.kit.guard import XLSX, attachment, requires
from wenmai.office.people.models import Subject, SubjectKind

GROWTH_CODES = ("SC08",)
NAMED = 200


def rounded(value: Fraction, digits: int = 2) -> str:
    """Half up, with separators."""
    scaled = abs(value) * 10**digits
    whole = int(scaled + Fraction(1, 2))
    sign = "-" if value < 0 and whole else ""
    return f"{sign}{whole // 10**digits:,}" + (f".{whole % 10**digits:0{digits}d}" if digits else "")


def growth_view(found: MatchedGrowth, code: str, when: str, user: Any = None) -> dict[str, Any]:
    """A matched growth in the indicator's own unit, names for the units that could not be matched."""
    target = unit(definition_for(code, period(when)).unit)
    places = 2 if found.matched_before >= 100 * target.factor else 4  # a small total keeps its digits
    firms = Subject.objects.filter(subjects_of(user), kind=SubjectKind.ENTERPRISE, key__in=found.unmatched)
    names = dict(firms.values_list("key", "name")[:NAMED])
    named = found.unmatched if permissions.sees_all(user)[0] else [k for k in found.unmatched if k in names]
    return {
        "rate": None if found.rate is None else rounded(found.rate * 100), "matched": found.matched, "unit": target.name,
        "now": rounded(found.matched_now / target.factor, places), "before": rounded(found.matched_before / target.factor, places),
        "entered": rounded(found.entered / target.factor, places), "entered_units": found.entered_units,
        "left": rounded(found.left / target.factor, places), "left_units": found.left_units,
        "unmatched": [(key, names.get(key) or key) for key in named[:NAMED]], "unmatched_count": len(found.unmatched),
    }  # fmt: skip


def _refuse_secret(user: Any, code: str, when: str, scope: str) -> None:
    """A rate of a handful of firms tells about firms: with figures 不得外传 in it, it is for those who may see them."""
    if permissions.may_see_secret(user)[0]:
        return
    span = period(when)
    query = standing().filter(
        definition__entry=code, lane=Lane.MONITOR, scope__name=scope, period__in=[span.code, span.years_ago().code], mark=Mark.SECRET
    )  # fmt: skip
    if query.exists():
        raise Refused("所用数据含不得外传的数据", remedy="请由经办或核定员查看")


@require_GET
def growth(request: HttpRequest) -> HttpResponse:
    """The rate on the units that are in both frames, and what entered, left and could not be matched; beside it the
    bureau's comparable rates as they were published."""
    said = {n: lists.clean_text(request.GET.get(n)) for n in ("code", "period", "frame", "scope")}
    context: dict[str, Any] = {
        "said": said, "frames": [f for f, lane in frame_service.frames() if lane == Lane.MONITOR],
        "scopes": FactScope.objects.order_by("name").values_list("name", flat=True)[:200], "published": _published(request),
        "options": sorted({c for c, _, _ in tabling.choices()}),
    }  # fmt: skip
    status = 200
    if said["code"] and said["period"]:
        code = said["code"].upper().split()[0]
        try:
            found_period = period(said["period"])
            _refuse_secret(request.user, code, said["period"], said["scope"])
            found = comparable_growth(code, said["period"], said["frame"], said["scope"])
            context |= {
                "result": growth_view(found, code, said["period"], request.user), "label": found_period.label, "ago": found_period.years_ago().label,
                "name": definition_for(code, found_period).name,
            }  # fmt: skip
        except WenmaiError as error:
            context["fault"], status = str(error), 400 if isinstance(error, InputError) else 200
        except ValueError:
            context["fault"], status = "这一时期没有上年同期", 400
    return render(request, "figures/growth.html", context, status=status)


def _published(request: HttpRequest) -> list[tuple[Any, str, str]]:
    """The bureau's comparable growth as entered: never computed here."""
    codes = [*GROWTH_CODES, *Entry.objects.filter(definitions__name__contains="可比").values_list("code", flat=True)]
    query = facts_for(request.user).filter(lane=Lane.BUREAU, definition__entry__in=codes).order_by("-ends", "pk")[:12]
    return [(f, printed(f), period_label(f.period)) for f in query]


def _asked(request: HttpRequest) -> dict[str, str]:
    return {n: lists.clean_text(request.GET.get(n)) for n in ("what", "by", "across", "min")}


def _arguments(said: dict[str, str]) -> tuple[str, str, str, str, str, Rules]:
    parts = said["what"].split("|")
    if len(parts) != 3:
        raise InputError("没有选定指标、时期和口径")
    rules = Rules(min_units=lists.bounded_int(said["min"], 5, 3, 50))
    code, when, scope = parts
    return code, when, scope, said["by"], said["across"], rules


@require_GET
@requires(permissions.may_see_secret)
def disclosure(request: HttpRequest) -> HttpResponse:
    """Which cells of a table have to be withheld, why, and how closely an outsider could still work them out."""
    said = _asked(request)
    offered = tabling.choices()
    context: dict[str, Any] = {
        "said": said, "offered": [(f"{c}|{p}|{s}", f"{c} · {period_label(p)} · {s}") for c, p, s in offered], "min": said["min"] or "5",
        "may_release": permissions.may_release(request.user)[0],
    }  # fmt: skip
    status = 200
    if said["what"]:
        try:
            code, when, scope = said["what"].split("|") if said["what"].count("|") == 2 else ("", "", "")
            context["dimensions"] = tabling.dimensions(code, when, scope)
            if said["by"]:
                found = tabling.check(*_arguments(said))
                context |= {"found": found, "lines": _cells(found), "withheld": _withheld(found), "query": request.GET.urlencode()}
        except WenmaiError as error:
            context["fault"], status = str(error), 400 if isinstance(error, InputError) else 200
    return render(request, "figures/disclosure.html", context, status=status)


def _cells(found: tabling.Checked) -> list[tuple[str, list[dict[str, Any]]]]:
    lines = []
    for head, keys in found.lines():
        cells = []
        for key in keys:
            cell = found.table.cells[key]
            state = "primary" if key in found.found.primary else "secondary" if key in found.found.secondary else ""
            cells.append({"value": f"{cell.value:,.2f}", "units": cell.units, "state": state, "why": found.found.primary.get(key, "")})
        lines.append((head, cells))
    return lines


def _withheld(found: tabling.Checked) -> list[dict[str, Any]]:
    """Every withheld cell: its reason, its value, and the bounds that the published cells leave."""
    out = []
    for key, (low, high) in found.found.bounds.items():
        reason = found.found.primary.get(key) or found.found.kept.get(key) or "补充隐去：否则可由合计减出上列单元格"
        cell = found.table.cells[key]
        top = "不限" if high == float("inf") else f"{high:,.2f}"
        out.append({
            "key": key.replace("|", " × "), "reason": reason, "primary": key in found.found.primary, "units": cell.units,
            "value": f"{cell.value:,.2f}", "bounds": f"{low:,.2f}—{top}", "exposed": key in found.found.unprotected,
        })  # fmt: skip
    return sorted(out, key=lambda line: (not line["primary"], line["key"]))


@require_GET
@requires(permissions.may_see_secret)
def export(request: HttpRequest) -> HttpResponse:
    """The safe table only: withheld cells are marked, and a table that withholding cannot protect does not leave. What
    leaves is kept, and later tables are set beside it."""
    try:
        found = releasing.release(*_arguments(_asked(request)), request.user)
    except WenmaiError as error:
        return render(request, "figures/value_error.html", {"error": error}, status=400)
    rows = [[head, *(found.safe(key) for key in keys)] for head, keys in found.lines()]
    note = f"本办监测口径，{found.scope}，{found.period}，单位：{found.unit}；* 为依规隐去（含补充隐去）；少于 {found.rules.min_units} 家等不公开"
    data = workbook(f"{found.name}", note, ["分组", *found.heads()], rows, "表", [24, *[14] * len(found.heads())])
    return attachment(data, f"{found.name}（可公开表）.xlsx", XLSX, rows=len(rows))
