"""校核: checks between the lines of a return, over the formula language of indicators.

    R01 >= R02 + R03          order; = is equality within what the printed roundings allow
    R03 <= R01 * 100          both sides must have the same dimension; units are converted
    变动(R01@上年同期) <= 30%   the change against an earlier period, up or down; also 变动(R01@上期)

Levels: 必须 stops the return, 说明 asks for an explanation, 提示 is only shown. A check with a line that has no value is
未判: it never passes and never fails. Method page: docs/methods/collection.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from wenmai.base.values.errors import InputError
from wenmai.base.values.period import Period
from wenmai.base.values.units import Unit
from wenmai.base.values.units import unit as unit_of
from wenmai.office.figures.methods.formula import Formula, Observed, Reference, check, evaluate, parse
from wenmai.rooms.collection.methods.cells import Cell

HARD, EXPLAIN, SOFT = "必须", "说明", "提示"
LEVELS = (HARD, EXPLAIN, SOFT)
PASSED, FAILED, UNDECIDED = "通过", "不符", "未判"
_COMPARE = re.compile(r"(>=|<=|!=|==|=|>|<)")
_SIGNS = str.maketrans({"≥": ">=", "≤": "<=", "≠": "!=", "＝": "=", "＞": ">", "＜": "<", "（": "(", "）": ")", "＋": "+", "－": "-", "％": "%"})
_CHANGE = re.compile(r"变动\(\s*([A-Z][A-Z0-9_]*)\s*@(上期|上年同期)\s*\)\s*<=\s*(?:±\s*)?(\d{1,6}(?:\.\d{1,4})?)\s*%")
_CONSTANT = re.compile(r"-?\d{1,15}(\.\d{1,6})?")


@dataclass(frozen=True)
class Check:
    """A parsed check. `bound` is set for a change, else `left` `sign` `right`; `unit` is what both sides are shown in."""

    number: int
    text: str
    level: str
    note: str
    unit: Unit
    left: Formula
    sign: str
    right: Formula | None
    constant: Fraction | None = None
    bound: Fraction | None = None

    def lines(self) -> tuple[str, ...]:
        """The lines it is shown beside, in order."""
        found = [ref.code for side in (self.left, self.right) if side is not None for ref in side.references()]
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True)
class Finding:
    """What a check found. `state` is 通过, 不符 or 未判; `words` says it with the numbers."""

    check: Check
    state: str
    words: str

    @property
    def lines(self) -> tuple[str, ...]:
        return self.check.lines()

    @property
    def level(self) -> str:
        return self.check.level


def parse_check(number: int, text: str, level: str, note: str, units: Mapping[str, Unit]) -> Check:
    """Parse and check dimensions; InputError says what is wrong."""
    bare = text.translate(_SIGNS)
    change = _CHANGE.fullmatch(bare.strip())
    if change:
        code, lag, bound = change[1], change[2], Fraction(change[3]) / 100
        _known([code], units)
        return Check(number, text, level, note, units[code], parse(code), "变动", parse(f"{code}@{lag}"), bound=bound)
    parts = _COMPARE.split(bare)
    if len(parts) != 3:
        raise InputError(f"校核式“{text}”应有且只有一个比较号", remedy="可用 >= <= = != > <，或写 变动(R01@上年同期) <= 30%")
    left, sign, right = parts[0].strip(), parts[1].replace("==", "="), parts[2].strip()
    one, other = parse(left), parse(right)
    _known([r.code for side in (one, other) for r in side.references()], units)
    if any(r.item or r.scope for side in (one, other) for r in side.references()):
        raise InputError("校核式里只能用行的编号", remedy="分项和口径请在行里写")
    if not one.references():
        raise InputError(f"校核式“{text}”的左边没有行", remedy="请把行写在左边")
    target = _target(one, units)
    if not other.references():
        if not _CONSTANT.fullmatch(right):
            raise InputError(f"校核式“{text}”的右边应是一个数或含行的式子")
        first = units[one.references()[0].code]
        shown = first if first.dimension == target.dimension else target
        return Check(number, text, level, note, shown, one, sign, None, constant=Fraction(right))
    check(other, target, units)
    return Check(number, text, level, note, target, one, sign, other)


def _known(codes: list[str], units: Mapping[str, Unit]) -> None:
    strange = [c for c in dict.fromkeys(codes) if c not in units]
    if strange:
        raise InputError(f"校核式用到没有的行：{'、'.join(strange)}", remedy="可用：" + "、".join(units))


def _target(side: Formula, units: Mapping[str, Unit]) -> Unit:
    """The unit a side is shown in: that of one of its lines, a bare ratio, points, or one line's unit over another's."""
    own = list(dict.fromkeys(units[r.code] for r in side.references()))
    pairs = [f"{a.name}/{b.name}" for a in own for b in own if a != b and "/" not in a.name + b.name and "" not in (a.name, b.name)]
    for one in [*own, unit_of("倍"), unit_of("个百分点"), *map(unit_of, pairs[:20])]:
        try:
            check(side, one, units)
        except InputError:
            continue
        return one
    raise InputError(f"校核式“{side.text}”的单位合不起来", remedy="请核对各行单位")


Earlier = Callable[[str, Period], Observed | None]


def run(
    tests: tuple[Check, ...], cells: Mapping[str, Cell], units: Mapping[str, Unit], asked: Period, earlier: Earlier
) -> list[Finding]:  # fmt: skip
    """Every check over the cells of a return, in order. `earlier(line, period)` gives a value of a past period."""

    def fetch(ref: Reference, when: Period) -> Observed | None:
        if ref.lag:
            return earlier(ref.code, when)
        cell = cells.get(ref.code)
        if cell is None or cell.value is None:
            return None
        return Observed(Fraction(cell.value), units[ref.code], half_unit(units[ref.code], cell.digits))

    return [_one(test, asked, fetch, units) for test in tests]


def half_unit(measure: Unit, digits: int) -> Fraction:
    """Half of the last printed digit; a whole number of things counted one by one is exact."""
    counted = measure.factor == 1 and len(measure.dimension) == 1 and measure.dimension[0][0] != "元"
    return Fraction(0) if counted and digits == 0 else Fraction(1, 2 * 10**digits)


def _one(test: Check, asked: Period, fetch: Callable[[Reference, Period], Observed | None], units: Mapping[str, Unit]) -> Finding:
    target = test.unit
    a = evaluate(test.left, target, asked, fetch)
    b = evaluate(test.right, target, asked, fetch) if test.right is not None else None
    why = [*a.missing, *a.conflicts, *(b.missing if b else ()), *(b.conflicts if b else ())]
    if a.value is None or a.low is None or a.high is None or (b is not None and b.value is None):
        return Finding(test, UNDECIDED, "未判：缺 " + "、".join(dict.fromkeys(why)))
    if test.bound is not None:
        assert b is not None and b.value is not None
        return _change(test, a.value, b.value)
    if b is None:
        assert test.constant is not None
        value = low = high = test.constant
    else:
        assert b.value is not None and b.low is not None and b.high is not None
        value, low, high = b.value, b.low, b.high
    said = f"左边 {number(a.value)}，右边 {number(value)} {target.name}"
    holds = _holds(test, (a.value, a.low, a.high), (value, low, high), units)
    return Finding(test, PASSED if holds else FAILED, said)


def _holds(test: Check, a: tuple[Fraction, Fraction, Fraction], b: tuple[Fraction, Fraction, Fraction], units: Mapping[str, Unit]) -> bool:
    """Equality and ≠ within the roundings. Order is exact between single lines of one unit or against a number (rounding
    keeps order there); between sums it allows for the roundings."""
    sign = test.sign
    overlap = a[1] <= b[2] and b[1] <= a[2]
    if sign == "=":
        return overlap if test.right is not None else a[0] == b[0]
    if sign == "!=":
        return a[0] != b[0]
    if _plain(test, units):
        return {">=": a[0] >= b[0], "<=": a[0] <= b[0], ">": a[0] > b[0], "<": a[0] < b[0]}[sign]
    return {">=": a[2] >= b[1], "<=": a[1] <= b[2], ">": a[2] > b[1], "<": a[1] < b[2]}[sign]


def _plain(test: Check, units: Mapping[str, Unit]) -> bool:
    sides = [side for side in (test.left, test.right) if side is not None]
    if any(side.tree[0] != "ref" for side in sides):
        return False
    return len({units[side.references()[0].code] for side in sides}) == 1


def _change(test: Check, now: Fraction, before: Fraction) -> Finding:
    assert test.bound is not None
    if before <= 0:
        return Finding(test, UNDECIDED, "未判：上期数为零或负，不能算变动")
    moved = now / before - 1
    said = f"本期 {number(now)}，对比期 {number(before)} {test.unit.name}，变动 {float(moved * 100):+.1f}%"
    return Finding(test, PASSED if abs(moved) <= test.bound else FAILED, said)


def number(value: Fraction) -> str:
    """A number as shown in a finding: up to four decimals, no trailing zeros."""
    text = f"{float(value):,.4f}"
    return text.rstrip("0").rstrip(".")


def blocking(findings: list[Finding], explained: Mapping[int, str]) -> list[Finding]:
    """What keeps a return from being submitted: hard faults, and changes that nobody has explained."""
    failed = [f for f in findings if f.state == FAILED]
    return [f for f in failed if f.level == HARD or (f.level == EXPLAIN and not explained.get(f.check.number, "").strip())]
