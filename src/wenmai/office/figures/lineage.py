"""How a value came about: the formula with every operand's value, and the address where each can be opened."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.http import QueryDict
from django.urls import reverse

from wenmai.base.values import InputError
from wenmai.base.values.period import Period
from wenmai.office.figures import permissions
from wenmai.office.figures.fact_queries import Answer, Place, answer
from wenmai.office.figures.facts import definition_for
from wenmai.office.figures.methods.formula import parse, with_item
from wenmai.office.figures.models import Mark

DECIMALS = 2


@dataclass(frozen=True)
class Operand:
    """One reference of a formula as it was read."""

    text: str
    period: str
    scope: str
    item: str
    answer: Answer
    link: str


def address(place: Place, code: str, when: Period, item: str = "") -> str:
    """Where a value can be opened, reported or derived."""
    query = QueryDict(mutable=True)
    said = {"kind": place.kind, "key": place.key, "code": code, "period": when.code, "lane": place.lane, "scope": place.scope, "item": item}
    for name, value in {**said, "stage": place.stage or ""}.items():
        if value:
            query[name] = value
    return reverse("facts:value") + "?" + query.urlencode()


def masked(got: Answer, user: Any) -> Answer:
    """The answer without its value when it rests on a figure that this person may not see."""
    if any(f.mark == Mark.SECRET for f in got.facts) and not permissions.may_see_secret(user)[0]:
        return replace(got, value=None, low=None, high=None, why=("含不得外传的数据",), facts=[])
    return got


def operands(place: Place, code: str, when: Period, item: str = "", user: Any = None) -> list[Operand]:
    """Every reference of the indicator's formula with its value for this place; empty without a formula."""
    definition = definition_for(code, when)
    if not definition.formula:
        return []
    found = []
    for ref in with_item(parse(definition.formula), item).references():
        there = replace(place, scope=ref.scope or place.scope)
        try:
            at = ref.period(when)
            got = masked(answer(there, ref.code, at, ref.item), user)
        except ValueError:
            got, at = Answer(ref.code, ref.code, "", None, why=(f"{when.label}没有{ref.lag}",)), when
        except InputError as error:
            got = Answer(ref.code, ref.code, "", None, why=(error.message,))
        found.append(Operand(ref.text(), at.label, there.scope, ref.item, got, address(there, ref.code, at, ref.item)))
    return found


def digits(got: Answer) -> int:
    """How many decimals to print: those of a reported value, two of a derived one."""
    return got.facts[0].decimals if not got.derived and got.facts else DECIMALS


def printed(got: Answer) -> str:
    """The value with separators and as many digits as it has; unknown in words."""
    text = got.text(digits(got))
    if got.value is None:
        return text
    whole, dot, rest = text.lstrip("-").partition(".")
    return ("-" if text.startswith("-") else "") + f"{int(whole):,}{dot}{rest}"


def interval(got: Answer) -> str:
    """The interval that the printed rounding allows, when it is more than one point."""
    if got.value is None or got.low is None or got.high is None or got.low == got.high:
        return ""
    more = digits(got) + 1
    return f"{float(got.low):,.{more}f}—{float(got.high):,.{more}f}"
