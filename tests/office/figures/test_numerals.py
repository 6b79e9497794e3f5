"""Numbers read from running text; expected values are the numerals' own meaning (GB/T 15835-2011 forms)."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wenmai.office.figures.methods.numerals import readings, value_of

DIGITS = "零一二三四五六七八九"


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("3,210家", 3210, ""), ("３２１０家", 3210, ""), ("三千二百家", 3200, ""), ("三千二百一十家", 3210, ""),
        ("一万二千家", 12000, ""), ("三千零二家", 3002, ""), ("三百二家", 320, ""), ("十二家", 12, ""), ("一百零五", 105, ""),
        ("两千家", 2000, ""), ("百分之十二点五", Fraction(25, 2), "%"), ("百分之五", 5, "%"), ("千分之三", 3, "‰"),
        ("两成", 20, "%"), ("近四成半", 45, "%"), ("三分之一", Fraction(100, 3), "%"), ("翻一番", 100, "%"), ("翻两番", 300, "%"),
        ("12.5%", Fraction(25, 2), ""), ("二〇二四", 2024, ""), ("-1.2", Fraction(-6, 5), ""),
    ],
)  # fmt: skip
def test_one_number(text: str, value: Fraction | int, unit: str) -> None:
    (found,) = readings(text)
    assert (found.value, found.unit) == (value, unit)


def test_ranges_and_wrong_separators_are_two_numbers() -> None:
    assert [r.value for r in readings("580—640家")] == [580, 640]
    assert [r.value for r in readings("12,34家")] == [12, 34]


@pytest.mark.parametrize("text", ["成果", "十分重要"[2:], "企业", "成立"])
def test_words_are_not_numbers(text: str) -> None:
    assert list(readings(text)) == []


def spelled(value: int) -> str:
    """Oracle: each section of four digits by the school rule."""
    if value >= 10000:
        rest = value % 10000
        return spelled(value // 10000) + "万" + ("" if not rest else ("零" if rest < 1000 else "") + spelled(rest))
    out, zero = "", False
    for unit, sign in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // unit % 10
        if digit:
            out, zero = out + ("零" if zero and out else "") + DIGITS[digit] + sign, False
        else:
            zero = True
    return out


@given(st.integers(1, 99_999_999))
def test_every_integer_reads_back(value: int) -> None:
    assert value_of(spelled(value)) == (value, 0)
