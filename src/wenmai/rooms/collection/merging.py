"""一键汇总: one workbook of a round: a total sheet, then a sheet per respondent with where each value came from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.timezone import localtime

from wenmai.base.documents.workbook import SheetSpec, workbook_bytes
from wenmai.base.values.period import period
from wenmai.rooms.collection.forming import spec
from wenmai.rooms.collection.methods import cells as cell_methods
from wenmai.rooms.collection.methods.cells import Cell
from wenmai.rooms.collection.methods.form import Form
from wenmai.rooms.collection.methods.merging import Total, total
from wenmai.rooms.collection.models import Return, Round, State, Submission

MOST_SHEETS = 60
REPORTED = (State.SUBMITTED, State.ACCEPTED)


@dataclass
class Merged:
    """A round put together: respondents in order, their standing submission or None, totals by line."""

    round: Round
    form: Form
    returns: list[Return]
    standing: dict[int, Submission]
    totals: dict[str, Total]

    @property
    def missing(self) -> list[Return]:
        return [r for r in self.returns if r.pk not in self.standing and r.state != State.EXEMPT]


def merge(round_id: int, only: Any = None) -> Merged:
    """Everything of a round in three queries; `only` cuts the returns (a Q of what a person sees)."""
    found = Round.objects.select_related("form").get(pk=round_id)
    query = Return.objects.filter(round=found).order_by("pk")  # the order of the form's list
    returns = list(query.filter(only) if only is not None else query)
    form = spec(found.form)
    live = {r.pk for r in returns if r.state in REPORTED}
    standing: dict[int, Submission] = {}
    for one in Submission.objects.filter(report__in=live, unused=False).order_by("number"):
        standing[one.report_id] = one
    asked = [r for r in returns if r.state != State.EXEMPT]
    names = {r.pk: r.name if sum(o.name == r.name for o in returns) == 1 else f"{r.name}（{r.key}）" for r in asked}
    totals = {}
    read = {pk: {id: cell_methods.from_raw(raw) for id, raw in s.cells.items()} for pk, s in standing.items()}
    for line in form.lines:
        if line.total:
            cells: dict[str, Cell | None] = {names[r.pk]: read[r.pk].get(line.id, Cell()) if r.pk in read else None for r in asked}
            totals[line.id] = total([names[r.pk] for r in asked], cells)
    return Merged(found, form, returns, standing, totals)


def sheet_names(returns: list[Return]) -> dict[int, str]:
    """A usable and unique sheet name per respondent."""
    used: set[str] = {"汇总", "未报"}
    result = {}
    for one in returns:
        bare = re.sub(r"[\[\]:*?/\\']", "", one.name)[:28] or one.key[:28]
        name, number = bare, 2
        while name.casefold() in used:
            name, number = f"{bare[:26]}-{number}", number + 1
        used.add(name.casefold())
        result[one.pk] = name
    return result


def book(merged: Merged) -> bytes:
    """The workbook. A respondent that did not report has a sheet that says so."""
    label = period(merged.round.period).label
    reported = len(merged.standing)
    asked = sum(1 for r in merged.returns if r.state != State.EXEMPT)
    note = f"{label}；已报 {reported}/{asked}，未报不计入、不作零；口径和来源类见各行"
    rows: list[list[object]] = []
    for line in merged.form.lines:
        sum_ = merged.totals.get(line.id)
        value: object = "不汇总" if sum_ is None else "—（无单位填报）" if sum_.value is None else sum_.value
        rows.append(
            [
                line.id,
                line.label,
                line.unit,
                value,
                f"{sum_.reported}/{sum_.asked}" if sum_ else "",
                sum_.words if sum_ else "",
                line.lane,
                line.scope,
            ]
        )
    sheets = [SheetSpec("汇总", f"{merged.form.title}汇总", ("编号", "指标", "单位", "合计", "填报单位", "说明", "来源类", "口径"), rows, note)]
    missing = [[r.name, r.street, r.get_state_display(), r.reason] for r in merged.returns if r.pk not in merged.standing]
    if missing:
        sheets.append(SheetSpec("未报", "没有报送的填报对象", ("填报对象", "街道", "状态", "说明"), missing, note))
    names = sheet_names(merged.returns)
    for one in merged.returns[:MOST_SHEETS]:
        sheets.append(_sheet(names[one.pk], one, merged.standing.get(one.pk), merged.form))
    if len(merged.returns) > MOST_SHEETS:
        sheets[0] = SheetSpec("汇总", sheets[0].title, sheets[0].columns, rows, note + f"；分表只列前 {MOST_SHEETS} 个填报对象")
    return workbook_bytes(sheets)


def _sheet(name: str, report: Return, made: Submission | None, form: Form) -> SheetSpec:
    columns = ("编号", "指标", "单位", "数值", "情况", "说明", "出处")
    if made is None:
        return SheetSpec(name, report.name, columns, [], f"{report.get_state_display()}：没有报送{'，' + report.reason if report.reason else ''}")
    rows: list[list[object]] = []
    for line in form.lines:
        raw = made.cells.get(line.id, {})
        cell = cell_methods.from_raw(raw)
        where = made.places.get(line.id, "")
        origin = f"第 {made.number} 次 {made.via} {localtime(made.at):%Y-%m-%d %H:%M}" + (f" {made.file_name} {where}" if made.file_name else "")
        value: object = None if cell.value is None else Decimal(f"{cell.value:.{cell.digits}f}")
        rows.append([line.id, line.label, line.unit, value, cell.status or ("" if value is not None else "未填"), cell.note, origin])
    return SheetSpec(name, report.name, columns, rows, f"{report.get_state_display()}，第 {made.number} 次报送")
