"""Overdue demands: how many, how long (median, P90), and the three kinds that firms raise most."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction


@dataclass(frozen=True)
class Case:
    """A demand. `closed` None is open; `due` None has no term set (it cannot be overdue, and is counted apart)."""

    kind: str
    raised: date
    due: date | None
    closed: date | None
    department: str = ""

    def overdue(self, day: date) -> int:
        """Days past the term: at the day it was closed, else today; 0 when within the term or without one."""
        if self.due is None:
            return 0
        return max(0, ((self.closed or day) - self.due).days)


@dataclass(frozen=True)
class KindLine:
    """One kind: raised, open, overdue and open, the longest overdue, who handles the open ones (most first)."""

    kind: str
    raised: int
    open: int
    overdue: int
    longest: int
    departments: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Statistics:
    """Over a set of demands. Median and P90 are of the days overdue of those open and overdue; None without any."""

    total: int
    open: int
    overdue: int
    without_due: int
    closed_in_time: Fraction | None
    median: Fraction | None
    p90: int | None
    kinds: tuple[KindLine, ...]


def statistics(cases: Iterable[Case], day: date) -> Statistics:
    """Kinds by how often they were raised (then how many are open, then by name)."""
    every = list(cases)
    standing = [c for c in every if c.closed is None]
    late = sorted(d for c in standing if (d := c.overdue(day)) > 0)
    closed = [c for c in every if c.closed is not None and c.due is not None]
    in_time = Fraction(sum(1 for c in closed if not c.overdue(day)), len(closed)) if closed else None
    kinds = [_line(kind, [c for c in every if c.kind == kind], day) for kind in {c.kind for c in every}]
    kinds.sort(key=lambda k: (-k.raised, -k.open, k.kind))
    return Statistics(
        len(every), len(standing), len(late), sum(1 for c in standing if c.due is None), in_time,
        median(late), percentile(late, 90), tuple(kinds),
    )  # fmt: skip


def _line(kind: str, cases: Sequence[Case], day: date) -> KindLine:
    standing = [c for c in cases if c.closed is None]
    names = {c.department or "未明确" for c in standing}
    handlers = sorted(((n, sum(1 for c in standing if (c.department or "未明确") == n)) for n in names), key=lambda p: (-p[1], p[0]))
    late = [c.overdue(day) for c in standing]
    return KindLine(kind, len(cases), len(standing), sum(1 for d in late if d), max(late, default=0), tuple(handlers))


def median(values: Sequence[int]) -> Fraction | None:
    """Of sorted values; the mean of the middle two of an even number."""
    if not values:
        return None
    half = len(values) // 2
    return Fraction(values[half]) if len(values) % 2 else Fraction(values[half - 1] + values[half], 2)


def percentile(values: Sequence[int], share: int) -> int | None:
    """Nearest rank of sorted values: the smallest that at least `share` percent do not exceed."""
    return values[max(1, math.ceil(Fraction(share * len(values), 100))) - 1] if values else None
