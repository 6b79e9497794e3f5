"""口径对账桥: between two snapshots by units, and to another source's total by named adjustments."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from itertools import zip_longest
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET

from wenmai.base.values import InputError, WenmaiError
from wenmai.office.figures import permissions
from wenmai.office.figures.methods.bridge import SourceBridge, source_bridge
from wenmai.office.figures.models import Snapshot
from wenmai.office.kit import lists
from wenmai.office.kit.export import workbook
from wenmai.office.kit.guard import XLSX, attachment, requires
from wenmai.office.people.rows import keys_of, row_scope
from wenmai.rooms.classification import bridging, grouping

grouping.register()
SHOWN = 100
ADJUSTMENTS = 8
WORDS = ("个体工商户", "分支机构", "非企业法人", "注册在外经营在区", "规模以下", "部分计入类处理不同", "时点不同", "重复")


def _chosen(request: HttpRequest) -> tuple[int, int, list[Snapshot]]:
    known = list(Snapshot.objects.filter(complete=True).order_by("-pk").defer("tables")[:60])
    new = lists.bounded_int(request.GET.get("new"), known[0].pk if known else 0, 0, 10**9)
    old = lists.bounded_int(request.GET.get("old"), known[1].pk if len(known) > 1 else 0, 0, 10**9)
    return old, new, known


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Both bridges; what they say is in the address."""
    old, new, known = _chosen(request)
    context: dict[str, Any] = {"known": known, "old": old, "new": new, "meanings": bridging.MEANINGS, "words": WORDS}
    status = 200
    if old and new and old != new:
        try:
            found = bridging.between(old, new)
            context["found"] = found
            context["lines"] = [
                (line, [(k, found.names[k]) for k in units[:SHOWN]], max(0, len(line.units) - min(SHOWN, len(units))))
                for line, units in _visible(found, request.user)
            ]
        except WenmaiError as error:
            context["fault"], status = str(error), 404
    try:
        context |= _other(request, context.get("found"))
    except InputError as error:
        context["other_fault"], status = str(error), 400
    return render(request, "classification/bridge.html", context, status=status)


def _visible(found: Any, user: Any) -> list[tuple[Any, list[str]]]:
    """The lines of a bridge with the units whose rows this person may see; the counts stay the district's."""
    keys = keys_of(row_scope(user))
    if keys is None:
        return [(line, list(line.units)) for line in found.bridge.lines]
    mine = frozenset(keys if isinstance(keys, frozenset) else keys.values_list("key", flat=True))
    return [(line, [k for k in line.units if k in mine]) for line in found.bridge.lines]


def number(text: str, what: str) -> tuple[Fraction, int]:
    """(value, decimals) of a total as it was printed."""
    try:
        value = Decimal(re.sub(r"[,，\s]", "", text))
    except InvalidOperation as error:
        raise InputError(f"{what}“{text}”不是数", remedy="请只填数字") from error
    if not value.is_finite() or abs(value) > Decimal(10) ** 15:
        raise InputError(f"{what}“{text}”超出范围")
    return Fraction(value), max(0, -int(value.as_tuple().exponent))


def _other(request: HttpRequest, found: Any) -> dict[str, Any]:
    """The bridge to another source's total, from the address."""
    get = {n: lists.clean_text(request.GET.get(n)) for n in ("start", "end", "source", "unit")}
    names = [lists.clean_text(n) for n in request.GET.getlist("why")[:ADJUSTMENTS]]
    values = [lists.clean_text(v) for v in request.GET.getlist("by")[:ADJUSTMENTS]]
    lines = [(n, v) for n, v in zip_longest(names, values, fillvalue="") if n or v]
    shown = [*lines, *[("", "")] * (ADJUSTMENTS - len(lines))]
    said: dict[str, Any] = {"other": get, "adjustments": shown[: max(4, len(lines) + 1)]}
    if not get["start"] and found is not None:
        said["other"] = {**get, "start": str(found.bridge.end)}
    if not get["end"]:
        return said
    start, places = number(get["start"], "我方总数")
    end, other_places = number(get["end"], "对方总数")
    steps: dict[str, Fraction] = {}
    for name, value in lines:
        if not name or not value:
            raise InputError("每项调整须同时写事由和数值", remedy="说不清的不写，留在“未解释差额”里")
        if name in steps:
            raise InputError(f"调整“{name}”写了两次")
        steps[name] = number(value, f"“{name}”的数值")[0]
    tolerance = sum((Fraction(1, 2 * 10**p) for p in (places, other_places) if p), Fraction(0))
    said["bridge"] = _printed(source_bridge(start, end, steps, tolerance), max(places, other_places))
    return said


def _printed(made: SourceBridge, places: int) -> dict[str, Any]:
    def text(value: Fraction, sign: bool = False) -> str:
        return f"{Decimal(value.numerator) / Decimal(value.denominator):{'+' if sign else ''},.{places}f}"

    return {
        "start": text(made.start), "end": text(made.end), "steps": [(name, text(value, True)) for name, value in made.adjustments],
        "unexplained": text(made.unexplained, True) if made.unexplained else "0", "closed": made.closed, "tolerance": text(made.tolerance),
    }  # fmt: skip


@require_GET
@requires(permissions.sees_all)
def export(request: HttpRequest) -> HttpResponse:
    """Every unit of the bridge with its reason."""
    old, new, _ = _chosen(request)
    try:
        found = bridging.between(old, new)
    except WenmaiError as error:
        messages.error(request, str(error))
        return redirect("classification:bridge")
    rows = [["增" if line.change > 0 else "减", line.reason, key, found.names[key]] for line, units in _visible(found, request.user) for key in units]
    note = f"快照 {found.old.pk}（{found.bridge.start} 家）至快照 {found.new.pk}（{found.bridge.end} 家）；登记口径，识别为文化企业"
    data = workbook("文化企业数对账桥", note, ("增减", "事由", "标识", "名称"), rows, "对账桥", (8, 16, 24, 40))
    return attachment(data, f"对账桥_{found.old.pk}_{found.new.pk}.xlsx", XLSX, rows=len(rows))


patterns = [path("bridge/", index, name="bridge"), path("bridge/export", export, name="bridge-export")]
