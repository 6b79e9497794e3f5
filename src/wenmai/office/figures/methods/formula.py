"""Formulas of derived indicators: a small closed language with dimensional checking, exact arithmetic and unknowns.

    SC09 / GDP{全社会}                                share of GDP; {…} names a scope other than the formula's own
    SC06 / SC06@上年同期 - 1                          growth
    SC10 - SC10@上年同期                              a difference of two ratios is 个百分点, never %
    SC06[大类=01..06] / SC06                          sum of the items 01 to 06 over the total
    年化(SC06) / 平均(SC14, SC14@年初)                 a flow brought to a year; a mean
    (SC06[x] - SC06[x]@上年同期) / (SC06 - SC06@上年同期)

A reference is evaluated for the subject, lane and period asked for. One that has no value makes the result unknown and
is named; nothing is taken from another scope in its place. Intervals are what the printed roundings allow: sound
(the true value lies inside), not tight when a reference occurs twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from wenmai.base.values.errors import InputError
from wenmai.base.values.period import Period
from wenmai.base.values.units import POINTS, RATIO, Dimension, Unit, combine, describe

LAGS = ("上年同期", "上期", "年初")
EACH = "*"
FUNCTIONS = ("年化", "平均", "合计")
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<code>[A-Z][A-Z0-9_]+)|(?P<name>年化|平均|合计)"
    r"|(?P<item>\[[^\[\]]*\])|(?P<scope>\{[^{}]*\})|(?P<lag>@(?:上年同期|上期|年初))|(?P<op>[-+*/(),，]))"
)


@dataclass(frozen=True)
class Reference:
    """One indicator as named in a formula; `item` is a breakdown such as 大类=01, "" the total."""

    code: str
    item: str = ""
    scope: str | None = None
    lag: str | None = None

    def text(self) -> str:
        item, scope, lag = self.item and f"[{self.item}]", self.scope and f"{{{self.scope}}}", self.lag and f"@{self.lag}"
        return self.code + item + (scope or "") + (lag or "")

    def period(self, asked: Period) -> Period:
        """The period this reference reads when the formula is asked for `asked`."""
        if self.lag == "上年同期":
            return asked.years_ago()
        if self.lag == "上期":
            return asked.previous()
        if self.lag == "年初":
            return Period(asked.year - 1, 12, 12, 31)
        return asked


@dataclass(frozen=True)
class Observed:
    """A value as reported: exact, with the half unit of its last printed digit, and its accounting stage if it has one."""

    value: Fraction
    unit: Unit
    half: Fraction = Fraction(0)
    stage: str = ""


@dataclass(frozen=True)
class Result:
    """`value` None is unknown: `missing` says which references had no value, `conflicts` why values may not be combined."""

    value: Fraction | None
    low: Fraction | None = None
    high: Fraction | None = None
    missing: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()


Node = tuple  # ("num", Fraction) | ("ref", Reference) | (op, a, b) | ("neg", a) | (function, a, …)


@dataclass(frozen=True)
class Formula:
    """A parsed formula."""

    text: str
    tree: Node = field(repr=False)

    def references(self) -> list[Reference]:
        """Every reference, in order of appearance, ranges of items spelled out."""
        return list(dict.fromkeys(_walk(self.tree)))


def _walk(node: Node) -> Iterator[Reference]:
    if node[0] == "ref":
        yield node[1]
    for child in node[1:]:
        if isinstance(child, tuple):
            yield from _walk(child)


def with_item(formula: Formula, item: str) -> Formula:
    """The formula for one item of a breakdown (大类=01), or for the total when `item` is "".

    [*] stands for the item asked for. A formula without [*] is that of each item as well (the margin of class 01 is its
    profit over its revenue), so its bare references take the item.
    """
    stars = any(ref.item == EACH for ref in formula.references())
    return Formula(formula.text, _with_item(formula.tree, item, stars))


def _with_item(node: Node, item: str, stars: bool) -> Node:
    if node[0] == "ref":
        ref: Reference = node[1]
        if ref.item == EACH or (not stars and not ref.item):
            return "ref", Reference(ref.code, item, ref.scope, ref.lag)
        return node
    return (node[0], *(_with_item(child, item, stars) if isinstance(child, tuple) else child for child in node[1:]))


def parse(text: str) -> Formula:
    """Parse; InputError names the column of the fault."""
    tokens = list(_tokens(text))
    tree, at = _sum(tokens, 0, text)
    if at < len(tokens):
        raise _fault(text, tokens[at][2], f"多出“{tokens[at][1]}”")
    return Formula(text, tree)


def _fault(text: str, column: int, what: str) -> InputError:
    return InputError(f"公式有误：{what}", where=f"第{column + 1}个字符，公式“{text}”", remedy="写法见“指标”页的说明")


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    at = 0
    while at < len(text) and text[at:].strip():
        m = _TOKEN.match(text, at)
        if m is None or m.lastgroup is None:
            skip = len(text[at:]) - len(text[at:].lstrip())
            raise _fault(text, at + skip, f"不认识“{text[at:].lstrip()[:6]}”")
        yield m.lastgroup, m[m.lastgroup], m.start(m.lastgroup)
        at = m.end()


def _sum(tokens: list[tuple[str, str, int]], at: int, text: str) -> tuple[Node, int]:
    left, at = _product(tokens, at, text)
    while at < len(tokens) and tokens[at][1] in "+-":
        op = tokens[at][1]
        right, at = _product(tokens, at + 1, text)
        left = (op, left, right)
    return left, at


def _product(tokens: list[tuple[str, str, int]], at: int, text: str) -> tuple[Node, int]:
    left, at = _atom(tokens, at, text)
    while at < len(tokens) and tokens[at][1] in "*/":
        op = tokens[at][1]
        right, at = _atom(tokens, at + 1, text)
        left = (op, left, right)
    return left, at


def _atom(tokens: list[tuple[str, str, int]], at: int, text: str) -> tuple[Node, int]:
    if at >= len(tokens):
        raise _fault(text, len(text), "没有写完")
    kind, word, column = tokens[at]
    if kind == "number":
        return ("num", Fraction(word)), at + 1
    if kind == "code":
        return _reference(tokens, at, text)
    if word == "-":
        node, at = _atom(tokens, at + 1, text)
        return ("neg", node), at
    if kind == "name":
        return _call(tokens, at, text)
    if word == "(":
        node, at = _sum(tokens, at + 1, text)
        return node, _expect(tokens, at, ")", text)
    raise _fault(text, column, f"此处不能写“{word}”")


def _call(tokens: list[tuple[str, str, int]], at: int, text: str) -> tuple[Node, int]:
    name = tokens[at][1]
    at = _expect(tokens, at + 1, "(", text)
    arguments = []
    while True:
        node, at = _sum(tokens, at, text)
        arguments.append(node)
        if at < len(tokens) and tokens[at][1] in ",，":
            at += 1
            continue
        return (name, *arguments), _expect(tokens, at, ")", text)


def _expect(tokens: list[tuple[str, str, int]], at: int, word: str, text: str) -> int:
    if at >= len(tokens) or tokens[at][1] != word:
        raise _fault(text, tokens[at][2] if at < len(tokens) else len(text), f"缺“{word}”")
    return at + 1


def _reference(tokens: list[tuple[str, str, int]], at: int, text: str) -> tuple[Node, int]:
    code, item, scope, lag = tokens[at][1], "", None, None
    at += 1
    while at < len(tokens) and tokens[at][0] in ("item", "scope", "lag"):
        kind, word, column = tokens[at]
        if kind == "item":
            item = word[1:-1].strip()
            if not item:
                raise _fault(text, column, "[] 内没有分项")
        elif kind == "scope":
            scope = word[1:-1].strip()
        else:
            lag = word[1:]
        at += 1
    found = re.fullmatch(r"([^=]+)=(\d+)\.\.(\d+)", item)
    if found is None:
        return ("ref", Reference(code, item, scope, lag)), at
    name, first, last = found[1], found[2], found[3]
    if len(first) != len(last) or int(first) >= int(last):
        raise _fault(text, tokens[at - 1][2], f"分项范围“{item}”不对")
    refs = [("ref", Reference(code, f"{name}={i:0{len(first)}d}", scope, lag)) for i in range(int(first), int(last) + 1)]
    return ("合计", *refs), at


# --- dimensions ------------------------------------------------------------------------------------------------


def check(formula: Formula, target: Unit, units: Mapping[str, Unit]) -> None:
    """InputError unless every code is known and the formula's dimension is the target's."""
    for ref in formula.references():
        if ref.code not in units:
            raise InputError(f"公式用到没有定义的指标 {ref.code}", where=f"公式“{formula.text}”", remedy="请先在指标词典中加上它")
    dimension, _ = _dimension(formula.tree, units, formula.text)
    if dimension != target.dimension:
        hint = "两个比率之差的单位是“个百分点”" if {dimension, target.dimension} == {POINTS, RATIO} else "请核对公式或单位"
        raise InputError(f"公式的量纲是 {describe(dimension)}，而单位写的是“{target.name}”", where=f"公式“{formula.text}”", remedy=hint)


def _dimension(node: Node, units: Mapping[str, Unit], text: str) -> tuple[Dimension, bool]:
    """(dimension, whether it is a bare number and so fits any ratio)."""
    kind = node[0]
    if kind == "num":
        return RATIO, True
    if kind == "ref":
        return units[node[1].code].dimension, False
    parts = [_dimension(child, units, text) for child in node[1:]]
    if kind == "neg" or kind == "年化":
        return parts[0]
    if kind in ("平均", "合计"):
        _same(parts, text, kind)
        return parts[0]
    (left, bare_left), (right, bare_right) = parts
    if kind in "*/":
        return combine(left, right, 1 if kind == "*" else -1), bare_left and bare_right
    if left == right:
        if kind == "-" and left == RATIO and not bare_left and not bare_right:
            return POINTS, False
        return left, bare_left and bare_right
    if {left, right} == {RATIO, POINTS} and kind in "+-" and left == RATIO:
        return RATIO, False
    raise InputError(f"{describe(left)} 与 {describe(right)} 不能相{'加' if kind == '+' else '减'}", where=f"公式“{text}”", remedy="请核对单位")


def _same(parts: list[tuple[Dimension, bool]], text: str, name: str) -> None:
    if any(p[0] != parts[0][0] for p in parts):
        raise InputError(f"{name}的各项单位不同", where=f"公式“{text}”", remedy="请核对单位")


# --- values ----------------------------------------------------------------------------------------------------

Fetch = Callable[[Reference, Period], Observed | None]
Range = tuple[Fraction, Fraction, Fraction]  # value, low, high in base units


class _Unknown(Exception):
    """A value that is not there; carried out of the tree with what is missing."""


def evaluate(formula: Formula, target: Unit, asked: Period, fetch: Fetch) -> Result:
    """The formula's value in `target` units for a period. `fetch` gives a reference's value at its own period."""
    missing: list[str] = []
    stages: dict[str, list[str]] = {}
    got: dict[Reference, Range | None] = {}
    for ref in formula.references():
        try:
            when = ref.period(asked)
        except ValueError:
            missing.append(f"{ref.text()}（{asked.label}没有{ref.lag}）")
            continue
        seen = fetch(ref, when)
        if seen is None:
            missing.append(f"{ref.text()}（{when.label}）")
            continue
        if seen.stage:
            stages.setdefault(seen.stage, []).append(ref.text())
        base = seen.unit.factor
        got[ref] = (seen.value * base, (seen.value - seen.half) * base, (seen.value + seen.half) * base)
    if missing:
        return Result(None, missing=tuple(missing))
    if len(stages) > 1:
        said = "；".join(f"{stage}：{'、'.join(refs)}" for stage, refs in stages.items())
        return Result(None, conflicts=(f"版次不同，不能合算（{said}）",))
    try:
        value, low, high = _value(formula.tree, got, asked)
    except _Unknown as error:
        return Result(None, conflicts=(str(error),))
    return Result(value / target.factor, low / target.factor, high / target.factor)


def _value(node: Node, got: Mapping[Reference, Range | None], asked: Period) -> Range:
    kind = node[0]
    if kind == "num":
        return node[1], node[1], node[1]
    if kind == "ref":
        found = got[node[1]]
        assert found is not None
        return found
    parts = [_value(child, got, asked) for child in node[1:]]
    if kind == "neg":
        v, low, high = parts[0]
        return -v, -high, -low
    if kind == "年化":
        if asked.day is not None:
            raise _Unknown("时点数不能年化")
        factor = Fraction(12, asked.months)
        v, low, high = parts[0]
        return v * factor, low * factor, high * factor
    if kind in ("平均", "合计"):
        n = len(parts) if kind == "平均" else 1
        v, low, high = (sum((p[i] for p in parts), Fraction(0)) / n for i in range(3))
        return v, low, high
    (a, al, ah), (b, bl, bh) = parts
    if kind == "+":
        return a + b, al + bl, ah + bh
    if kind == "-":
        return a - b, al - bh, ah - bl
    if kind == "*":
        ends = [x * y for x in (al, ah) for y in (bl, bh)]
        return a * b, min(ends), max(ends)
    if b == 0:
        raise _Unknown("分母为零")
    if bl <= 0 <= bh:
        raise _Unknown("分母在取整误差内可能为零")
    ends = [x / y for x in (al, ah) for y in (bl, bh)]
    return a / b, min(ends), max(ends)
