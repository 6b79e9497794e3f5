"""Entering figures by hand: one source, a grid of rows, a preview, then saved; nothing typed is lost on a fault."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from wenmai.base.values import WenmaiError
from wenmai.office.figures import entering, permissions
from wenmai.office.figures.fact_lists import newest_definitions, period_label
from wenmai.office.figures.facts import CREATED, REJECTED, REVISED, NewFact, Outcome
from wenmai.office.figures.forms import GRID, GRID_TITLES, MAX_GRID, START_ROWS, STATUS_WORDS, DefaultsForm, SourceForm, grid_facts, grid_rows
from wenmai.office.figures.models import FactScope, Source
from wenmai.office.kit.guard import demand

SIZES = {"code": 16, "name": 10, "period": 11, "value": 10, "unit": 6, "item": 8, "scope": 7, "stage": 6, "status": 5}


def choices() -> dict[str, Any]:
    """What the inputs offer while typing."""
    return {
        "indicators": list(newest_definitions().order_by("entry").values_list("entry_id", "name", "unit")),
        "scopes": list(dict.fromkeys(["规上", "全口径", "登记", *FactScope.objects.order_by("name").values_list("name", flat=True)[:100]])),
        "providers": list(Source.objects.order_by("provider").values_list("provider", flat=True).distinct()[:100]),
        "stages": ("初步核算", "最终核实", "普查修订"), "states": STATUS_WORDS,
    }  # fmt: skip


def _lines(rows: list[dict[str, str]], facts: list[NewFact], outcome: Outcome | None) -> list[dict[str, Any]]:
    """The grid with what each row would do."""
    lines = []
    for i, row in enumerate(rows):
        word, reason = outcome.rows[i] if outcome else ("", "")
        fact = facts[i] if i < len(facts) else None
        read = f"{fact.code} · {fact.name or fact.key} · {period_label(fact.when)} · {fact.scope} · {fact.lane}" if fact and outcome else ""
        lines.append({"cells": [(name, row.get(name, ""), SIZES[name]) for name in GRID], "word": word, "reason": reason, "read": read})
    return lines


def _page(
    request: HttpRequest, form: SourceForm, defaults: DefaultsForm, rows: list[dict[str, str]], facts: list[NewFact] | None = None,
    outcome: Outcome | None = None, status: int = 200, note: str = "", spare: int = START_ROWS,
) -> HttpResponse:  # fmt: skip
    blanks: list[dict[str, str]] = [{} for _ in range(max(0, min(spare, MAX_GRID - len(rows))))]
    context = {
        "form": form, "defaults": defaults, "lines": _lines(rows, facts or [], outcome) + _lines(blanks, [], None), "titles": GRID_TITLES,
        "counts": outcome.counts if outcome else None, "note": note, "used": len(rows), "most": MAX_GRID,
        "good": outcome.counts[CREATED] + outcome.counts[REVISED] if outcome else 0, "bad": outcome.counts[REJECTED] if outcome else 0,
        **choices(),
    }  # fmt: skip
    return render(request, "figures/enter.html", context, status=status)


@require_http_methods(["GET", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """The form; a post previews, adds rows, or saves."""
    allowed, reason = permissions.may_record(request.user)
    if request.method != "POST":
        if not allowed:
            return render(request, "figures/enter.html", {"why_not": reason})
        start = {"code": request.GET.get("code", "")[:40], "period": request.GET.get("period", "")[:40]}
        return _page(request, SourceForm(), DefaultsForm(initial=start), [])
    demand((allowed, reason))
    form, defaults = SourceForm(request.POST, request.FILES), DefaultsForm(request.POST)
    rows = grid_rows(request.POST)
    fine = form.is_valid()
    # The ticket of what was uploaded just now goes back into the form, whatever else is at fault.
    form.renew()
    action = request.POST.get("action", "preview")
    if action == "more":
        return _page(request, form, defaults, rows, spare=START_ROWS * 3)
    if not defaults.is_valid():
        form.add_error(None, "统一填写的部分有不在可选项内的值")
        fine = False
    if len(rows) > MAX_GRID:
        form.add_error(None, f"一次最多录入 {MAX_GRID} 行，现有 {len(rows)} 行；更多请用“导入数据”")
        return _page(request, form, defaults, rows[:MAX_GRID], status=400, note=f"只保留了前 {MAX_GRID} 行", spare=0)
    if not rows:
        form.add_error(None, "还没有填一行数据")
        fine = False
    if not fine:
        return _page(request, form, defaults, rows, status=400)
    facts = grid_facts(rows, defaults.said(), defaults.by())
    try:
        return _try_or_save(request, form, defaults, rows, facts, action)
    except WenmaiError as error:
        form.add_error(None, str(error))
        return _page(request, form, defaults, rows, status=400)


def _try_or_save(
    request: HttpRequest, form: SourceForm, defaults: DefaultsForm, rows: list[dict[str, str]], facts: list[NewFact], action: str
) -> HttpResponse:  # fmt: skip
    about = form.about()
    outcome = entering.rehearse(facts, about, request.user)
    if action == "preview" or (action == "save" and outcome.counts[REJECTED]):
        return _page(request, form, defaults, rows, facts, outcome, status=200 if action == "preview" else 400, spare=2)
    source, outcome = entering.commit(facts, about, request.user)
    told = "，".join(f"{word} {n}" for word, n in outcome.counts.items() if n)
    left = [i for i, (word, _) in enumerate(outcome.rows) if word == REJECTED]
    if not left:
        messages.success(request, f"已保存：{told}")
        return redirect("facts:source", source.pk)
    rest = Outcome([outcome.rows[i] for i in left])
    note = f"已保存（{told}），来源编号 {source.pk}；下列 {len(left)} 行没有保存，改正后可再保存"
    return _page(request, form, defaults, [rows[i] for i in left], [facts[i] for i in left], rest, note=note, spare=0)
