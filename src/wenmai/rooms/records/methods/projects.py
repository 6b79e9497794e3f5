"""Completion of projects: investment against plan, milestones done, days of slip. What was not reported is unknown, not 0."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction


@dataclass(frozen=True)
class Money:
    """Plan and actual of a year (month None) or of a month, in fen."""

    year: int
    month: int | None
    plan: int | None
    actual: int | None


@dataclass(frozen=True)
class Node:
    """A milestone. `proved`: the day it was done is backed by evidence."""

    name: str
    due: date
    done: date | None
    proved: bool = False

    def slip(self, day: date) -> int:
        """Days late: done minus due, or today minus due while it is open; 0 when neither is past; negative when early."""
        if self.done is not None:
            return (self.done - self.due).days
        return max(0, (day - self.due).days)

    def late(self, day: date) -> bool:
        return self.done is None and self.due < day


@dataclass(frozen=True)
class Progress:
    """Fen of the year and altogether; rates None when a part is unknown. `through` is the last month that is in `actual`,
    12 for a year's total, 0 when nothing was reported."""

    year: int
    plan: int | None
    actual: int | None
    through: int
    year_rate: Fraction | None
    invested: int | None
    total_rate: Fraction | None
    done: int
    proved: int
    nodes: int
    late: tuple[Node, ...]
    slip: int | None


def of_year(rows: Iterable[Money], year: int) -> tuple[int | None, int | None, int]:
    """(plan, actual, through): the year's own row where it says so, else the sum of its months. A year's plan is never
    summed from some of the months: all twelve are needed. The actual is the sum up to the last month without a gap."""
    mine = [r for r in rows if r.year == year]
    whole = next((r for r in mine if r.month is None), None)
    months = {r.month: r for r in mine if r.month is not None}
    plan = whole.plan if whole else None
    if plan is None:
        plans = [months[m].plan for m in range(1, 13) if m in months]
        known = [p for p in plans if p is not None]
        plan = sum(known) if len(known) == 12 else None
    if whole is not None and whole.actual is not None:
        return plan, whole.actual, 12
    actual, through = 0, 0
    for month in range(1, 13):
        row = months.get(month)
        if row is None or row.actual is None:
            break
        actual, through = actual + row.actual, month
    return plan, (actual if through else None), through


def progress(rows: Sequence[Money], nodes: Sequence[Node], total: int | None, day: date) -> Progress:
    """How far a project is on a day. The slip is the largest of the open nodes, else that of the node done last."""
    plan, actual, through = of_year(rows, day.year)
    years = sorted({r.year for r in rows if r.year <= day.year})
    found = [of_year(rows, y)[1] for y in years]
    # Years in between that nobody reported leave the sum unknown; the current year may still be empty.
    known = [f for y, f in zip(years, found, strict=True) if f is not None or y < day.year]
    gaps = bool(years) and (any(f is None for f in known) or len([y for y in years if y < day.year]) < day.year - years[0])
    invested = None if gaps or not known else sum(f for f in known if f is not None)
    late = tuple(sorted((n for n in nodes if n.late(day)), key=lambda n: n.due))
    finished = [n for n in nodes if n.done is not None]
    slip: int | None = None
    if late:
        slip = late[0].slip(day)
    elif finished:
        slip = max(finished, key=lambda n: n.done or date.min).slip(day)
    return Progress(
        day.year, plan, actual, through, rate(actual, plan), invested, rate(invested, total), len(finished),
        sum(1 for n in finished if n.proved), len(nodes), late, slip,
    )  # fmt: skip


def rate(part: int | None, whole: int | None) -> Fraction | None:
    """part ÷ whole; None when either is unknown or the whole is 0."""
    return Fraction(part, whole) if part is not None and whole else None
