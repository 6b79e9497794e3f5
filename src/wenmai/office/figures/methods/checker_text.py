"""Rules of the checker on sentences: what is printed against the figure that it prints."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
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

_UNIT = re.compile(
    r"^(?:个?百分点|[%％‰]|(?P<scale>万亿|亿|万)?(?P<base>美元|元|平方米|平方公里|公里|人次|人|家|户|个|名|条|件|项|处|所|宗|座)?)"
)
_NUMBER = re.compile(r"[+\-−－]?\d[\d,]*(?:\.\d+)?")
# "低于全市平均1.2个百分点": comparisons name what they compare with before the number.
# 收窄 and 扩大 are left out: a fall that narrows is a positive change.
_FALL = re.compile(
    r"(?:(?:下降|减少|降低|回落|下滑|负增长)(?:了|约|近|超过?)?|(?:低于|少于|慢于)[^，。；：、\d]{0,10})$"
)
_RISE = re.compile(
    r"(?:(?:(?<!负)增长|增加|提高|上升)(?:了|约|近|超过?)?|(?:高于|多于|快于)[^，。；：、\d]{0,10})$"
)
_BELOW, _ABOVE = re.compile(r"(?:近|接近)$"), re.compile(r"(?:超|超过|逾)$")
_AROUND, _MORE = re.compile(r"(?:约|大约|约为)$"), re.compile(r"^[余多]")
_PLAIN_NUMBER: dict[int, str | int | None] = {ord(","): None, ord("−"): "-", ord("－"): "-"}


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
        results = [(list(_printed(sentence.text, place, printed, figure)), place) for place in places]
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


def _printed(text: str, place: int, printed: str, figure: CheckedFigure) -> Findings:
    ids = (figure.id,)
    match = _NUMBER.search(printed)
    if figure.value is None or match is None:
        if (figure.value is None) != (match is None):
            what = "数值未知，句中却写了数" if figure.value is None else "数值已知，句中没有写出"
            yield error("printed_text", ids, f"{what}：“{printed}”")
        return
    before, after = (
        text[:place] + printed[: match.start()],
        printed[match.end() :] + text[place + len(printed) :],
    )
    more = _MORE.match(after)
    found = _unit_after(after[more.end() if more else 0 :].lstrip(), figure.unit)
    yield from _printed_unit(figure, found, printed)
    digits = match.group().translate(_PLAIN_NUMBER)
    shown = Fraction(Decimal(digits))
    step = Fraction(1, 10 ** len(digits.partition(".")[2]))
    value = exact(figure.value)
    change = figure.kind in ("growth", "point_difference")
    # An amount "减少12亿元" may be kept as 12 or as -12; a rate of change has its sign.
    if _FALL.search(before) and (change or value < 0):
        shown = -abs(shown)
    elif _RISE.search(before) and value < 0:
        yield error("direction", ids, f"数值为负（{figure.value}），句中却写作增长或提高")
        return
    scale, base = dimension(found)
    own_scale, own_base = dimension(figure.unit)
    converted = bool(found) and base == own_base and scale != own_scale
    if converted:
        value = value * own_scale / scale
    if _fits(value, shown, step, before, bool(more), None if converted else figure.decimals):
        return
    yield error("printed_text", ids, f"句中写作“{printed}”，数字为{figure.value}{figure.unit}")


def _unit_after(rest: str, expected: str) -> str:
    """The unit printed behind a number: a known one, or the figure's own when the text has it."""
    match = _UNIT.match(rest)
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
        while shown and (shown / (step * 10)).denominator == 1:
            step *= 10  # 约3,200: the zeros are not significant
        if _BELOW.search(before):
            return shown - step <= value <= shown
        if _ABOVE.search(before) or more:
            return shown <= value <= shown + step
        return abs(shown - value) <= step / 2
    if decimals is None:
        return abs(shown - value) <= step / 2
    return shown in rounded(value, decimals)
