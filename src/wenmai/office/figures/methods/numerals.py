"""Numbers as a Chinese report writes them: 3,210　３２１０　三千二百一十　百分之十二点五　两成　三分之一　翻一番.

Own code instead of cn2an (the usual library): the checker needs where each number stands in the running text, the step
of its last digit, and 成 and 番, which is most of what is here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_TENS = {"十": 10, "百": 100, "千": 1000}
_WIDE = str.maketrans("０１２３４５６７８９．，％−－＋", "0123456789.,%--+")
_HAN = "[零〇一二两三四五六七八九十百千]"
_NUMERAL = f"{_HAN}+(?:[万亿]{_HAN}+)*(?:点[零〇一二三四五六七八九]+)?"
_ARABIC = r"[+\-]?(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?"
_FORMS = re.compile(
    rf"翻(?P<times>[一两二三四])番|(?P<parts>{_HAN}{{1,3}})分之(?P<of>{_NUMERAL})"
    rf"|(?P<tenths>[一二两三四五六七八九])成(?!员|立|果|为|长|本|效|都|熟)(?P<half>半)?|(?P<numeral>{_NUMERAL})|(?P<arabic>{_ARABIC})"
)
# A word such as 一批 or 三是 holds a numeral and counts nothing.
LOOSE_STEP = Fraction(5)


@dataclass(frozen=True)
class Reading:
    """A number in a text: where it stands, its value, the step of its last digit, and the unit its form implies."""

    start: int
    end: int
    value: Fraction
    step: Fraction
    unit: str = ""
    arabic: bool = True


def readings(text: str) -> Iterator[Reading]:
    """Every number of a text from left to right. A trailing 万 or 亿 is left to the reader of units."""
    for match in _FORMS.finditer(text.translate(_WIDE)):
        found = _reading(match)
        if found is not None:
            yield found


def _reading(match: re.Match[str]) -> Reading | None:
    start, end = match.span()
    if match["times"]:
        return Reading(start, end, Fraction(100 * (2 ** _DIGITS[match["times"]] - 1)), LOOSE_STEP, "%", False)
    if match["parts"]:
        whole, (top, decimals) = value_of(match["parts"])[0], value_of(match["of"])
        if whole in (100, 1000):
            return Reading(start, end, top, Fraction(1, 10**decimals), "%" if whole == 100 else "‰", False)
        return None if not whole else Reading(start, end, 100 * top / whole, LOOSE_STEP, "%", False)
    if match["tenths"]:
        tenths = Fraction(10 * _DIGITS[match["tenths"]] + (5 if match["half"] else 0))
        return Reading(start, end, tenths, LOOSE_STEP, "%", False)
    if match["numeral"]:
        value, decimals = value_of(match["numeral"])
        return Reading(start, end, value, Fraction(1, 10**decimals), "", False)
    digits = match["arabic"].replace(",", "")
    return Reading(start, end, Fraction(Decimal(digits)), Fraction(1, 10 ** len(digits.partition(".")[2])))


def value_of(numeral: str) -> tuple[Fraction, int]:
    """(value, decimals) of a Chinese numeral: 三千二百 → 3200; 二〇二四 → 2024; 三万二 → 32000; 十二点五 → 12.5."""
    whole, _, rest = numeral.partition("点")
    decimals = "".join(str(_DIGITS[c]) for c in rest)
    if not set(whole) & set("十百千万亿"):
        return Fraction(Decimal("".join(str(_DIGITS[c]) for c in whole) + ("." + decimals if decimals else ""))), len(decimals)
    total, section, digit, last = 0, 0, 0, 1
    for char in whole:
        if char in _DIGITS:
            digit = _DIGITS[char]
            if not digit:
                last = 10  # 三千零二: the zero names the place, so the digit behind it is a unit
        elif char in _TENS:
            section += (digit or 1) * _TENS[char]
            digit, last = 0, _TENS[char]
        else:
            big = 10**4 if char == "万" else 10**8
            total, section, digit, last = (total + (section + digit)) * big, 0, 0, big
    # 三百二 and 一万二 leave the last place out.
    section += digit * (last // 10 if last > 10 else 1)
    value = Fraction(total + section)
    return (value + Fraction(int(decimals), 10 ** len(decimals)) if decimals else value), len(decimals)
