"""Reads of facts: a value as it stands or as it was known on a day, series, derived indicators, frames, comparable growth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from django.db.models import Q, QuerySet

from wenmai.base.values import NotFound, Refused
from wenmai.base.values.period import FLOW, POINT, Period, period
from wenmai.base.values.units import unit
from wenmai.office.figures.facts import EMPTY, definition_for
from wenmai.office.figures.methods.formula import Observed, Reference, Result, evaluate, parse, with_item
from wenmai.office.figures.methods.growth import MatchedGrowth, matched_growth
from wenmai.office.figures.models import Definition, Fact, FrameSpell, Lane
from wenmai.office.people.models import Subject, SubjectKind

DEPTH = 6  # formulas over formulas; the dictionary's own chains are at most three long


def standing(as_of: datetime | None = None) -> QuerySet[Fact]:
    """Facts as they stand, or as they were known at a moment (the vintage of that day)."""
    if as_of is None:
        return Fact.objects.filter(recorded_to=None)
    return Fact.objects.filter(recorded_from__lte=as_of).filter(Q(recorded_to=None) | Q(recorded_to__gt=as_of))


@dataclass(frozen=True)
class Place:
    """Whose value: a subject, a lane and a scope; `stage` None takes the latest stage of the definition's order."""

    kind: str
    key: str
    lane: str
    scope: str
    stage: str | None = None
    as_of: datetime | None = None


def find(place: Place, code: str, when: Period, item: str = "", scope: str | None = None) -> Fact | None:
    """The fact of one place, or None. With several stages the latest in the definition's order is taken."""
    query = standing(place.as_of).filter(
        subject__kind=place.kind, subject__key=place.key, definition__entry_id=code, period=when.code, item=item, lane=place.lane,
        scope__name=scope or place.scope,
    )  # fmt: skip
    found = list(query.select_related("definition", "source", "scope"))
    if place.stage is not None:
        found = [f for f in found if f.stage in ("", place.stage)]
    if not found:
        return None
    return max(found, key=lambda f: (f.definition.number, f.definition.stages.index(f.stage) if f.stage in f.definition.stages else -1))


@dataclass
class Answer:
    """A value that was looked up or derived, with everything it rests on. `value` None is unknown and `why` says why."""

    code: str
    name: str
    unit: str
    value: Fraction | None
    low: Fraction | None = None
    high: Fraction | None = None
    why: tuple[str, ...] = ()
    facts: list[Fact] = field(default_factory=list)
    derived: bool = False

    def text(self, decimals: int = 2) -> str:
        """As printed, half up; unknown in words."""
        if self.value is None:
            return "—（" + ("；".join(self.why) or "未采集") + "）"
        scaled = abs(self.value) * 10**decimals
        whole = int(scaled + Fraction(1, 2))
        digits = f"{whole:0{decimals + 1}d}"
        sign = "-" if self.value < 0 and whole else ""
        return sign + (f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits)


def answer(place: Place, code: str, when: Period, item: str = "", depth: int = 0) -> Answer:
    """The reported value, else the formula's; never a value of another lane, scope or stage."""
    definition = definition_for(code, when)
    if definition.kind == POINT and when.kind == FLOW:  # a stock asked for a span is that of its last day
        when = Period(when.year, when.last, when.last, when.end.day)
    fact = find(place, code, when, item)
    if fact is not None:
        if fact.status in EMPTY or fact.value is None:
            return Answer(code, fact.definition.name, fact.unit, None, why=(fact.get_status_display(),), facts=[fact])
        half = _half_unit(fact)
        value = Fraction(fact.value)
        return Answer(code, fact.definition.name, fact.unit, value, value - half, value + half, facts=[fact])
    if not definition.formula or depth >= DEPTH:
        return Answer(code, definition.name, definition.unit, None, why=(f"未采集：{code}（{when.label}，{place.scope}，{place.lane}）",))
    return _derive(place, definition, when, item, depth)


def _half_unit(fact: Fact) -> Fraction:
    """Half of the last printed digit; a whole number of things that are counted one by one is exact."""
    measure = unit(fact.unit)
    counted = measure.factor == 1 and len(measure.dimension) == 1 and measure.dimension[0][0] != "元"
    return Fraction(0) if counted and fact.decimals == 0 else Fraction(1, 2 * 10**fact.decimals)


def _derive(place: Place, definition: Definition, when: Period, item: str, depth: int) -> Answer:
    used: list[Fact] = []
    reasons: list[str] = []

    def fetch(ref: Reference, at: Period) -> Observed | None:
        there = Place(place.kind, place.key, place.lane, ref.scope or place.scope, place.stage, place.as_of)
        got = answer(there, ref.code, at, ref.item, depth + 1)
        used.extend(got.facts)
        if got.value is None or got.high is None:
            reasons.extend(got.why)
            return None
        stages = {f.stage for f in got.facts if f.stage}
        return Observed(got.value, unit(got.unit), got.high - got.value, next(iter(stages)) if len(stages) == 1 else "")

    result: Result = evaluate(with_item(parse(definition.formula), item), unit(definition.unit), when, fetch)
    why = tuple(dict.fromkeys([*reasons, *result.conflicts] or result.missing))
    known = result.value is not None
    return Answer(definition.entry_id, definition.name, definition.unit, result.value, result.low, result.high, () if known else why, used, True)


def derived(place: Place, code: str, when: Period, item: str = "") -> Answer | None:
    """What the formula gives, also where a value is reported (to set beside it); None without a formula."""
    definition = definition_for(code, when)
    return _derive(place, definition, when, item, 0) if definition.formula else None


def vintages(place: Place, code: str, when: Period, item: str = "") -> list[Fact]:
    """Every value ever recorded for a place, oldest first: first release, revisions, stages."""
    return list(
        Fact.objects.filter(
            subject__kind=place.kind, subject__key=place.key, definition__entry_id=code, period=when.code, item=item, lane=place.lane,
            scope__name=place.scope,
        ).select_related("definition", "source").order_by("recorded_from", "pk")
    )  # fmt: skip


def series(place: Place, code: str, item: str = "") -> list[Fact]:
    """The standing values of an indicator over time; versions of the definition stand side by side."""
    return list(
        standing(place.as_of)
        .filter(subject__kind=place.kind, subject__key=place.key, definition__entry_id=code, item=item, lane=place.lane, scope__name=place.scope)
        .select_related("definition").order_by("definition__number", "ends", "stage")
    )  # fmt: skip


def frame_at(frame: str, lane: str, on: date) -> dict[str, str]:
    """Key → name of the units in a frame on a day: entered on or before it and not left by it."""
    spells = FrameSpell.objects.filter(frame=frame, lane=lane, entered__lte=on).filter(Q(left=None) | Q(left__gt=on))
    return dict(spells.values_list("subject__key", "subject__name"))


def frame_changes(frame: str, lane: str, first: date, last: date) -> dict[str, QuerySet[FrameSpell]]:
    """入库 and 退库 within a span of days, both shown (a net number alone hides them)."""
    spells = FrameSpell.objects.filter(frame=frame, lane=lane).select_related("subject")
    return {"入库": spells.filter(entered__range=(first, last)), "退库": spells.filter(left__range=(first, last))}


def of_firms(code: str, when: str, scope: str, as_of: datetime | None = None) -> QuerySet[Fact]:
    """What firms reported of an indicator on the monitoring lane, under any version of its definition and at any stage."""
    return standing(as_of).filter(
        definition__entry=code, period=when, lane=Lane.MONITOR, scope__name=scope, subject__kind=SubjectKind.ENTERPRISE, value__isnull=False
    )  # fmt: skip


def one_stage(definition: Definition, firms: Mapping[str, int]) -> str:
    """The stage to read (stage → how many firms have it): values of two stages are never added up. The one that most
    firms have; of equal ones the later in the definition's order."""
    order = {stage: i for i, stage in enumerate(definition.stages)}
    return max(firms, key=lambda s: (firms[s], order.get(s, -1)), default="")


def once(places: Iterable[Any]) -> None:
    """Refused when a firm has two values in one place: neither may be added to the other."""
    twice = [place for place, n in Counter(places).items() if n > 1]
    if twice:
        raise Refused(f"{len(twice)} 处有两个同时有效的值，不能相加", remedy="请先撤回其中一个")


def comparable_growth(code: str, when: str, frame: str, scope: str, as_of: datetime | None = None) -> MatchedGrowth:
    """Growth on the same base by matched frames, on the monitoring lane only.

    The frame of a period is its last day's. On the bureau's lane comparable growth is entered as published; asking for it
    here is refused. Both periods are read under one version of the definition and at one stage: a change of either is no
    growth.
    """
    span = period(when)
    ago = span.years_ago()
    definition = definition_for(code, span)
    by_stage = [_by_stage(definition, one, scope, as_of) for one in (span, ago)]
    stages = set(by_stage[0]) | set(by_stage[1])
    stage = one_stage(definition, {s: len(by_stage[0].get(s, {}).keys() & by_stage[1].get(s, {}).keys()) for s in stages})
    values = [found.get(stage, {}) for found in by_stage]
    for one, found in zip((span, ago), values, strict=True):
        if not found and of_firms(code, one.code, scope, as_of).filter(item="").exists():
            said = f"第 {definition.number} 版" + (f"{stage}" if stage else "")
            raise Refused(f"{one.label}的数据不是按现行定义（{said}）报的，两期不能相比", remedy="请补报，或批准追溯调整后补录")
    if not values[0] and not values[1]:
        raise NotFound(f"{span.label}没有“{scope}”的本办监测数据", remedy="请先收齐报表")
    frames = [set(frame_at(frame, Lane.MONITOR, one.end)) for one in (span, ago)]
    if not frames[0] or not frames[1]:
        raise Refused(f"{span.label}或{ago.label}没有“{frame}”名单，不能算可比增速", remedy="请先登记两期的入退库")
    return matched_growth(values[0], values[1], frames[0], frames[1])


def _by_stage(definition: Definition, when: Period, scope: str, as_of: datetime | None) -> dict[str, dict[str, Fraction]]:
    """Stage → firm → value in base units, under one version of the definition."""
    rows = of_firms(definition.entry_id, when.code, scope, as_of).filter(definition=definition, item="")
    told = list(rows.values_list("stage", "subject__key", "value", "unit"))
    once((stage, key) for stage, key, _, _ in told)
    found: dict[str, dict[str, Fraction]] = {}
    for stage, key, value, u in told:
        if value is not None:
            found.setdefault(stage, {})[key] = Fraction(value) * unit(u).factor
    return found


def subject_name(kind: str, key: str) -> str:
    """The name of a subject, or its key."""
    found: Any = Subject.objects.filter(kind=kind, key=key).values_list("name", flat=True).first()
    return found or key
