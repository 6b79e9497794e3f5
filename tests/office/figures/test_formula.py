"""Formulas of derived indicators: dimensions, unknowns, stages, rounding intervals."""

from fractions import Fraction as F

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wenmai.base.values.errors import InputError
from wenmai.base.values.period import Period, period
from wenmai.base.values.units import unit
from wenmai.office.figures.methods.formula import Observed, Reference, check, evaluate, parse

UNITS = {"SC04": unit("家"), "SC06": unit("亿元"), "SC09": unit("亿元"), "SC10": unit("%"), "SC14": unit("亿元"), "GDP": unit("亿元")}


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("SC09 / GDP{全社会}", "%"),
        ("SC10 - SC10@上年同期", "个百分点"),
        ("SC06 / SC06@上年同期 - 1", "%"),
        ("SC06 / SC04", "万元/家"),
        ("SC06[大类=01..06] / SC06", "%"),
        ("年化(SC06) / 平均(SC14, SC14@年初)", "倍"),
        ("(SC06[类型=制造] - SC06[类型=制造]@上年同期) / (SC06 - SC06@上年同期)", "%"),
        ("-(SC06 - SC06@上期) * 2", "万元"),
    ],
)
def test_right_dimensions_pass(text: str, target: str) -> None:
    check(parse(text), unit(target), UNITS)


@pytest.mark.parametrize(
    ("text", "target", "said"),
    [
        ("SC10 - SC10@上年同期", "%", "个百分点"),
        ("SC06 + SC04", "亿元", "不能相加"),
        ("SC06 / SC04", "%", "量纲"),
        ("SC99 / SC06", "%", "没有定义的指标 SC99"),
        ("平均(SC06, SC04)", "亿元", "单位不同"),
    ],
)
def test_wrong_dimensions_are_refused(text: str, target: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        check(parse(text), unit(target), UNITS)


FAULTS = [("SC06 /", 7), ("SC06 $ 2", 6), ("(SC06", 6), ("SC06 SC09", 6), ("SC06[]", 5), ("SC06@去年", 5), ("", 1)]


@pytest.mark.parametrize(("text", "column"), FAULTS)
def test_a_fault_names_its_column(text: str, column: int) -> None:
    with pytest.raises(InputError) as caught:
        parse(text)
    assert f"第{column}个字符" in str(caught.value)


@given(st.text(alphabet="SC0169@[]{}()+-*/=., 年化平均上期大类", max_size=40))
def test_garbage_is_parsed_or_refused(text: str) -> None:
    try:
        parse(text)
    except InputError as error:
        assert "公式" in str(error)


def values(**known: str) -> object:
    def fetch(ref: Reference, when: Period) -> Observed | None:
        found = known.get(f"{ref.code}_{when.year}")
        return None if found is None else Observed(F(found), UNITS[ref.code], F(1, 200))

    return fetch


def test_published_share_of_a_district() -> None:
    """官渡区 2022: 增加值 58.93 亿元 is 4.0 % of GDP (benchmarks.csv, GD22), so GDP lies between 1,455 and 1,492."""
    result = evaluate(parse("SC09 / GDP"), unit("%"), period("2022"), values(SC09_2022="58.93", GDP_2022="1473"))
    assert result.value is not None and result.low is not None and result.high is not None
    assert round(float(result.value), 1) == 4.0
    assert result.low <= result.value <= result.high


def test_missing_is_named_and_never_zero() -> None:
    result = evaluate(parse("SC10 - SC10@上年同期"), unit("个百分点"), period("2023"), values(SC10_2023="4.59"))
    assert result.value is None
    assert result.missing == ("SC10@上年同期（2022年）",)


def test_revised_share_changes_by_points() -> None:
    """4.59 against the revised 4.42 is 0.17 points up; against the first release 4.46 it is 0.13 (benchmarks.csv, N23)."""
    for before, points in (("4.42", F("0.17")), ("4.46", F("0.13"))):
        result = evaluate(parse("SC10 - SC10@上年同期"), unit("个百分点"), period("2023"), values(SC10_2023="4.59", SC10_2022=before))
        assert result.value == points


def test_unlike_stages_are_not_combined() -> None:
    def fetch(ref: Reference, when: Period) -> Observed:
        return Observed(F(10), UNITS[ref.code], stage="初步核算" if ref.code == "SC09" else "最终核实")

    result = evaluate(parse("SC09 / GDP"), unit("%"), period("2022"), fetch)
    assert result.value is None
    assert "版次不同" in result.conflicts[0]


@given(st.integers(-10**6, 10**6), st.integers(1, 10**6), st.integers(-99, 99), st.integers(-99, 99))
def test_interval_holds_every_value_the_rounding_allows(a: int, b: int, i: int, j: int) -> None:
    """Move both inputs within their half unit: the exact result stays inside [low, high]."""
    half = F(1, 2)

    def fetch(ref: Reference, when: Period) -> Observed:
        return Observed(F(a if ref.code == "SC09" else b), UNITS[ref.code], half)

    result = evaluate(parse("SC09 / GDP"), unit("%"), period("2022"), fetch)
    assert result.value is not None and result.low is not None and result.high is not None
    moved = (F(a) + half * F(i, 100)) / (F(b) + half * F(j, 100)) * 100
    assert result.low <= moved <= result.high


def test_division_by_what_may_be_zero_is_unknown() -> None:
    zero = evaluate(parse("SC09 / GDP"), unit("%"), period("2022"), values(SC09_2022="1", GDP_2022="0"))
    assert zero.value is None and zero.conflicts == ("分母为零",)
    near = evaluate(parse("SC09 / GDP"), unit("%"), period("2022"), values(SC09_2022="1", GDP_2022="0.004"))
    assert near.value is None and "取整误差" in near.conflicts[0]


def test_a_stock_is_not_annualised() -> None:
    result = evaluate(parse("年化(SC14)"), unit("亿元"), period("2022-12-31"), values(SC14_2022="5"))
    assert result.conflicts == ("时点数不能年化",)
