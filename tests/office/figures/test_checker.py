"""The checker on published cases and on each form of words a report prints a number in.

Published cases are statements of the culture ministry and the statistics bureau; what was printed stands
beside each test. Where a statement gives only a sum or a share, the test says what was derived from it.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from wenmai.office.figures.methods.checker import (
    CheckedFigure,
    CheckedReport,
    Finding,
    Relation,
    Sentence,
    check,
)


def figure(
    name: str, value: object, unit: str, kind: str, decimals: int = 0, **more: object
) -> CheckedFigure:
    given = {"lane": "统计部门", "scope": "规上", "period": "2024年", "vintage": "年报", **more}
    return CheckedFigure(id=name, value=value, unit=unit, kind=kind, decimals=decimals, **given)


def rules(*figures: CheckedFigure, relations: object = (), sentences: object = ()) -> list[str]:
    return [finding.rule for finding in check(CheckedReport(figures, relations, sentences))]


# ------------------------------------------------------------- published cases


def test_new_format_share_of_31_percent_mixes_scopes() -> None:
    """5.9 trillion above scale over all-unit revenue (derived: 191,000) was printed as 31 %."""
    new = figure("new", 59082, "亿元", "amount")
    everything = figure("all", 191000, "亿元", "amount", scope="全口径")
    share = figure("share", 31, "%", "share", numerator_id="new", denominator_id="all")
    assert rules(new, everything, share) == ["mixed_scope"]


def test_new_format_share_of_41_8_percent_is_on_one_scope() -> None:
    """59,082 of 141,510 (both above scale) is 41.8 %; 31 % on that scope is an arithmetic error."""
    new, total = figure("new", 59082, "亿元", "amount"), figure("all", 141510, "亿元", "amount")
    share = figure("share", 41.8, "%", "share", 1, numerator_id="new", denominator_id="all")
    assert rules(new, total, share) == []
    assert rules(new, total, replace(share, value=31.0)) == ["share_arithmetic"]


@pytest.mark.parametrize(
    ("printed", "expected"), [(7.57, ["growth_arithmetic"]), (6.25, []), (6.2, ["growth_arithmetic"])]
)
def test_talent_forecast_growth(printed: float, expected: list[str]) -> None:
    """+47.6 to 104.75 (10 thousand persons) in ten years is 6.2 % a year, not 7.57 %."""
    base = figure("base", Decimal("57.15"), "万人", "count", 2, period="2020年")
    current = figure("now", Decimal("104.75"), "万人", "count", 2, period="2030年")
    growth = figure(
        "g", printed, "%", "growth", 2, base_id="base", current_id="now", period="2030年", years=10
    )
    assert rules(base, current, growth) == expected
    one_decimal = replace(growth, value=6.2, decimals=1)
    assert rules(base, current, one_decimal) == []


def test_nine_classes_may_miss_the_total_by_rounding() -> None:
    """H1 2024: nine classes add to 64,960 against a printed total of 64,961 (亿元).

    The two sums are the published ones; the split over the classes is made up.
    """
    values = [8506, 13750, 11500, 7200, 300, 760, 8144, 3300, 11500]
    parts = [figure(f"p{i}", value, "亿元", "amount") for i, value in enumerate(values)]
    assert sum(values) == 64960
    nine = Relation("t", [part.id for part in parts], True, "九大类")
    assert rules(figure("t", 64961, "亿元", "amount"), *parts, relations=[nine]) == []
    assert rules(figure("t", 64965, "亿元", "amount"), *parts, relations=[nine]) == ["parts_total"]
    # Counts of units are exact: the same gap of one is an error there.
    exact = [replace(each, unit="家", kind="count") for each in parts]
    assert rules(figure("t", 64961, "家", "count"), *exact, relations=[nine]) == ["parts_total"]


def test_revised_share_gives_another_difference() -> None:
    """2023 = 4.59 %, "0.17 up" on the revised 4.42 % of 2022; the first 4.46 % is another vintage."""
    now = figure("now", 4.59, "%", "share", 2, vintage="普查修订")
    base = figure("base", 4.42, "%", "share", 2, vintage="普查修订", period="2023年")
    up = figure("d", 0.17, "个百分点", "point_difference", 2, base_id="base", current_id="now")
    assert rules(now, base, up) == []
    first = replace(base, value=4.46, vintage="初步核算")
    assert rules(now, first, up) == ["mixed_vintage", "difference_arithmetic"]


# ----------------------------------------------------------------- single rules


def test_percent_where_points_are_meant() -> None:
    now, base = figure("now", 12.5, "%", "share", 1), figure("base", 11.0, "%", "share", 1, period="2023年")
    ends = {"base_id": "base", "current_id": "now"}
    assert rules(now, base, figure("d", 1.5, "%", "point_difference", 1, **ends)) == ["percent_point"]
    assert "percent_point" in rules(now, base, figure("g", 13.6, "%", "growth", 1, **ends))


def test_comparison_with_the_city_may_differ_in_scope_but_not_in_period_too() -> None:
    here = figure("now", 12.5, "%", "growth", 1, scope="本区")
    city = figure("base", 11.0, "%", "growth", 1, scope="全市")
    ahead = figure("d", 1.5, "个百分点", "point_difference", 1, base_id="base", current_id="now")
    assert rules(here, city, ahead) == []
    assert rules(here, replace(city, period="2023年"), ahead) == ["mixed_scope"]


def test_growth_rates_do_not_add() -> None:
    parts = [figure(name, 1.0, "%", "growth", 1) for name in "ab"]
    total = figure("t", 2.0, "%", "growth", 1)
    assert rules(total, *parts, relations=[Relation("t", "ab", True, "增速")]) == ["not_additive"]


def test_parts_contained_in_one_another() -> None:
    """A class beside its own subclass under one total, known from another relation."""
    made = [
        figure(name, value, "家", "count")
        for name, value in (("t", 30), ("a", 20), ("b", 10), ("a1", 10), ("a2", 10))
    ]
    inner = Relation("a", ["a1", "a2"], True, "内")
    outer = Relation("t", ["a", "a1"], True, "外")
    assert rules(*made, relations=[inner, outer]) == ["overlap_added"]
    assert rules(*made, relations=[inner, Relation("t", ["a", "b"], True, "外")]) == []


def test_units_are_converted_within_a_relation() -> None:
    total = figure("t", 1.5, "亿元", "amount", 1)
    parts = [figure("a", 9000, "万元", "amount"), figure("b", 6000, "万元", "amount")]
    assert rules(total, *parts, relations=[Relation("t", "ab", True, "资金")]) == []
    parts[1] = replace(parts[1], unit="家", kind="count")
    assert rules(total, *parts, relations=[Relation("t", "ab", True, "资金")]) == ["unit_mismatch"]


def test_silence_about_scope_is_a_warning() -> None:
    parts = [figure("a", 4, "家", "count"), figure("b", 6, "家", "count", scope=None)]
    report = CheckedReport([figure("t", 10, "家", "count"), *parts], [Relation("t", "ab", True, "合计")])
    (finding,) = check(report)
    assert (finding.rule, finding.severity) == ("missing_scope", "warning")


def test_references_that_lead_nowhere_and_numbers_that_are_none() -> None:
    share = figure("s", 10.0, "%", "share", 1, numerator_id="gone", denominator_id="t")
    assert rules(figure("t", 10, "家", "count"), share) == ["unknown_figure"]
    assert rules(figure("t", 10, "家", "count"), replace(share, numerator_id=None)) == ["missing_operand"]
    assert rules(figure("t", float("nan"), "家", "count")) == ["not_finite"]
    assert rules(figure("t", 1, "家", "count"), figure("t", 1, "家", "count")) == ["duplicate_figure"]


def test_a_finding_names_figures_and_says_what_is_wrong_in_chinese() -> None:
    (finding,) = check(CheckedReport([figure("s", 131.2, "%", "share", 1)]))
    assert finding == Finding("share_range", ("s",), "占比超出0至100%：131.2%", "error")


# ------------------------------------------------------------------- sentences


@pytest.mark.parametrize(
    ("value", "unit", "kind", "decimals", "text", "printed", "expected"),
    [
        (3210, "家", "count", 0, "文化企业3,210家", "3,210", []),
        (3210, "家", "count", 0, "文化企业约3200家", "3200", []),
        (3260, "家", "count", 0, "文化企业约3200家", "3200", ["printed_text"]),
        (3190, "家", "count", 0, "文化企业近3200家", "3200", []),
        (3210, "家", "count", 0, "文化企业近3200家", "3200", ["printed_text"]),
        (3210, "家", "count", 0, "文化企业3200余家", "3200", []),
        (3190, "家", "count", 0, "文化企业超过3200家", "3200", ["printed_text"]),
        (3210, "家", "count", 0, "文化企业3,210户", "3,210", ["unit_mismatch"]),
        (-1.2, "%", "growth", 1, "同比下降1.2%", "1.2%", []),
        (1.2, "%", "growth", 1, "同比下降1.2%", "1.2%", ["printed_text"]),
        (-1.2, "%", "growth", 1, "同比增长1.2%", "1.2", ["direction"]),
        (-1.2, "%", "growth", 1, "同比负增长1.2%", "1.2", []),
        (-1.2, "%", "growth", 1, "同比增长-1.2%", "-1.2%", ["direction"]),
        (-1.2, "个百分点", "point_difference", 1, "低于全市平均1.2个百分点", "1.2", []),
        (1.2, "个百分点", "point_difference", 1, "比上年提高1.2%", "1.2", ["percent_point"]),
        (1.2, "个百分点", "point_difference", 1, "降幅收窄1.2个百分点", "1.2", []),
        (31.25, "%", "share", 1, "占31.3%", "31.3", []),
        (31.25, "%", "share", 1, "占31.2%", "31.2", []),
        (31.25, "%", "share", 1, "占31%", "31", ["printed_text"]),
        (31.25, "%", "share", 1, "占31.3", "31.3", ["unit_mismatch"]),
        (12345, "万元", "amount", 0, "投资1.23亿元", "1.23亿元", []),
        (12345, "万元", "amount", 0, "投资1.24亿元", "1.24亿元", ["printed_text"]),
        (12, "家", "count", 0, "2012年有12家", "12", []),
        (12, "家", "count", 0, "2012年有13家", "12", ["printed_text"]),
        (None, "家", "count", 0, "共【待核】家", "【待核】", []),
        (None, "家", "count", 0, "共12家", "12", ["printed_text"]),
        (12, "家", "count", 0, "共【待核】家", "【待核】", ["printed_text"]),
        (12.5, "万亩", "amount", 1, "面积12.5万亩", "12.5", []),
    ],
)
def test_printed_forms(
    value: object, unit: str, kind: str, decimals: int, text: str, printed: str, expected: list[str]
) -> None:
    cited = figure("f", value, unit, kind, decimals)
    assert rules(cited, sentences=[Sentence(text, ["f"], {"f": printed})]) == expected


def test_equal_digits_are_matched_to_the_figure_they_fit() -> None:
    made = [figure("share", 12, "%", "share"), figure("count", 12, "家", "count")]
    sentence = Sentence("新增12家，占12%", ["share", "count"], {"share": "12", "count": "12"})
    assert rules(*made, sentences=[sentence]) == []


def test_a_sentence_citing_an_unknown_figure() -> None:
    assert rules(sentences=[Sentence("共12家", ["gone"], {"gone": "12"})]) == ["unknown_figure"]
