"""What the checker takes and gives, and the exact arithmetic of printed numbers that its rules share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Literal

Kind = Literal["count", "share", "growth", "point_difference", "amount"]
Severity = Literal["error", "warning"]

POINT_UNITS = frozenset({"个百分点", "百分点"})
RATIO_UNITS = {"%": 100, "％": 100, "‰": 1000}
SCALES = {"万亿": 10**12, "亿": 10**8, "万": 10**4}
_SLACK = Fraction(1, 10**9)


@dataclass(frozen=True)
class CheckedFigure:
    """A figure as a report cites it; `value` is in `unit` (31.2 with "%"), None is unknown.

    `scope` names the statistical frame (规上, 登记名录), never the subset counted. Shares name numerator and
    denominator; growths and point differences base and current. `years` above 1: growth is a yearly average.
    `names` are the words a text calls it by before the number, `trailing` those behind it (12家待核定).
    """

    id: str
    value: int | float | Decimal | None
    unit: str
    lane: str | None
    scope: str | None
    period: str | None
    vintage: str | None
    decimals: int
    kind: Kind
    numerator_id: str | None = None
    denominator_id: str | None = None
    base_id: str | None = None
    current_id: str | None = None
    unit_type: str | None = None
    lower: int | float | Decimal | None = None
    upper: int | float | Decimal | None = None
    years: int = 1
    names: Sequence[str] = ()
    trailing: Sequence[str] = ()


@dataclass(frozen=True)
class Relation:
    """A total and its parts. `disjoint`: no unit is in two parts; `exhaustive`: none is outside them.

    `bridge`: the steps of one reconciliation, which differ in unit type and frame by design (记录 → 主体 → 企业).
    `listed`: a sentence that cites the total, or a share of it, and one part has to give all parts.
    """

    total_id: str
    part_ids: Sequence[str]
    disjoint: bool
    name: str
    exhaustive: bool = True
    bridge: bool = False
    listed: bool = False


@dataclass(frozen=True)
class Sentence:
    """A sentence, the figures it cites, and the text each is printed as (with or without the unit)."""

    text: str
    figure_ids: Sequence[str]
    printed: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Span:
    """A stretch of a printed line. It prints a figure (`figure_id`; `part` value, low or high), or repeats a known
    fact (`expected`, None when the fact is not known any more), or is an author's text, or is the report's wording."""

    text: str
    figure_id: str | None = None
    part: Literal["value", "low", "high"] = "value"
    quoted: bool = False
    expected: str | None = None
    authored: bool = False
    about: str | None = None  # the figure whose qualifier is quoted


Line = Sequence[Span]


@dataclass(frozen=True)
class Grid:
    """A printed table: its columns (the unit in brackets, 家数（家）) and the spans of each cell."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Line]]


@dataclass(frozen=True)
class CheckedReport:
    """Everything the checker sees of a report. `banned`: words that may not be said, with the reason."""

    figures: Sequence[CheckedFigure]
    relations: Sequence[Relation] = ()
    sentences: Sequence[Sentence] = ()
    lines: Sequence[Line] = ()
    grids: Sequence[Grid] = ()
    banned: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Finding:
    """One disagreement: the rule's name, the figures concerned, what is wrong (Chinese), how bad it is."""

    rule: str
    figure_ids: tuple[str, ...]
    message_zh: str
    severity: Severity


Findings = Iterator[Finding]


def dimension(unit: str) -> tuple[Fraction, str]:
    """(factor, base unit): 亿元 → (1e8, 元), 万家 → (1e4, 家)."""
    for prefix, factor in SCALES.items():
        if unit.startswith(prefix):
            return Fraction(factor), unit[len(prefix) :]
    return Fraction(1), unit


def exact(value: float | Decimal) -> Fraction:
    # repr gives the shortest decimal that a person typed; the binary value would add digits nobody printed.
    return Fraction(Decimal(repr(value))) if isinstance(value, float) else Fraction(value)


def is_exact_count(figure: CheckedFigure) -> bool:
    return figure.kind == "count" and figure.decimals == 0 and dimension(figure.unit)[0] == 1


def half(figure: CheckedFigure) -> Fraction:
    """Half the last printed digit, in base units; 0 for counts of units and for values kept unrounded."""
    if figure.value is None or is_exact_count(figure):
        return Fraction(0)
    if (exact(figure.value) * 10**figure.decimals).denominator != 1:
        return Fraction(0)
    return dimension(figure.unit)[0] / (2 * Fraction(10) ** figure.decimals)


def slack(size: Fraction) -> Fraction:
    """Room for binary floating point only."""
    return abs(size) * _SLACK


def rounded(value: Fraction, decimals: int) -> set[Fraction]:
    """`value` at that many decimals; at a tie both neighbours, since tools round ties differently."""
    scaled = value * 10**decimals
    floor = scaled.numerator // scaled.denominator
    rest = scaled - floor
    picks = {floor} if rest < Fraction(1, 2) else {floor + 1} if rest > Fraction(1, 2) else {floor, floor + 1}
    return {Fraction(pick) / Fraction(10) ** decimals for pick in picks}


def warning(rule: str, ids: tuple[str, ...], text: str) -> Finding:
    return Finding(rule, ids, text, "warning")


def error(rule: str, ids: tuple[str, ...], text: str) -> Finding:
    return Finding(rule, ids, text, "error")
