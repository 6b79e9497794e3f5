"""Growth arithmetic of statistical notes: growth, contribution (贡献率), points contributed (拉动), matched frames.

All values are exact (Fraction or Decimal-like). None is unknown; a base that is zero or negative has no growth rate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction


def growth(now: Fraction, before: Fraction) -> Fraction | None:
    """now/before − 1 as a fraction; None when the base is not positive (a loss has no growth rate)."""
    return None if before <= 0 else now / before - 1


def base_from_growth(now: Fraction, rate: Fraction) -> Fraction | None:
    """The base that a published comparable growth rate (fraction) implies: now / (1 + rate)."""
    return None if rate <= -1 else now / (1 + rate)


@dataclass(frozen=True)
class Part:
    """One part of a total: `pull` in points (as a fraction of the total's base), `contribution` a share of the change."""

    name: str
    now: Fraction
    before: Fraction
    pull: Fraction
    contribution: Fraction | None


def contributions(now: Mapping[str, Fraction], before: Mapping[str, Fraction], unit_error: Fraction = Fraction(0)) -> list[Part]:
    """Pull and contribution of every part of a total.

    now, before: value per part; both must name the same parts (a part that is new has 0 before). The pulls add up to the
    total's growth and the contributions to 1, exactly. `unit_error` is the half unit of the last printed digit of a part:
    a contribution is None when the total's change is within the rounding of its parts, where its sign is not known.
    """
    if set(now) != set(before):
        raise ValueError("both periods must have the same parts")
    total_now, total_before = sum(now.values(), Fraction(0)), sum(before.values(), Fraction(0))
    if total_before <= 0:
        raise ValueError("the total's base must be positive")
    change = total_now - total_before
    doubtful = abs(change) <= 2 * unit_error * len(now)
    return [
        Part(name, now[name], before[name], moved / total_before, None if doubtful or change == 0 else moved / change)
        for name in now
        for moved in [now[name] - before[name]]
    ]


@dataclass(frozen=True)
class MatchedGrowth:
    """Comparable growth on the units that are in both frames and reported in both periods, and what the rest does.

    change = matched_change + entered − left, exactly, over the reporting units. `unmatched` counts frame members without
    a value in one of the periods: they are left out of `rate` and named, never taken as zero.
    """

    rate: Fraction | None
    matched: int
    matched_now: Fraction
    matched_before: Fraction
    entered: Fraction
    entered_units: int
    left: Fraction
    left_units: int
    unmatched: tuple[str, ...]


def matched_growth(
    now: Mapping[str, Fraction], before: Mapping[str, Fraction], frame_now: set[str], frame_before: set[str],
    restated: Mapping[str, Fraction] | None = None,
) -> MatchedGrowth:  # fmt: skip
    """Comparable growth by matched frames (monitoring lane only).

    now, before: reported value per unit; frame_*: units that were in the frame of each period; `restated`: the base a unit
    itself reports for the same period of last year, which stands before the value it reported then.
    """
    base = {**before, **(restated or {})}
    both = frame_now & frame_before
    usable = sorted(u for u in both if u in now and u in base)
    unmatched = tuple(sorted(both - set(usable)))
    total_now = sum((now[u] for u in usable), Fraction(0))
    total_before = sum((base[u] for u in usable), Fraction(0))
    fresh = sorted(u for u in frame_now - frame_before if u in now)
    gone = sorted(u for u in frame_before - frame_now if u in before)
    return MatchedGrowth(
        rate=growth(total_now, total_before) if usable else None, matched=len(usable), matched_now=total_now, matched_before=total_before,
        entered=sum((now[u] for u in fresh), Fraction(0)), entered_units=len(fresh),
        left=sum((before[u] for u in gone), Fraction(0)), left_units=len(gone), unmatched=unmatched,
    )  # fmt: skip
