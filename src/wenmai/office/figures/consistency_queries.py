"""Facts → checks: the facts of one subject are read as observations and every rule of consistency that applies is run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from fractions import Fraction
from functools import lru_cache

from django.db.models import Q

from wenmai.base.standards.crosswalk import culture_majors_2012
from wenmai.base.standards.culture import culture_majors
from wenmai.base.values.period import Period, period
from wenmai.base.values.units import unit
from wenmai.office.figures.methods.consistency_table import check_table
from wenmai.office.figures.methods.consistency_types import Finding, Links, Meaning, Observation
from wenmai.office.figures.models import Definition, DefinitionState, Fact

SIGNED = ("利润", "净", "差额", "缺口")
THREE_TYPES = ("文化制造业", "文化批发和零售业", "文化服务业")


@lru_cache(maxsize=1)
def default_links() -> Links:
    """The links of the packaged dictionary, with the parts of the national classifications (2018, 2012)."""
    complete = {
        "大类": {
            "2018年分类": frozenset(c.name for c in culture_majors()),
            "2012年分类": frozenset(c.name for c in culture_majors_2012()),
            "2018年分类代码": frozenset(c.code for c in culture_majors()),
        },
        "类型": {"三类": frozenset(THREE_TYPES)},
        "领域": {"两领域": frozenset(("文化核心领域", "文化相关领域"))},
        "地区": {"四地区": frozenset(("东部地区", "中部地区", "西部地区", "东北地区"))},
    }
    return Links(complete=complete)


def observations(facts: Iterable[Fact], as_of: datetime | None = None) -> list[Observation]:
    """Facts with a value, oldest record first. Facts need `definition`, `subject` and `scope` selected."""
    known = sorted((f for f in facts if f.value is not None), key=lambda f: (f.recorded_from, f.pk))
    return [_observation(f, as_of) for f in known]


def _observation(fact: Fact, as_of: datetime | None) -> Observation:
    # at a past moment, what was revised later still stood
    closed = fact.recorded_to if as_of is None or (fact.recorded_to is not None and fact.recorded_to <= as_of) else None
    measure = unit(fact.unit)
    # what is counted one by one and printed whole is exact; everything else is rounded
    counted = fact.decimals == 0 and measure.factor == 1 and len(measure.dimension) == 1 and measure.dimension[0][0] not in ("元", "百分点")
    return Observation(
        id=str(fact.pk), code=fact.definition.entry_id, name=fact.definition.name, value=Fraction(fact.value or 0), unit=fact.unit,
        half=Fraction(0) if counted else Fraction(1, 2 * 10**fact.decimals), decimals=fact.decimals,
        subject=f"{fact.subject.kind}:{fact.subject.key}", lane=fact.lane, scope=fact.scope.name, period=period(fact.period), item=fact.item,
        stage=fact.stage, edition=f"第{fact.definition.number}版", vintage=f"{closed:%Y-%m-%d}前" if closed else "",
        table=str(fact.source_id),
    )  # fmt: skip


def meanings() -> dict[str, Meaning]:
    """What the newest approved version of every indicator says."""
    query = Definition.objects.filter(state=DefinitionState.APPROVED).order_by("number")
    return {d.entry_id: Meaning(d.name, d.unit, d.kind, d.formula, any(w in d.name for w in SIGNED)) for d in query}


def check_facts(
    kind: str, key: str, when: str | Sequence[str] | None = None, *, codes: Iterable[str] | None = None, lane: str | None = None,
    peers: Sequence[str] = (), as_of: datetime | None = None, links: Links | None = None,
) -> list[Finding]:  # fmt: skip
    """Every finding about the facts of a subject.

    `when`: one or several periods; findings then touch at least one figure of those periods, and the years before them are
    read as far as growth, differences and forecasts need. `codes`, `lane` narrow the facts read; `peers` are keys of other
    subjects of that kind, for ranks; `as_of` reads what was known at a moment. Observation ids are primary keys of facts.
    """
    links = links or default_links()
    asked = [period(w) for w in ([when] if isinstance(when, str) else when or [])]
    facts = Fact.objects.filter(subject__kind=kind, subject__key__in=[key, *peers]).select_related("definition", "subject", "scope")
    if as_of is not None:
        facts = facts.filter(recorded_from__lte=as_of)
    if lane:
        facts = facts.filter(lane=lane)
    if codes is not None:
        facts = facts.filter(definition__entry_id__in=list(codes))
    if asked:
        facts = facts.filter(_years(asked, links))
    found = observations(facts, as_of)
    mine = f"{kind}:{key}"
    close = {o.id for o in found if o.subject == mine and (not asked or o.period.code in _codes(asked))}
    return [f for f in check_table(found, meanings(), links) if close & set(f.observations)]


def _codes(asked: Sequence[Period]) -> set[str]:
    """The periods asked for and the days on which they end (stocks)."""
    return {p.code for p in asked} | {Period(p.year, p.last, p.last, p.end.day).code for p in asked}


def _years(asked: Sequence[Period], links: Links) -> Q:
    back = {0, 1, 2, *(years for _, _, years in links.rates.values())}
    wanted = Q()
    for year in sorted({p.year - b for p in asked for b in back}):
        wanted |= Q(ends__year=year)
    return wanted
