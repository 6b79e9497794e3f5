"""Reads for the pages, each with a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, Max, Q
from django.http import Http404

from wenmai.base.values.period import period
from wenmai.office.events.models import Event
from wenmai.office.figures.fact_lists import printed
from wenmai.rooms.collection import filing, permissions
from wenmai.rooms.collection.forming import OPEN, earlier_periods, known_values, late_days, spec
from wenmai.rooms.collection.models import FormVersion, Return, Round, State, Submission

TAGS = {"待填": "waiting", "草稿": "staged", "已报": "partial", "退回": "rejected", "已受理": "done", "免报": ""}


def forms() -> list[dict[str, Any]]:
    """The newest version of every form with how often it was issued and what keeps it from being issued."""
    newest = FormVersion.objects.values("slug").annotate(last=Max("number"), versions=Count("pk"))
    versions = {(f.slug, f.number): f for f in FormVersion.objects.all()}
    rounds = dict(Round.objects.values_list("slug").annotate(n=Count("pk")))
    result = []
    for row in newest.order_by("slug"):
        version = versions[row["slug"], row["last"]]
        found = spec(version)
        result.append(
            {
                "version": version,
                "spec": found,
                "versions": row["versions"],
                "rounds": rounds.get(row["slug"], 0),
                "missing": found.missing_to_issue(),
            }
        )
    return result


@dataclass
class Progress:
    """How a round stands. `late` are returns past the due day that have not come."""

    round: Round
    label: str
    counts: dict[str, int]
    asked: int
    reported: int
    accepted: int
    late: int
    groups: list[tuple[str, int, int]] = field(default_factory=list)


def rounds(user: Any, today: date, limit: int = 60) -> list[Progress]:
    """The newest rounds with their progress over the returns a person sees; rounds with none of them are left out."""
    found = list(Round.objects.select_related("form").order_by("-issued_at", "-pk")[:limit])
    rows = Return.objects.filter(permissions.own_returns(user), round__in=found).values_list("round", "state").annotate(n=Count("pk"))
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    for round_id, state, n in rows:
        counts[round_id][state] = n
    return [_progress(r, counts[r.pk], today) for r in found if counts[r.pk]]


def _progress(found: Round, counts: dict[str, int], today: date) -> Progress:
    asked = sum(n for s, n in counts.items() if s != State.EXEMPT)
    reported = counts.get(State.SUBMITTED, 0) + counts.get(State.ACCEPTED, 0)
    late = sum(counts.get(s, 0) for s in OPEN) if today > found.due else 0
    return Progress(found, period(found.period).label, counts, asked, reported, counts.get(State.ACCEPTED, 0), late)


def round_or_404(round_id: int) -> Round:
    found = Round.objects.select_related("form").filter(pk=round_id).first()
    if found is None:
        raise Http404("没有这个表期")
    return found


@dataclass
class Row:
    report: Return
    tag: str
    late: int
    last: Submission | None = None


def round_page(found: Round, user: Any, today: date, only: str = "") -> tuple[Progress, list[Row]]:
    """Progress with the groups by street, and the returns (all, or of one state, or the late ones)."""
    query = Return.objects.filter(permissions.own_returns(user), round=found).select_related("round", "organisation").order_by("street", "name")
    returns = list(query)
    if not returns:
        raise Http404("没有您能看的报表")
    counts: dict[str, int] = defaultdict(int)
    groups: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for r in returns:
        counts[r.state] += 1
        if r.state != State.EXEMPT:
            groups[r.street or "未注明街道"][0] += 1
            groups[r.street or "未注明街道"][1] += r.state in (State.SUBMITTED, State.ACCEPTED)
    progress = _progress(found, dict(counts), today)
    progress.groups = [(name, done, all_) for name, (all_, done) in sorted(groups.items())]
    last: dict[int, Submission] = {}
    for one in Submission.objects.filter(report__in=returns, unused=False).order_by("number"):
        last[one.report_id] = one
    rows = [Row(r, TAGS[r.state], late_days(r, today), last.get(r.pk)) for r in returns]
    if only in State.values:
        rows = [r for r in rows if r.report.state == only]
    elif only == "late":
        rows = [r for r in rows if r.late]
    return progress, rows


def return_or_404(return_id: int, user: Any) -> Return:
    """A return that this person may see; others do not exist for them."""
    query = Return.objects.filter(permissions.own_returns(user), pk=return_id)
    found: Return | None = query.select_related("round__form", "organisation").first()
    if found is None:
        raise Http404("没有这份报表")
    return found


@dataclass
class LineView:
    """One line of the filling page."""

    line: Any
    value: str
    status: str
    note: str
    fault: str
    origin: str
    before: str
    year: str
    findings: list[Any]
    place: str = ""


@dataclass
class CheckView:
    """A finding that is shown below the table with its explanation."""

    finding: Any
    explained: str
    asks: bool


def stored(report: Return) -> tuple[dict[str, dict[str, str]], dict[int, str], str]:
    """What the page starts with: the draft, else what was handed in, else what is known. (cells, explanations, where from)"""
    last = filing.latest(report)
    if report.draft.get("cells") or report.draft.get("explained"):
        return report.draft.get("cells", {}), {int(k): v for k, v in report.draft.get("explained", {}).items()}, "草稿"
    if last is not None:
        return last.cells, {int(k): v for k, v in last.explained.items()}, f"第 {last.number} 次报送"
    return {k: {"value": v["value"]} for k, v in report.prefill.items()}, {}, "预填" if report.prefill else ""


def lines_of(
    report: Return, cells: dict[str, dict[str, str]], explained: dict[int, str], checked: bool
) -> tuple[list[LineView], list[CheckView], filing.Looked]:
    """Every line with its value, its past values, its fault (when `checked`) and the findings beside it."""
    found, asked = spec(report.round.form), period(report.round.period)
    earlier = earlier_periods(asked)
    past = known_values(found, earlier, [report.key])
    looked = filing.look(report, cells, explained)
    beside: dict[str, list[Any]] = defaultdict(list)
    for finding in looked.findings:
        if finding.state == "不符":
            beside[finding.lines[0]].append(finding)
    result = []
    for line in found.lines:
        raw = cells.get(line.id, {})
        year, before = ([past.get((report.key, line.id, p.code)) for p in earlier] + [None])[:2]
        typed = any(raw.get(k) for k in ("value", "status"))
        fault = looked.faults.get(line.id, "") if checked or typed else ""
        from_ = report.prefill.get(line.id, {})
        origin = f"预填自{from_['from']}" if from_ and raw.get("value") == from_.get("value") else ""
        told = [past_words(f) for f in (before, year)]
        result.append(
            LineView(line, raw.get("value", ""), raw.get("status", ""), raw.get("note", ""), fault, origin, told[0], told[1], beside[line.id])
        )
    shown = [CheckView(f, explained.get(f.check.number, ""), f.level == "说明" and f.state == "不符") for f in looked.findings]
    return result, shown, looked


def past_words(fact: Any) -> str:
    """A past value with its unit, or the kind of unknown it was."""
    if fact is None:
        return ""
    return printed(fact) if fact.value is None else f"{printed(fact)} {fact.unit}"


def history(report: Return, limit: int = 60) -> list[dict[str, Any]]:
    """Who moved it, when and why, newest first, from the log."""
    from wenmai.rooms.collection.room import room

    found = Event.objects.filter(subject=f"return:{report.pk}").order_by("-id")[:limit]
    told = [(e, e.payload or {}) for e in found]
    return [
        {"at": e.at, "actor": e.actor, "what": room.event_titles.get(e.verb, e.verb), "to": p.get("to", ""), "why": p.get("why", "")} for e, p in told
    ]


def mine(user: Any, today: date) -> list[Row]:
    """A respondent's own returns, open ones first."""
    query = Return.objects.filter(permissions.own_returns(user)).select_related("round__form", "organisation").order_by("-round__due", "name")
    rows = [Row(r, TAGS[r.state], late_days(r, today)) for r in query[:300]]
    return sorted(rows, key=lambda r: r.report.state not in OPEN)


def to_call(returns: list[Return], today: date) -> list[dict[str, Any]]:
    """Whom to call: respondent, the organisation, days late, how often reminded."""
    return [{"report": r, "late": late_days(r, today), "reminders": r.reminders} for r in returns]


def waiting_for_office(user: Any) -> int:
    """How many returns wait for acceptance."""
    return Return.objects.filter(permissions.own_returns(user), Q(state=State.SUBMITTED)).count()
