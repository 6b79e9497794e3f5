"""The cultural share of a park's tenants, by count and by area, as an interval: tenants that are not known to be cultural
or not are kept apart and can move the share both ways."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

WHOLE, PARTIAL, NO = "whole", "partial", "no"


@dataclass(frozen=True)
class Tenant:
    """`who` tells tenants apart (a register key, else the name); `state` None: not identified, not classified, or waiting."""

    who: str
    area: Decimal | None
    state: str | None


@dataclass(frozen=True)
class Interval:
    """Lower and upper bound; equal when nothing is unknown."""

    low: Fraction
    high: Fraction

    @property
    def exact(self) -> bool:
        return self.low == self.high


@dataclass(frozen=True)
class Shares:
    """Counts of tenants, and both shares; None when there is nothing to divide by (or, for area, an area is unknown)."""

    tenants: int
    whole: int
    partial: int
    no: int
    unknown: int
    by_count: Interval | None
    by_area: Interval | None
    without_area: int
    cultural_area: Decimal = Decimal(0)
    unknown_area: Decimal = Decimal(0)
    let_area: Decimal = Decimal(0)


def shares(tenants: Iterable[Tenant]) -> Shares:
    """A tenant with several units is one tenant; its areas add up. 部分计入类 count as cultural and are shown apart."""
    states: dict[str, str | None] = {}
    areas: dict[str | None, Decimal] = {}
    without = 0
    for tenant in tenants:
        states[tenant.who] = tenant.state
        if tenant.area is None:
            without += 1
        else:
            areas[tenant.state] = areas.get(tenant.state, Decimal(0)) + tenant.area
    count = {s: sum(1 for v in states.values() if v == s) for s in (WHOLE, PARTIAL, NO, None)}
    cultural = areas.get(WHOLE, Decimal(0)) + areas.get(PARTIAL, Decimal(0))
    unknown, let = areas.get(None, Decimal(0)), sum(areas.values(), Decimal(0))
    return Shares(
        len(states), count[WHOLE], count[PARTIAL], count[NO], count[None],
        interval(count[WHOLE] + count[PARTIAL], count[None], len(states)),
        None if without else interval(cultural, unknown, let), without, cultural, unknown, let,
    )  # fmt: skip


def interval(sure: int | Decimal, unknown: int | Decimal, whole: int | Decimal) -> Interval | None:
    """[sure ÷ whole, (sure + unknown) ÷ whole]; None without a whole."""
    if not whole:
        return None
    return Interval(Fraction(sure) / Fraction(whole), (Fraction(sure) + Fraction(unknown)) / Fraction(whole))
