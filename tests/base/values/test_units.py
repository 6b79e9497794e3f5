"""Units: exact conversion, and what may not be converted."""

from fractions import Fraction

import pytest

from wenmai.base.values.errors import InputError
from wenmai.base.values.units import unit


@pytest.mark.parametrize(
    ("value", "one", "other", "expected"),
    [(1, "亿元", "万元", 10_000), (1, "万元/家", "元/家", 10_000), (5, "万家", "家", 50_000), (1, "千㎡", "平方米", 1000),
     (12, "%", "‰", 120), (22, "万亿元", "亿元", 220_000)],
)
def test_conversion_is_exact(value: int, one: str, other: str, expected: int) -> None:
    assert unit(one).to(Fraction(value), unit(other)) == expected


@pytest.mark.parametrize(("one", "other"), [("亿元", "家"), ("家", "户"), ("%", "个百分点"), ("元/家", "元/人"), ("亿美元", "亿元")])
def test_unlike_units_do_not_convert(one: str, other: str) -> None:
    with pytest.raises(InputError, match="不能换算"):
        unit(one).to(Fraction(1), unit(other))


@pytest.mark.parametrize("bad", ["元元", "块", "万", "亿元/", "家(人)", "x" * 200])
def test_unknown_units_are_named(bad: str) -> None:
    if bad in ("万", "亿元/"):  # a bare scale and a ratio are readable: “万” is ten thousand, “亿元/” over nothing
        assert unit(bad).factor > 0
        return
    with pytest.raises(InputError, match="不认识的单位"):
        unit(bad)
