"""Reported facts of the district and of other areas, as the answers and comparisons use them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q
from django.urls import reverse

from wenmai.office.figures.fact_lists import facts_for, period_label, printed
from wenmai.office.figures.models import Fact
from wenmai.office.kit.answers import Asked, Value
from wenmai.office.people.models import SubjectKind

MOST = 5000


def own(district: str) -> Q:
    """Facts about the district itself, by its name or key; none while the site has not named it."""
    if not district:
        return Q(pk__in=[])
    return Q(subject__kind=SubjectKind.AREA) & (Q(subject__name=district) | Q(subject__key=district))


def _rank(fact: Fact) -> tuple[Any, ...]:
    """Later period, newer definition, later stage first in the definition's order."""
    stages = fact.definition.stages
    return (fact.ends, fact.definition.number, stages.index(fact.stage) if fact.stage in stages else -1, fact.pk)


def latest(asked: Asked, codes: Sequence[str]) -> list[Fact]:
    """Of each indicator, lane and scope the standing total of the newest period at its latest stage, in the order of
    `codes`. Lanes and scopes stand side by side and are never merged."""
    rows = facts_for(asked.user).filter(own(asked.district), definition__entry_id__in=codes, item="").order_by("-ends", "-pk")[:MOST]
    best: dict[tuple[str, str, str], Fact] = {}
    for fact in rows:
        key = (fact.definition.entry_id, fact.lane, fact.scope.name)
        if key not in best or _rank(fact) > _rank(best[key]):
            best[key] = fact
    order = {code: at for at, code in enumerate(codes)}
    return sorted(best.values(), key=lambda f: (order[f.definition.entry_id], f.lane, f.scope.name))


def value_of(fact: Fact, title: str = "") -> Value:
    """A fact as a value of an answer; it leads to the fact's own page with source and vintages."""
    return Value(
        title or fact.definition.name, printed(fact), fact.unit, fact.lane, fact.scope.name, period_label(fact.period), fact.source.provider,
        fact.mark, reverse("facts:fact", args=[fact.pk]), fact.stage,
    )  # fmt: skip


def values(asked: Asked, codes: Sequence[str]) -> list[Value]:
    return [value_of(f) for f in latest(asked, codes)]


def absent(found: Iterable[Fact], codes: Sequence[str]) -> list[str]:
    """The codes of which there is no fact at all."""
    known = {f.definition.entry_id for f in found}
    return [code for code in codes if code not in known]


def entering(code: str) -> str:
    """Where a missing value is entered."""
    return f"{reverse('facts:enter')}?code={code}"
