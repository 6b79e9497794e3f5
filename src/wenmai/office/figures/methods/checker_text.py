"""Rules of the checker on one printed number: its digits, its unit and its direction against the figure it prints."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction

from wenmai.office.figures.methods.checker_types import (
    POINT_UNITS,
    RATIO_UNITS,
    SCALES,
    CheckedFigure,
    Findings,
    Sentence,
    dimension,
    error,
    exact,
    rounded,
)
from wenmai.office.figures.methods.numerals import LOOSE_STEP, Reading, readings

UNIT = re.compile(
    r"^(?:个?百分点|[%％‰倍]|(?P<scale>万亿|亿|万)?(?P<base>美元|元|平方米|平方公里|公里|人次|人|家|户|个|名|条|件|项|处|所|宗|座|亩)?)"
)
# "低于全市平均1.2个百分点": comparisons name what they compare with before the number.
# 收窄 and 扩大 are left out: a fall that narrows is a positive change.
_FALL = re.compile(
    r"(?:(?:下降|减少|降低|回落|下滑|负增长)(?:了|约|近|超过?)?|(?:低于|少于|慢于)[^，。；：、\d]{0,10})$"
)
_RISE = re.compile(
    r"(?:(?:(?<!负)增长|增加|提高|上升)(?:了|约|近|超过?)?|(?:高于|多于|快于)[^，。；：、\d]{0,10})$"
)
_BELOW, _ABOVE = re.compile(r"(?:近|接近|不足)$"), re.compile(r"(?:超|超过|逾)$")
_AROUND, _MORE = re.compile(r"(?:约|大约|约为|约占)$"), re.compile(r"^[余多]")
_TO = re.compile(r"^\s*(?:[—\-－~～至到]|——)\s*\d")


def check_sentence(sentence: Sentence, figures: Mapping[str, CheckedFigure]) -> Findings:
    """Findings of one sentence: unknown figures, printed texts, their units and directions."""
    cited = dict.fromkeys((*sentence.figure_ids, *sentence.printed))
    missing = tuple(each for each in cited if each not in figures)
    if missing:
        yield error("unknown_figure", missing, f"句中引用的数字不在本报告中：{sentence.text[:20]}")
    taken: set[int] = set()
    for each in cited:
        if each not in sentence.printed or each not in figures:
            continue
        figure, printed = figures[each], sentence.printed[each]
        places = [place for place in _places(sentence.text, printed) if place not in taken]
        if not places:
            yield error("printed_text", (each,), f"句中找不到“{printed}”")
            continue
        # The same digits may stand twice in a sentence; the occurrence that fits the figure best is meant.
        results = []
        for place in places:
            before, after = sentence.text[:place], sentence.text[place + len(printed) :]
            results.append((list(printed_number(before, printed, after, figure)), place))
        findings, place = min(results, key=lambda result: len(result[0]))
        taken.add(place)
        yield from findings


def _places(text: str, printed: str) -> list[int]:
    """Where `printed` stands in `text` without being the middle of a longer number."""
    places = []
    for match in re.finditer(re.escape(printed), text) if printed else ():
        before, after = text[: match.start()], text[match.end() :]
        if printed[0].isdigit() and re.search(r"\d[.,]?$", before):
            continue
        if printed[-1].isdigit() and re.match(r"[.,]?\d", after):
            continue
        places.append(match.start())
    return places


def printed_number(
    before: str, printed: str, after: str, figure: CheckedFigure, part: str = "value", unit: str | None = None
) -> Findings:
    """`printed`, standing between `before` and `after`, against the figure (or a bound of its interval).

    `unit`: what the head of a table's column says; without it the text behind the number says it.
    """
    ids = (figure.id,)
    known = {"value": figure.value, "low": figure.lower, "high": figure.upper}[part]
    numbers = list(readings(printed))
    if known is None or not numbers:
        if (known is None) != (not numbers):
            what = "数值未知，句中却写了数" if known is None else "数值已知，句中没有写出"
            yield error("printed_text", ids, f"{what}：“{printed}”")
        return
    if len(numbers) > 1:
        yield error("printed_text", ids, f"“{printed}”读出不止一个数")
        return
    number = numbers[0]
    before, after = before + printed[: number.start], printed[number.end :] + after
    if part == "low" and _TO.match(after):
        found = figure.unit  # 243—504家: the unit stands behind the range
    elif unit is not None:
        found = unit
    else:
        more = _MORE.match(after)
        found = number.unit or unit_after(after[more.end() if more else 0 :].lstrip(), figure.unit)
    yield from _printed_unit(figure, found, printed)
    yield from _value(figure, exact(known), number, found, before, after, printed)


def _value(
    figure: CheckedFigure, value: Fraction, number: Reading, found: str, before: str, after: str, printed: str
) -> Findings:
    shown = number.value
    change = figure.kind in ("growth", "point_difference")
    # An amount "减少12亿元" may be kept as 12 or as -12; a rate of change has its sign.
    if _FALL.search(before) and (change or value < 0):
        shown = -abs(shown)
    elif _RISE.search(before) and value < 0:
        yield error("direction", (figure.id,), f"数值为负（{figure.value}），句中却写作增长或提高")
        return
    scale, base = dimension(found)
    own_scale, own_base = dimension(figure.unit)
    converted = bool(found) and base == own_base and scale != own_scale
    if converted:
        value = value * own_scale / scale
    loose = converted or number.step == LOOSE_STEP
    if not _fits(value, shown, number.step, before, bool(_MORE.match(after)), None if loose else figure.decimals):
        shown_value = figure.value if value == exact(figure.value or 0) else float(value)
        yield error("printed_text", (figure.id,), f"写作“{printed}”，数字为{shown_value}{figure.unit}")


def unit_after(rest: str, expected: str) -> str:
    """The unit printed behind a number: a known one, or the figure's own when the text has it."""
    match = UNIT.match(rest)
    found = match.group() if match else ""
    if expected and rest.startswith(expected) and len(found) <= len(expected):
        return expected
    return "" if found in SCALES else found


def _printed_unit(figure: CheckedFigure, found: str, printed: str) -> Findings:
    percent = {figure.unit, found} & (set(RATIO_UNITS) | POINT_UNITS)
    if found == figure.unit or {found, figure.unit} <= POINT_UNITS or {found, figure.unit} <= {"%", "％"}:
        return
    if found and percent and {figure.unit, found} & POINT_UNITS and {figure.unit, found} & set(RATIO_UNITS):
        yield error("percent_point", (figure.id,), f"“{printed}”的单位写作“{found}”，应为“{figure.unit}”")
    elif percent or (found and dimension(found)[1] != dimension(figure.unit)[1]):
        yield error("unit_mismatch", (figure.id,), f"“{printed}”的单位写作“{found}”，应为“{figure.unit}”")


def _fits(
    value: Fraction, shown: Fraction, step: Fraction, before: str, more: bool, decimals: int | None
) -> bool:
    """Whether `shown` is `value` as printed; 约, 近, 超 and 余 allow one step of the last digit shown."""
    if _AROUND.search(before) or _BELOW.search(before) or _ABOVE.search(before) or more:
        while shown and step >= 1 and step != LOOSE_STEP and (shown / (step * 10)).denominator == 1:
            step *= 10  # 约3,200: the zeros are not significant
        if _BELOW.search(before):
            return shown - step <= value <= shown
        if _ABOVE.search(before) or more:
            return shown <= value <= shown + step
        return abs(shown - value) <= step / 2
    if decimals is None:
        return abs(shown - value) <= step / 2
    return shown in rounded(value, decimals)
