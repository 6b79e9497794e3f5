"""Periods: one code for one span, whatever it is called."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wenmai.base.values.errors import InputError
from wenmai.base.values.period import Period, period

SAME = [
    ("2024年上半年", "2024年1—6月", "2024H1"),
    ("2024年前三季度", "2024年1-9月", "2024M01-09"),
    ("2024年第三季度", "2024年三季度", "2024Q3"),
    ("截至2024年12月31日", "2024年末", "2024-12-31"),
    ("2024年", "2024年全年", "2024"),
    ("２０２４年９月末", "2024年9月30日", "2024-09-30"),
]


@pytest.mark.parametrize(("one", "other", "code"), SAME)
def test_names_of_one_span(one: str, other: str, code: str) -> None:
    assert period(one) == period(other) == period(code)
    assert period(one).code == code


@pytest.mark.parametrize("bad", ["", "24年", "2024年13月", "2024-02-30", "2024M09-03", "2024年五季度", "去年", "2024年1-13月", "1—9月"])
def test_what_is_no_period_is_refused(bad: str) -> None:
    with pytest.raises(InputError, match="看不懂的时期"):
        period(bad)


@st.composite
def periods(draw: st.DrawFn) -> Period:
    year, first = draw(st.integers(1900, 2200)), draw(st.integers(1, 12))
    if draw(st.booleans()):
        return Period(year, first, first, draw(st.integers(1, 28)))
    return Period(year, first, draw(st.integers(first, 12)))


@given(periods())
def test_code_and_label_read_back(p: Period) -> None:
    assert period(p.code) == p
    assert period(p.label) == p


@given(periods())
def test_a_year_ago_is_the_same_span(p: Period) -> None:
    if p.year == 1900:
        return
    ago = p.years_ago()
    assert (ago.year, ago.first, ago.last, ago.kind) == (p.year - 1, p.first, p.last, p.kind)
    assert ago.end < p.start


def test_previous_quarter_crosses_the_year() -> None:
    assert period("2024Q1").previous() == period("2023Q4")
    assert period("2024M01").previous() == period("2023M12")
    assert period("2024-03-31").previous() == period("2024-02-29")
    with pytest.raises(ValueError, match="上一期"):
        period("2024M01-09").previous()


def test_leap_day_a_year_ago() -> None:
    assert period("2024-02-29").years_ago() == period("2023-02-28")
