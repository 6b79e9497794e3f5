"""规模以上 entry lines. Expected: above_scale_thresholds.csv and the README of the data."""

import pytest

from wenmai.base.standards import above_scale


@pytest.mark.parametrize(
    ("code", "revenue", "employees", "year", "answer"),
    [
        ("2431", 2000, None, 2023, "疑似达规"),  # manufacturing 2,000 万元
        ("2431", 1999.9, 900, 2023, "未达"),
        ("5146", 2000, None, 2023, "疑似达规"),  # wholesale 2,000
        ("5246", 500, None, 2023, "疑似达规"),  # retail 500
        ("5246", 499, None, 2023, "未达"),
        ("8810", 500, 1, 2023, "疑似达规"),  # R: 500, no staff test now
        ("8810", 499, 80, 2023, "未达"),
        ("8810", 499, 50, 2019, "疑似达规"),  # older rule: or 50 staff
        ("8810", 499, 49, 2019, "未达"),
        ("7251", 1000, 1, 2023, "疑似达规"),  # L: 1,000
        ("6422", 1999, 1, 2023, "未达"),  # I: 2,000 now
        ("6422", 1000, 1, 2019, "疑似达规"),  # I: 1,000 before
        ("8511", 500, 1, 2023, "疑似达规"),  # 85 under the present rule
        ("8511", 999, 1, 2019, "未达"),  # 85 within Q under the older rule
    ],
)
def test_answers(code: str, revenue: float, employees: int | None, year: int, answer: str) -> None:
    assert above_scale(code, revenue, employees, year).answer == answer


def test_between_the_rules_the_place_decides() -> None:
    # README: Shanghai's 2020-06 note still had 1,000; Tianjin Binhai had 2,000 in 2020 Q1.
    assert above_scale("6422", 1500, 10, 2020, "上海市浦东新区").answer == "疑似达规"
    assert above_scale("6422", 1500, 10, 2020, "天津市滨海新区").answer == "未达"


def test_between_the_rules_an_unknown_place_is_undecided_when_they_disagree() -> None:
    undecided = above_scale("6422", 1500, 10, 2020, "某市某区")
    assert undecided.answer == "不可判定" and "新标准还是旧标准" in undecided.reason
    assert above_scale("6422", 2500, 10, 2020, "某市某区").answer == "疑似达规"
    assert above_scale("6422", 900, 10, 2020).answer == "未达"


def test_the_year_the_office_knows_overrides_what_was_seen() -> None:
    assert above_scale("6422", 1500, 10, 2020, "某市", switched_in=2021).answer == "疑似达规"
    assert above_scale("6422", 1500, 10, 2021, "某市", switched_in=2021).answer == "未达"
    assert above_scale("2431", 2000, 10, 2020, "某市", switched_in=2021).answer == "疑似达规"  # no services rule


def test_a_district_seen_does_not_speak_for_its_whole_city() -> None:
    assert above_scale("6422", 1500, 10, 2020, "天津市").answer == "不可判定"


@pytest.mark.parametrize("code", ["6110", "4710", "7010", "6620", "9999"])
def test_industries_without_a_line_are_undecided(code: str) -> None:
    assert above_scale(code, 10**9, 10**9, 2023).answer == "不可判定"


def test_years_before_the_earliest_source_are_undecided() -> None:
    assert above_scale("2431", 9000, 100, 2012).answer == "不可判定"


def test_missing_figures() -> None:
    unknown = above_scale("8810", None, 80, 2023)
    assert unknown.answer == "不可判定" and "营业收入" in unknown.reason
    assert above_scale("8810", None, 80, 2019).answer == "疑似达规"  # 50 staff settle the older rule
    assert above_scale("8810", 100, None, 2019).answer == "不可判定"
    assert above_scale("8810", float("nan"), 80, 2023).answer == "不可判定"


def test_never_says_above_scale() -> None:
    # practice.md: 规上 means 在库; a figure over the line is 疑似达规.
    answers = {above_scale(c, r, 60, y).answer for c in ("8810", "2431") for r in (0, 10**6) for y in (2019, 2024)}
    assert answers == {"疑似达规", "未达"}
