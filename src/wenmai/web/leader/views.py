"""The page of the ten questions, one question alone, the workbook of all."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from wenmai.base.values import NotFound
from wenmai.office.figures.models import Snapshot
from wenmai.office.kit import exports
from wenmai.office.kit.answers import Answer, Asked
from wenmai.office.kit.exports import Table
from wenmai.office.people.rows import row_scope
from wenmai.web import shell
from wenmai.web.leader.questions import QUESTIONS, Card, card, cards

TEN = "leader.ten"
SHORT = 5  # rows of a table on the page of all ten; its own page has all
HEADS = ("问题", "项目", "数值", "单位", "来源类", "口径", "时期（数据截至）", "提供单位", "公开属性", "说明")


def asked_by(request: HttpRequest) -> Asked:
    return Asked(request.user, timezone.localdate(), shell.chosen(request), str(shell.site().get("district", "")))


def _shortened(one: Card) -> dict[str, Any]:
    grids = [(replace(g, rows=g.rows[:SHORT]), max(0, len(g.rows) - SHORT)) for g in one.answer.grids]
    return {"card": one, "grids": grids}


@require_GET
def ten(request: HttpRequest) -> HttpResponse:
    """All ten, each with its values and the beginning of its tables."""
    asked = asked_by(request)
    found = cards(asked)
    context = {
        "cards": [_shortened(c) for c in found], "known": sum(1 for c in found if c.known), "asked": asked, "questions": QUESTIONS,
        "cut": row_scope(request.user).words,
    }  # fmt: skip
    return render(request, "leader/ten.html", context)


@require_GET
def one(request: HttpRequest, number: int) -> HttpResponse:
    """One question with whole tables."""
    if not 1 <= number <= len(QUESTIONS):
        raise Http404("只有十问")
    asked = asked_by(request)
    found = card(number, asked)
    context = {
        "lines": [{"card": found, "grids": [(g, 0) for g in found.answer.grids]}], "question": found.question, "asked": asked, "questions": QUESTIONS,
        "cut": row_scope(request.user).words,
    }  # fmt: skip
    return render(request, "leader/one.html", context)


@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """The ten answers as a workbook."""
    snapshot = shell.chosen(request)
    return exports.answer(request, TEN, {"snapshot": snapshot.pk if snapshot else None}, 0, "十问.xlsx")


def table(parameters: dict[str, Any], actor: Any) -> Table:
    """Source of the export: values, rows of tables (their cells joined) and gaps, in order: {"snapshot": id or null}."""
    number = parameters["snapshot"]
    snapshot = Snapshot.objects.filter(pk=number, complete=True).first() if number else None
    if number and snapshot is None:
        raise NotFound(f"没有快照 {number}")
    asked = Asked(actor, timezone.localdate(), snapshot, str(shell.site().get("district", "")))
    rows = [line for c in cards(asked) for line in _lines(f"{c.question.number} {c.question.title}", c.answer)]
    note = f"{asked.today.isoformat()} 生成；各值以来源类、口径、时期为限，不可相加；内部使用"
    if cut := row_scope(actor).words:
        note += f"；{cut}"
    return Table("领导十问", note, "十问", HEADS, rows, (34, 30, 16, 8, 14, 26, 20, 20, 10, 60), len(rows))


def _lines(title: str, answer: Answer) -> list[list[str]]:
    found = [[title, v.title, v.text, v.unit, v.lane, v.scope, v.when, v.provider, v.mark, v.note] for v in answer.values]
    for grid in answer.grids:
        for row in grid.rows:
            rest = "；".join(f"{head}：{cell.text}" for head, cell in zip(grid.heads[1:], row[1:], strict=True) if cell.text)
            found.append([title, f"{grid.title}：{row[0].text}", "", "", "", "", "", "", "", f"{rest}（{grid.about}）"])
    return found + [[title, gap.what, "—", "", "", "", "", "", "", f"补全办法：{gap.remedy}"] for gap in answer.gaps]


def declare() -> None:
    exports.source(TEN, table)
