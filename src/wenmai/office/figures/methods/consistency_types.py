"""Published figures as the rules of consistency take them, and their exact arithmetic."""


from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from wenmai.base.values.period import Period
from wenmai.base.values.units import Dimension, unit

ERROR, NOTE = "error", "note"
ATTRIBUTES = {"lane": "来源类", "scope": "口径", "stage": "版次", "edition": "定义版本", "vintage": "记录时间"}
Bounds = tuple[Fraction, Fraction]


@dataclass(frozen=True)
class Observation:
    """One published value. `value` and `half` (half of its last printed digit, 0 when exact) are in `unit`.

    `edition` is the version of the definition or classification; `vintage` is "" for what stands now, else until when it
    stood; `table` names the document it was printed in.
    """

    id: str
    code: str
    name: str
    value: Fraction
    unit: str
    half: Fraction
    decimals: int
    subject: str
    lane: str
    scope: str
    period: Period
    item: str = ""
    stage: str = ""
    edition: str = ""
    vintage: str = ""
    table: str = ""

    @property
    def dimension(self) -> Dimension:
        return unit(self.unit).dimension

    @property
    def base(self) -> Fraction:
        """In the base unit of the dimension."""
        return self.value * unit(self.unit).factor

    @property
    def bounds(self) -> Bounds:
        """What the printed rounding allows, in the base unit."""
        factor = unit(self.unit).factor
        return (self.value - self.half) * factor, (self.value + self.half) * factor

    @property
    def slack(self) -> Fraction:
        return self.half * unit(self.unit).factor

    @property
    def axis(self) -> str:
        """The breakdown an item belongs to: 大类 of 大类=01."""
        return self.item.partition("=")[0] if "=" in self.item else ""

    @property
    def part(self) -> str:
        """The item without its breakdown."""
        return self.item.partition("=")[2] or self.item

    def printed(self, base: Fraction | None = None, more: int = 0) -> str:
        """The value, or another in base units, as this observation prints its own."""
        value = self.value if base is None else base / unit(self.unit).factor
        return number(value, self.decimals + more) + self.unit

    def called(self) -> str:
        """Period, scope, name and item."""
        detail = "，".join(x for x in (self.part, self.stage) if x)
        return f"{self.period.label}“{self.scope}”{self.name}" + (f"（{detail}）" if detail else "")

    def said(self) -> str:
        return f"{self.called()}{self.printed()}"


@dataclass(frozen=True)
class Finding:
    """`error`: these figures cannot all stand. `note`: they may, but a report has to say why they differ."""

    rule: str
    severity: str
    observations: tuple[str, ...]
    sentence: str
    remedy: str


def number(value: Fraction, decimals: int) -> str:
    """Half up, without a sign on zero."""
    whole = int(abs(value) * 10**decimals + Fraction(1, 2))
    digits = f"{whole:0{decimals + 1}d}"
    return ("-" if value < 0 and whole else "") + (f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits)


def percent(value: Fraction, decimals: int = 1) -> str:
    return number(value * 100, decimals) + "%"


def meet(a: Bounds, b: Bounds) -> bool:
    """Whether two ranges have a value in common."""
    return a[0] <= b[1] and b[0] <= a[1]


def middle(bounds: Bounds) -> Fraction:
    return (bounds[0] + bounds[1]) / 2


def total_of(parts: Iterable[Observation]) -> tuple[Fraction, Fraction]:
    """Sum in base units and the rounding it allows (n × half unit)."""
    rows = list(parts)
    return sum((p.base for p in rows), Fraction(0)), sum((p.slack for p in rows), Fraction(0))


def find(rule: str, severity: str, used: Iterable[Observation], sentence: str, remedy: str) -> Finding:
    return Finding(rule, severity, tuple(dict.fromkeys(o.id for o in used)), sentence, remedy)


# --- what the dictionary says -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Meaning:
    """What the dictionary says of an indicator. `signed`: may be negative or fall (profit, net numbers)."""

    name: str
    unit: str
    kind: str
    formula: str = ""
    signed: bool = False


@dataclass(frozen=True)
class Links:
    """What belongs together without a formula. Codes are the dictionary's.

    growth: rate → level, on a comparable base; nominal: rate → level, plain; increase: increase → level; rates: yearly rate
    → (level, increase or "", years); ranks: rank → level; stocks: stock → (entries, exits or ""); kin: code → the same
    measure in another scope under a code of its own; complete: breakdown → edition → all its parts; overlapping: breakdowns
    whose parts are known to overlap.
    """

    growth: Mapping[str, str] = field(default_factory=lambda: {"SC08": "SC06", "SC25R": "SC25"})
    nominal: Mapping[str, str] = field(default_factory=lambda: {"SC11": "SC09"})
    increase: Mapping[str, str] = field(default_factory=dict)
    rates: Mapping[str, tuple[str, str, int]] = field(default_factory=dict)
    ranks: Mapping[str, str] = field(default_factory=dict)
    stocks: Mapping[str, tuple[str, str]] = field(default_factory=lambda: {"SC04": ("SC05", "SC05X")})
    kin: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: {"SC06": ("SC07",)})
    complete: Mapping[str, Mapping[str, frozenset[str]]] = field(default_factory=dict)
    overlapping: frozenset[str] = frozenset()
    all_peers: bool = False

    def edition(self, axis: str, parts: Iterable[str]) -> tuple[str, frozenset[str] | None]:
        """The edition whose parts these are, and all its parts; ("", None) unless exactly one fits."""
        names = set(parts)
        fits = [(name, whole) for name, whole in self.complete.get(axis, {}).items() if names and names <= whole]
        return fits[0] if len(fits) == 1 else ("", None)
