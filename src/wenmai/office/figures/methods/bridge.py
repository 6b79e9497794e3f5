"""口径对账桥: from one total to another, each unit under exactly one reason, nothing left over unsaid.

Between two counts of the same house every unit that joined or left has its own reason, so the bridge closes by
construction and lists the units. To another source's total only adjustments that somebody can name are entered; what
remains is printed as 未解释差额 and never hidden in a line.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Line:
    """One step: signed number of units and who they are."""

    reason: str
    change: int
    units: tuple[str, ...]


@dataclass(frozen=True)
class Bridge:
    """start + Σ lines = end."""

    start: int
    lines: tuple[Line, ...]
    end: int


def unit_bridge(before: set[str], now: set[str], joined: Callable[[str], str], left: Callable[[str], str], order: tuple[str, ...] = ()) -> Bridge:
    """The bridge between two sets of unit keys. joined/left give the one reason of a unit; `order` the order of lines."""
    plus = {u: joined(u) for u in sorted(now - before)}
    minus = {u: left(u) for u in sorted(before - now)}
    lines = []
    for sign, reasons in ((1, plus), (-1, minus)):
        counted = Counter(reasons.values())
        known = [r for r in order if r in counted]
        for reason in [*known, *sorted(set(counted) - set(known))]:
            members = tuple(u for u, r in reasons.items() if r == reason)
            lines.append(Line(reason, sign * len(members), members))
    return Bridge(len(before), tuple(lines), len(now))


@dataclass(frozen=True)
class SourceBridge:
    """start + Σ adjustments + unexplained = end; `tolerance` is what the printed rounding of both totals allows."""

    start: Fraction
    adjustments: tuple[tuple[str, Fraction], ...]
    unexplained: Fraction
    end: Fraction
    tolerance: Fraction

    @property
    def closed(self) -> bool:
        """Whether what remains is within rounding."""
        return abs(self.unexplained) <= self.tolerance


def source_bridge(start: Fraction, end: Fraction, adjustments: Mapping[str, Fraction], tolerance: Fraction = Fraction(0)) -> SourceBridge:
    """From our total to another source's by named adjustments; the remainder is what nobody has explained."""
    steps = tuple(adjustments.items())
    return SourceBridge(start, steps, end - start - sum((v for _, v in steps), Fraction(0)), end, tolerance)
