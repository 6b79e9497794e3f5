"""准规上培育库 from what is known: cultural firms outside the frame, their yearly revenue on the monitoring lane, the entry line of
their industry, who visits them. Firms whose revenue is unknown are listed apart, never counted as far."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from wenmai.base import standards
from wenmai.base.values import WenmaiError
from wenmai.base.values.period import period
from wenmai.base.values.units import unit
from wenmai.office.figures.fact_lists import visible
from wenmai.office.figures.fact_queries import frame_at, standing
from wenmai.office.figures.models import Lane
from wenmai.office.people.models import SubjectKind
from wenmai.rooms.classification.models import Decision, Outcome
from wenmai.rooms.records import scope
from wenmai.rooms.records.methods.nurture import FAR, NEAR, NO_LINE, NO_REVENUE, OVER, Candidate, Firm, place
from wenmai.rooms.records.models import Profile, Visit
from wenmai.rooms.registry.models import Enterprise

FRAME, REVENUE = "规上", "SC06"
CHUNK = 500
LIMIT = 2000


@dataclass(frozen=True)
class Pool:
    """`near` (疑似达规 and 接近达规), `unknown` (revenue unknown), `open` (line undecidable), `far` only as a count."""

    near: list[Candidate]
    unknown: list[Candidate]
    open: list[Candidate]
    far: int
    year: int
    frame: int


def pool(user: Any, today: date, year: int | None = None, place_name: str | None = None, month: int | None = None) -> Pool:
    """Of the firms a person sees. `year` is that of the revenue (the last full year unless said). Who is looked at: cultural
    firms that reported revenue to the office for any part of the year, and those a person put into the pool (培育)."""
    year = year or today.year - 1
    revenue, reporting = _revenue(user, year)
    chosen = set(Profile.objects.filter(withdrawn_at=None, nurtured=True, key__isnull=False).values_list("key", flat=True))
    inside = set(frame_at(FRAME, Lane.MONITOR, today)) | set(frame_at(FRAME, Lane.BUREAU, today))
    wanted = sorted((reporting | {k for k in chosen if k}) - inside)
    seen: dict[str, Enterprise] = {}
    for start in range(0, len(wanted), CHUNK):
        for e in scope.enterprises(user).filter(key__in=wanted[start : start + CHUNK]):
            seen[e.key] = e
    codes, cultural = _codes(list(seen.values()))
    visitors = _visitors(list(seen))
    firms = []
    for key, e in seen.items():
        if key not in cultural and key not in chosen:
            continue
        value = revenue.get(key)
        firms.append(Firm(key, e.name or key, value, year if value is not None else None, _line(codes.get(key), year, place_name), e.registered_on,
                          visitors.get(key, "")))  # fmt: skip
    found = place(firms, today, month=month)

    def of(*states: str) -> list[Candidate]:
        return [c for c in found if c.state in states][:LIMIT]

    return Pool(of(OVER, NEAR), of(NO_REVENUE), of(NO_LINE), sum(1 for c in found if c.state == FAR), year, len(inside))


def _revenue(user: Any, year: int) -> tuple[dict[str, Decimal], set[str]]:
    """(key → revenue of the whole year in 万元, keys that reported revenue for any part of the year, a refusal included). Of
    two scopes the later record stands."""
    whole = period(f"{year}年").code
    mine = visible(standing(), user).filter(lane=Lane.MONITOR, subject__kind=SubjectKind.ENTERPRISE, item="")
    rows = mine.filter(definition__entry_id=REVENUE, period__startswith=str(year)).order_by("recorded_from", "pk")
    found, reporting = {}, set()
    for key, when, value, name in rows.values_list("subject__key", "period", "value", "unit"):
        reporting.add(key)
        if when != whole or value is None:
            continue
        try:
            ratio = unit(name).to(Fraction(1), unit("万元"))
        except WenmaiError:
            continue
        amount = Fraction(value) * ratio
        found[key] = (Decimal(amount.numerator) / Decimal(amount.denominator)).quantize(Decimal("0.01"))
    return found, reporting


def _codes(firms: list[Enterprise]) -> tuple[dict[str, str], set[str]]:
    """(key → GB/T code of the decision, else of the register; keys of cultural firms)."""
    codes = {e.key: e.industry_code for e in firms if e.industry_code}
    cultural = set()
    keys = [e.key for e in firms]
    for start in range(0, len(keys), CHUNK):
        rows = Decision.objects.filter(enterprise__key__in=keys[start : start + CHUNK]).values_list("enterprise__key", "gbt_code", "outcome")
        for key, code, outcome in rows:
            if outcome in (Outcome.WHOLE, Outcome.PARTIAL):
                cultural.add(key)
            if code:
                codes[key] = code
    return codes, cultural


def _line(code: str | None, year: int, place_name: str | None) -> int | None:
    """The revenue line in 万元 of an industry, when one rule alone applies; None when it is open which."""
    if not code:
        return None
    rules = standards.above_scale(code, None, None, year, place_name).rules
    lines = {r.min_revenue_wan for r in rules}
    return lines.pop() if len(lines) == 1 else None


def _visitors(keys: list[str]) -> dict[str, str]:
    """Key → the leader in charge, else the leader of the last visit."""
    found: dict[str, str] = {}
    for start in range(0, len(keys), CHUNK):
        part = keys[start : start + CHUNK]
        found |= dict(Visit.objects.filter(key__in=part, withdrawn_at=None).order_by("on").values_list("key", "leader"))  # type: ignore[arg-type]
        found |= {k: v for k, v in Profile.objects.filter(key__in=part, withdrawn_at=None).values_list("key", "visitor") if v and k}
    return found
