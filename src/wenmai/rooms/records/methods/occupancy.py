"""Occupancy of a park on a day, from units and leases; and which leases of one unit overlap."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction


@dataclass(frozen=True)
class Spell:
    """A lease: both days included; `until` None is an open end; `ended` the day it ended early."""

    unit: int
    since: date
    until: date | None = None
    ended: date | None = None
    lease: int = 0

    @property
    def last(self) -> date:
        """The last day; date.max when open."""
        days = [d for d in (self.until, self.ended) if d is not None]
        return min(days) if days else date.max

    def on(self, day: date) -> bool:
        return self.since <= day <= self.last


@dataclass(frozen=True)
class Space:
    """A unit that can be let; `area` None is unknown."""

    unit: int
    area: Decimal | None


@dataclass(frozen=True)
class Occupancy:
    """Let and lettable square metres. `rate` is None when either is unknown (`unmeasured` units without an area)."""

    let: Decimal
    lettable: Decimal | None
    units: int
    let_units: int
    unmeasured: int

    @property
    def rate(self) -> Fraction | None:
        """Let ÷ lettable area."""
        if self.unmeasured or not self.lettable:
            return None
        return Fraction(self.let) / Fraction(self.lettable)


def overlap(spells: Iterable[Spell]) -> list[tuple[Spell, Spell]]:
    """Pairs of leases of one unit with a day in common, each pair once, the earlier first."""
    by_unit: dict[int, list[Spell]] = {}
    for spell in spells:
        by_unit.setdefault(spell.unit, []).append(spell)
    pairs = []
    for found in by_unit.values():
        ordered = sorted(found, key=lambda s: (s.since, s.lease))
        for at, first in enumerate(ordered):
            pairs += [(first, second) for second in ordered[at + 1 :] if second.since <= first.last and second.last >= second.since]
    return pairs


def occupancy(spaces: Sequence[Space], spells: Iterable[Spell], day: date, declared: Decimal | None = None) -> Occupancy:
    """Units are the basis where there are any; without units only the declared lettable area is known and nothing is let
    that could be shown. The basis is never mixed: let area of units is not divided by a declared area."""
    let = {s.unit for s in spells if s.on(day)}
    if not spaces:
        return Occupancy(Decimal(0), declared, 0, 0, 1)
    unmeasured = sum(1 for s in spaces if s.area is None)
    areas = {s.unit: s.area or Decimal(0) for s in spaces}
    return Occupancy(
        sum((areas[u] for u in let if u in areas), Decimal(0)), sum(areas.values(), Decimal(0)), len(spaces),
        sum(1 for u in let if u in areas), unmeasured,
    )  # fmt: skip
