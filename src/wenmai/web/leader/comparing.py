"""Comparisons: one measure over periods, parks, streets, classes or areas, from the snapshots' figures or from reported facts.
Whatever is set side by side shares lane, scope, unit and stage; what does not is left out and said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from django.urls import reverse

from wenmai.base import standards
from wenmai.base.values import WenmaiError
from wenmai.base.values.units import unit
from wenmai.office.figures.fact_lists import facts_for, period_label, printed
from wenmai.office.figures.models import Fact, Lane, Snapshot
from wenmai.office.figures.typed import Figure
from wenmai.office.people.models import SubjectKind
from wenmai.rooms.classification.bridging import as_of
from wenmai.web import queries
from wenmai.web.leader import area
from wenmai.web.leader.charts import Bar

BY = {"period": "时期", "class": "九大类", "street": "街道（镇）", "park": "园区", "area": "区县"}
REGISTER, FACTS = "register", "facts"
SPLITS = {"class": "culture.major.", "street": "culture.street.", "park": "culture.park."}
PERIODS, MOST = 8, 60
# What a snapshot has over time; the register's scope throughout.
PLAIN = {"culture.identified": "识别为文化企业", "units.analysed": "纳入分析企业", "culture.core": "核心领域", "culture.new_form": "文化新业态",
         "culture.pending": "待核定"}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One thing compared; `change` is the difference to the line before in percent, over periods only."""

    label: str
    value: float | None
    text: str
    low: float | None = None
    high: float | None = None
    href: str = ""
    note: str = ""

    @property
    def interval(self) -> str:
        return f"{self.low:,g}—{self.high:,g}" if self.low is not None and self.high is not None and self.high > self.low else ""


@dataclass
class Comparison:
    title: str
    unit: str = ""
    about: str = ""
    lines: list[Line] = field(default_factory=list)
    why: str = ""  # why there is nothing, or what was left out

    @property
    def bars(self) -> list[Bar]:
        return [Bar(line.label, line.value, line.text, line.low, line.high) for line in self.lines]


def register(user: Any, snapshot: Snapshot | None, by: str, measure: str) -> Comparison:
    """Figures of the register: split ones of one snapshot, or a plain one over the newest snapshots."""
    if snapshot is None:
        return Comparison("登记口径", why="还没有快照，请先导入名录")
    if by == "period":
        return _over_snapshots(user, snapshot, measure)
    if by not in SPLITS:
        return Comparison("登记口径", why=f"登记口径没有按{BY.get(by, by)}的数")
    figures, why = queries.figures_for(user, snapshot)
    found = [f for key, f in figures.items() if key.startswith(SPLITS[by]) and f.kind == "count" and f.group is not None]
    if not found:
        return Comparison("登记口径", why=why or f"这份快照没有按{BY[by]}的数")
    found.sort(key=lambda f: (-(f.value or 0), f.id))
    left = f"共 {len(found)} 项，只列前 {MOST} 项" if len(found) > MOST else ""
    first = found[0]
    blocked = f"不成文：{first.blocked}" if first.blocked else ""
    return Comparison(
        f"识别为文化企业，按{BY[by]}", first.unit, _qualified(first), [_line(f, f.group or "") for f in found[:MOST]],
        "；".join(t for t in (left, blocked) if t),
    )  # fmt: skip


def _qualified(figure: Figure) -> str:
    return f"{figure.lane}；{figure.scope}；{figure.unit_type}；{figure.vintage}；提供：{figure.provider}；{figure.publishable}"


def _line(figure: Figure, label: str, low: float | None = None, high: float | None = None) -> Line:
    value = None if figure.value is None else float(figure.value)
    low, high = (figure.low, figure.high) if low is None else (low, high)
    return Line(label, value, figure.text(), low, high, reverse("figure", args=[figure.snapshot, figure.id]))


def _over_snapshots(user: Any, snapshot: Snapshot, measure: str) -> Comparison:
    measure = measure if measure in PLAIN else "culture.identified"
    lines, about, unit_name, lost = [], "", "", 0
    for one in reversed(Snapshot.objects.filter(complete=True, pk__lte=snapshot.pk).order_by("-pk")[:PERIODS]):
        figures, _ = queries.figures_for(user, one)
        figure = figures.get(measure)
        if figure is None:
            lost += 1
            continue
        low = high = None
        if measure == "culture.identified" and (interval := figures.get("culture.interval")):
            low, high = interval.low, interval.high
        about, unit_name = _qualified(figure), figure.unit
        lines.append(_line(figure, f"快照 {one.pk}（{as_of(one) or '日期未载'}）", low, high))
    why = f"{lost} 份快照读不出，未列" if lost else ""
    return Comparison(f"{PLAIN[measure]}，按时期", unit_name, about, lines, why or ("" if lines else "没有可用的快照"))


@dataclass(frozen=True)
class Wanted:
    """What of the facts is compared; `period`, `lane`, `scope` "" take the newest and the most frequent."""

    code: str
    by: str
    period: str = ""
    lane: str = ""
    scope: str = ""


def facts(user: Any, district: str, wanted: Wanted) -> Comparison:
    """Reported facts of one indicator in one lane, scope and stage."""
    code = wanted.code.upper()
    query = facts_for(user).filter(definition__entry_id=code)
    query = query.filter(lane=wanted.lane) if wanted.lane in Lane.values else query
    query = query.filter(scope__name=wanted.scope) if wanted.scope else query
    query = query.filter(period=wanted.period) if wanted.period and wanted.by != "period" else query
    if wanted.by == "period":
        rows = query.filter(area.own(district), item="")
    elif wanted.by == "class":
        rows = query.filter(area.own(district), item__in=[f"大类={m.code}" for m in standards.culture_majors()])
    elif wanted.by == "street":
        rows = query.filter(area.own(district), item__startswith="街道=")
    elif wanted.by == "park":
        rows = query.filter(subject__kind=SubjectKind.PARK, item="")
    else:
        rows = query.filter(subject__kind=SubjectKind.AREA, item="")
    if wanted.by != "period" and not wanted.period:
        newest = rows.order_by("-ends").values_list("period", flat=True).first()
        rows = rows.filter(period=newest) if newest else rows
    held = list(rows.order_by("ends", "item", "subject__name", "pk")[: area.MOST])
    if not held:
        words = f"没有 {code} 按{BY.get(wanted.by, wanted.by)}的数据" if district or wanted.by in ("park", "area") else "区县未设定，区级数据对不上号"
        return Comparison(code or "数据", why=words)
    return _of_facts(held, wanted)


def _of_facts(held: Sequence[Fact], wanted: Wanted) -> Comparison:
    """One lane, scope, stage and kind of span: the group with most values; the rest is counted and left out."""

    def place(fact: Fact) -> tuple[str, str, str, int, str]:
        span = fact.period_kind if wanted.by == "period" else ""
        return fact.lane, fact.scope.name, fact.stage, fact.definition.number, span

    chosen = Counter(map(place, held)).most_common(1)[0][0]
    same = [f for f in held if place(f) == chosen]
    first = same[-1]
    names = {f"大类={m.code}": f"{m.code} {m.name}" for m in standards.culture_majors()}
    lines, odd = [], 0
    for fact in same[-MOST:]:
        try:
            ratio = unit(fact.unit).to(Fraction(1), unit(first.unit))
        except WenmaiError:
            odd += 1
            continue
        label = {"period": period_label(fact.period), "class": names.get(fact.item, fact.item), "street": fact.item.partition("=")[2]}.get(
            wanted.by, fact.subject.name or fact.subject.key
        )
        value = None if fact.value is None else float(Fraction(fact.value) * ratio)
        text = printed(fact) if fact.unit == first.unit else f"{value:,.2f}" if value is not None else printed(fact)
        lines.append(Line(label, value, text, href=reverse("facts:fact", args=[fact.pk]), note=fact.source.provider))
    if wanted.by not in ("period", "class"):
        lines.sort(key=lambda x: (x.value is None, -(x.value or 0), x.label))
    left = len(held) - len(same) + odd
    when = "" if wanted.by == "period" else f"；{period_label(first.period)}"
    providers = sorted({line.note for line in lines})
    about = f"{first.lane}；{first.scope.name}{f'；{first.stage}' if first.stage else ''}{when}；提供：{'、'.join(providers[:3])}；{first.mark}"
    why = f"另有 {left} 个值的来源类、口径、版次或单位不同，不与之并列" if left else ""
    return Comparison(f"{first.definition.name}，按{BY[wanted.by]}", first.unit, about, lines, why)
