"""The verbs of a return: save a draft, hand in, accept, give back, exempt. Every move is one event in its transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from wenmai.base.values import InputError, NotFound, Refused
from wenmai.base.values.period import Period, period
from wenmai.base.values.units import unit
from wenmai.office.events import services as events
from wenmai.office.figures import facts
from wenmai.office.figures.facts import REJECTED, NewFact
from wenmai.office.figures.models import FactStatus
from wenmai.office.figures.sources import About, open_source
from wenmai.rooms.collection import permissions
from wenmai.rooms.collection.forming import earlier_periods, known_values, name_of, observed, require, spec
from wenmai.rooms.collection.methods import cells as cell_methods
from wenmai.rooms.collection.methods import checks
from wenmai.rooms.collection.methods.cells import Cell
from wenmai.rooms.collection.methods.checks import Finding
from wenmai.rooms.collection.methods.form import Form
from wenmai.rooms.collection.models import Return, State, Submission

Raw = Mapping[str, Mapping[str, str]]  # line → {value, status, note} as typed


@dataclass
class Looked:
    """A return as it was typed, read: cells, faults by line, findings of the checks, and what blocks handing in."""

    cells: dict[str, Cell] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    blocking: list[Finding] = field(default_factory=list)

    @property
    def ready(self) -> bool:
        return not self.faults and not self.blocking

    def told(self) -> list[dict[str, str]]:
        """The findings as they are kept with a submission."""
        return [{"number": str(f.check.number), "text": f.check.text, "level": f.level, "state": f.state, "words": f.words} for f in self.findings]


def history_of(report: Return, found: Form, asked: Period) -> Callable[[str, Period], Any]:
    """A function from (line, period) to the past value, read once."""
    values = known_values(found, earlier_periods(asked), [report.key])

    def earlier(line: str, when: Period) -> Any:
        return observed(values.get((report.key, line, when.code)))

    return earlier


def look(report: Return, raw: Raw, explained: Mapping[int, str], earlier: Callable[[str, Period], Any] | None = None) -> Looked:
    """Read and check what was typed; nothing is changed."""
    found, asked = spec(report.round.form), period(report.round.period)
    result = Looked()
    for line in found.lines:
        typed = raw.get(line.id, {})
        try:
            cell = cell_methods.from_raw(dict(typed))
        except InputError as error:
            result.faults[line.id] = str(error)
            continue
        if cell.blank and line.required:
            result.faults[line.id] = "必填；没有数时选 查无、拒报 或 不适用"
        result.cells[line.id] = cell
    units = {line.id: unit(line.unit) for line in found.lines}
    result.findings = checks.run(found.checks, result.cells, units, asked, earlier or history_of(report, found, asked))
    result.blocking = checks.blocking(result.findings, explained)
    return result


def _locked(return_id: int, actor: Any) -> Return:
    """The return, locked; only its own row (PostgreSQL locks no outer join)."""
    own = Return.objects.select_for_update(of=("self",)).filter(permissions.own_returns(actor), pk=return_id)
    report = own.select_related("round__form", "organisation").first()
    if report is None:
        raise NotFound("没有这份报表，或不是本单位的")
    return report


def _clean(raw: Raw, found: Form) -> dict[str, dict[str, str]]:
    """What was typed, cut to the form's lines and to sensible lengths, so that a draft keeps even what is wrong."""
    ids = {line.id for line in found.lines}
    limits = {"value": 60, "status": 10, "note": 200}
    return {k: {n: str(v[n])[:m] for n, m in limits.items() if v.get(n)} for k, v in raw.items() if k in ids and any(v.get(n) for n in limits)}


def save_draft(return_id: int, raw: Raw, explained: Mapping[int, str], base: int, actor: Any = None) -> Return:
    """Keep what was typed, right or wrong. Refused when somebody else changed the return since the page was opened."""
    with transaction.atomic():
        report = _locked(return_id, actor)
        require(permissions.may_fill(actor, report))
        _fillable(report)
        if report.version != base:
            raise Refused("这份报表在您打开之后已被他人改动，草稿没有覆盖", remedy="您填的内容仍在页面上，请核对后再存")
        before, report.draft = report.state, {"cells": _clean(raw, spec(report.round.form)), "explained": _words(explained)}
        if report.state == State.WAITING:
            report.state = State.DRAFT
        report.version += 1
        report.save()
        events.record(
            "collection.return.saved", f"return:{report.pk}", {"from": before, "to": report.state, "filled": len(report.draft["cells"])}, actor
        )
    return report


def _words(explained: Mapping[int, str]) -> dict[str, str]:
    return {str(k): " ".join(v.split())[:300] for k, v in explained.items() if v.strip()}


def _fillable(report: Return) -> None:
    if report.state == State.EXEMPT:
        raise Refused("这份报表已免报", remedy="如需补报，请区文创办先恢复填报")


@dataclass
class Handed:
    """What handing in did: `state` 已报, 未变 (the same again) or 未采用 (a newer one was there first; kept all the same)."""

    state: str
    submission: Submission | None
    report: Return


def submit(
    return_id: int, raw: Raw, explained: Mapping[int, str], base: int, actor: Any = None, *, via: str = "网页", file_name: str = "",
    file_digest: str = "", places: Mapping[str, str] | None = None, earlier: Callable[[str, Period], Any] | None = None,
) -> Handed:  # fmt: skip
    """Hand a return in. InputError with the first faults when it is not ready.

    The same values again change nothing. When the return changed after `base` (another person, another page), the values
    are kept as a submission that is not used, and the newer state stands.
    """
    with transaction.atomic():
        report = _locked(return_id, actor)
        require(permissions.may_fill(actor, report))
        _fillable(report)
        found = spec(report.round.form)
        looked = look(report, raw, explained, earlier)
        if not looked.ready:
            raise _not_ready(found, looked)
        values = {line: cell.raw() for line, cell in looked.cells.items() if not cell.blank}
        last = report.submissions.filter(unused=False).order_by("-number").first()
        words = _words(explained)
        if last is not None and report.state in (State.SUBMITTED, State.ACCEPTED) and (last.cells, last.explained) == (values, words):
            return Handed("未变", last, report)
        stale = report.version != base
        report.submissions_made += 1
        made = Submission.objects.create(
            report=report, number=report.submissions_made, cells=values, explained=words, places=dict(places or {}), findings=looked.told(),
            unused=stale, via=via, file_name=file_name[:255], file_digest=file_digest, actor_name=name_of(actor),
        )  # fmt: skip
        before = report.state
        if not stale:
            report.state, report.submitted_at, report.reason, report.draft = State.SUBMITTED, made.at, "", {}
            report.version += 1
        report.save()
        payload = {"from": before, "to": report.state, "number": made.number, "via": via, "unused": stale}
        events.record("collection.return.submitted", f"return:{report.pk}", payload, actor)
    return Handed("未采用" if stale else "已报", made, report)


def _not_ready(found: Form, looked: Looked) -> InputError:
    said = [f"{id} {found.line(id).label}：{fault}" for id, fault in looked.faults.items()]
    said += [f"校核“{f.check.text}”{'不符' if f.level == checks.HARD else '须填说明'}（{f.words}）" for f in looked.blocking]
    rest = f"；另有 {len(said) - 5} 处" if len(said) > 5 else ""
    return InputError("不能报送：" + "；".join(said[:5]) + rest, remedy="请改正后再报；可先存草稿")


def latest(report: Return) -> Submission | None:
    """The submission that stands (used, newest)."""
    found: Submission | None = report.submissions.filter(unused=False).order_by("-number").first()
    return found


def accept(return_id: int, number: int, actor: Any = None) -> Submission:
    """受理: the values of the submission that was looked at become facts of one source. All of them or none."""
    require(permissions.may_manage(actor))
    with transaction.atomic():
        report = _locked(return_id, actor)
        found, made = spec(report.round.form), latest(report)
        if made is None or report.state != State.SUBMITTED:
            raise Refused(f"报表当前为“{report.get_state_display()}”，不能受理")
        if made.number != number:
            raise Refused(f"{report.name}已重新报送（第 {made.number} 次）", remedy="请看过新报的数再受理")
        provider = report.organisation.name if report.organisation is not None else report.name
        about = About(provider, found.basis[:200], found.purpose, found.share, found.expires, made.file_name, made.file_digest)
        source = open_source(about, actor)
        outcome = facts.record(_facts(report, found, made), source, actor)
        bad = [(id, reason) for id, (word, reason) in zip(made.cells, outcome.rows, strict=True) if word == REJECTED]
        if bad:
            raise InputError("不能入库：" + "；".join(f"{id} {reason}" for id, reason in bad[:5]), remedy="请退回填报对象，或核对表样与指标定义")
        gone = _emptied(report, found, made)
        if gone:
            facts.retract(gone, f"{report.name}第 {made.number} 次报送不再填这一数", actor)
        made.source = source
        made.save(update_fields=["source"])
        report.state, report.accepted, report.reason = State.ACCEPTED, made.number, ""
        report.version += 1
        report.save()
        payload = {"from": State.SUBMITTED, "to": report.state, "number": made.number, "source": source.pk, "counts": outcome.counts}
        events.record("collection.return.accepted", f"return:{report.pk}", payload, actor)
    return made


def _emptied(report: Return, found: Form, made: Submission) -> list[int]:
    """Facts of the acceptance before, of lines that the new submission leaves blank."""
    before = report.submissions.filter(number=report.accepted).first() if report.accepted else None
    left = set(before.cells) - set(made.cells) if before is not None else set()
    if before is None or not left:
        return []
    asked = period(report.round.period)
    values = known_values(found, [asked], [report.key])
    return [f.pk for (_, line, _), f in values.items() if line in left and f.source_id == before.source_id]


def _facts(report: Return, found: Form, made: Submission) -> list[NewFact]:
    asked = period(report.round.period)
    result = []
    for id, raw in made.cells.items():
        line, cell = found.line(id), cell_methods.from_raw(raw)
        value = None if cell.value is None else f"{cell.value:.{cell.digits}f}"
        status = cell_methods.UNKNOWN[cell.status] if cell.status else FactStatus.REPORTED
        result.append(
            NewFact(
                report.kind, report.key, line.code, line.when(asked).code, value, line.unit, line.lane, line.scope, line.item,
                status=status, mark=found.mark, name=report.name, decimals=cell.digits,
            )
        )  # fmt: skip
    return result


def _move(return_id: int, allowed: tuple[str, ...], to: State, reason: str, verb: str, actor: Any, needs_reason: bool = True) -> Return:
    require(permissions.may_manage(actor))
    reason = " ".join(reason.split())[:300]
    if needs_reason and not reason:
        raise InputError("没有写理由", remedy="请写明理由，填报对象会看到")
    with transaction.atomic():
        report = _locked(return_id, actor)
        if report.state not in allowed:
            raise Refused(f"报表当前为“{report.get_state_display()}”，不能改为“{to.label}”")
        before, report.state, report.reason = report.state, to, reason
        report.version += 1
        if to == State.RETURNED:
            made = latest(report)
            report.draft = {"cells": made.cells, "explained": made.explained} if made else {}
        report.save()
        events.record(verb, f"return:{report.pk}", {"from": before, "to": report.state, "why": reason}, actor)
    return report


def send_back(return_id: int, reason: str, actor: Any = None) -> Return:
    """退回 with a reason. What was handed in becomes the draft, so that only what is wrong is typed again."""
    return _move(return_id, (State.SUBMITTED,), State.RETURNED, reason, "collection.return.returned", actor)


def exempt(return_id: int, reason: str, actor: Any = None) -> Return:
    """免报 with a reason; it is not late and does not count as reported."""
    return _move(return_id, (State.WAITING, State.DRAFT, State.RETURNED), State.EXEMPT, reason, "collection.return.exempted", actor)


def resume(return_id: int, actor: Any = None) -> Return:
    """An exempted return has to be filled in after all."""
    return _move(return_id, (State.EXEMPT,), State.WAITING, "", "collection.return.resumed", actor, needs_reason=False)
