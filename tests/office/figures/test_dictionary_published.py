"""Formulas of the packaged dictionary give the figures that were published.

Expected values: the project's table of benchmarks; the source key is named at each test (N24 = national release on
above-scale units 2024, BJP20 = 98 parks of Beijing, GD22 = Guandu district 2022, …).
"""

from fractions import Fraction as F

import pytest

from wenmai.base.values.period import POINT, Period, period
from wenmai.base.values.units import unit
from wenmai.office.figures.methods.dictionary import load
from wenmai.office.figures.methods.formula import Observed, Reference, Result, evaluate

BOOK = {entry.code: entry for entry in load()}

Facts = dict[tuple[str, str, str], tuple[str, str]]  # (code, item, period) → (value as printed, unit)


def compute(code: str, when: str, facts: Facts, item: str = "") -> Result:
    """What a store does: a fact if there is one, else the formula; a stock is read at the end of the period."""

    def fetch(ref: Reference, at: Period) -> Observed | None:
        entry = BOOK[ref.code]
        at_end = period(at.end.isoformat()) if entry.kind == POINT and at.day is None else at
        printed = facts.get((ref.code, ref.item, at_end.code))
        if printed is not None:
            decimals = len(printed[0].partition(".")[2])
            return Observed(F(printed[0]), unit(printed[1]), F(1, 2 * 10**decimals))
        formula = entry.formula_for(ref.item)
        if formula is None:
            return None
        got = evaluate(formula, entry.measure, at, fetch)
        if got.value is None or got.low is None or got.high is None:
            return None
        return Observed(got.value, entry.measure, max(got.high - got.value, got.value - got.low))

    formula = BOOK[code].formula_for(item)
    assert formula is not None
    return evaluate(formula, BOOK[code].measure, period(when), fetch)


def facts_of(when: str, **known: str) -> Facts:
    """Facts in the dictionary's own units; a stock stands at the end of the period."""
    span = period(when)
    return {(c, "", span.end.isoformat() if BOOK[c].kind == POINT else span.code): (v, BOOK[c].unit) for c, v in known.items()}


@pytest.mark.parametrize(
    ("code", "when", "known", "published", "source"),
    [
        ("SC16", "2024", {"SC15": "12909", "SC06": "141510"}, "9.12", "N24"),
        ("ST04R", "2024", {"ST04": "59082", "SC06": "141510"}, "41.8", "N24; domain.md 2.3"),
        ("SC07R", "2024", {"SC06": "141510", "SC07": "191423"}, "73.9", "N24A"),
        ("SC07R", "2022", {"SC06": "121805", "SC07": "165502"}, "73.6", "N22A"),
        ("SC19", "2024", {"PROFIT_CLASSES": "38", "CLASSES_MID": "43"}, "88.4", "N24: 38 of 43"),
        ("PK04", "2019", {"TENANTS_CULTURE": "7337", "TENANTS": "9540"}, "76.9", "BJP20"),
        ("PK05R", "2019", {"PK05": "7828.14", "TENANTS_CULTURE": "7337"}, "10669.4", "BJP20"),
        ("PF06", "2019", {"FUND_SPENT": "2275.5", "PF02": "3917"}, "58.1", "ZS"),
        ("PJ03R", "2016H1", {"PJ03": "22.15", "PJ02Y": "28.4"}, "78", "TL16"),
        ("FN07", "2013", {"APPROVED_FIRMS": "27", "RECOMMENDED_FIRMS": "38"}, "71", "CZ13"),
        ("FN03", "2020Q2", {"FIRST_LOAN": "24", "FN02": "30"}, "80", "CD20: 24 of 30"),
        ("SC12", "2023", {"SC10": "4.59"}, "0.17", "N23, against the revised 4.42"),
    ],
)
def test_formulas_give_the_published_figures(code: str, when: str, known: dict[str, str], published: str, source: str) -> None:
    facts = facts_of(when, **known) | {("SC10", "", "2022"): ("4.42", "%")}
    result = compute(code, when, facts)
    assert result.value is not None and result.low is not None and result.high is not None, source
    decimals = len(published.partition(".")[2])
    assert round(float(result.value), decimals) == float(published), source
    assert result.low <= result.value <= result.high


def test_guandu_share_of_gdp() -> None:
    """GD22: 58.93 is 4.0 % of GDP. That holds for GDP between 1,456 and 1,491 and for none well outside."""
    for gdp, holds in (("1456", True), ("1473", True), ("1491", True), ("1440", False), ("1510", False)):
        result = compute("SC10", "2022", facts_of("2022", SC09="58.93", GDP=gdp))
        assert result.value is not None
        assert (round(float(result.value), 1) == 4.0) is holds


def test_guandu_shares_by_type() -> None:
    """GD22: 58.93 = 10.06 + 27.46 + 21.41, so the shares of the three types add to 100 %."""
    parts = {"制造": "10.06", "批零": "27.46", "服务": "21.41"}
    facts = facts_of("2022", SC09="58.93") | {("SC09", f"类型={k}", "2022"): (v, "亿元") for k, v in parts.items()}
    shares = {k: compute("ST03V", "2022", facts, f"类型={k}").value for k in parts}
    assert {k: round(float(v or 0), 1) for k, v in shares.items()} == {"制造": 17.1, "批零": 46.6, "服务": 36.3}
    assert sum(v or 0 for v in shares.values()) == 100


def test_revenue_per_firm_reads_counts_in_ten_thousands() -> None:
    """N24: 141,510 亿元 over 7.8 万家 is about 1.8 亿元 a firm; the two digits of 7.8 leave it open by ±0.7 %."""
    facts: Facts = {("SC06", "", "2024"): ("141510", "亿元"), ("SC04", "", "2024-12-31"): ("7.8", "万家")}
    result = compute("SC20", "2024", facts)
    assert result.value is not None and result.low is not None and result.high is not None
    assert round(result.value) == 18142
    assert F(140, 10000) > (result.high - result.low) / result.value > F(120, 10000)


CLASSES_H1 = {
    "01": ("8768", "9.8"), "02": ("14628", "10.2"), "03": ("10958", "6.7"), "04": ("7818", "6.1"), "05": ("319", "6.1"), "06": ("819", "5.8"),
    "07": ("7589", "7.0"), "08": ("3007", "10.4"), "09": ("11054", "3.7"),
}  # fmt: skip  # N24H1: revenue and comparable growth of the nine classes


def half_year() -> Facts:
    facts: Facts = {("SC06", "", "2024H1"): ("64961", "亿元")}
    for number, (revenue, rate) in CLASSES_H1.items():
        facts[("SC06", f"大类={number}", "2024H1")] = (revenue, "亿元")
        facts[("SC08", f"大类={number}", "2024H1")] = (rate, "%")
    base = sum(F(revenue) / (1 + F(rate) / 100) for revenue, rate in CLASSES_H1.values())
    facts[("SC06_BASE", "", "2024H1")] = (f"{float(base):.2f}", "亿元")
    return facts


def test_core_area_share_adds_six_classes() -> None:
    """N24H1: 8,768 + 14,628 + 10,958 + 7,818 + 319 + 819 = 43,310 of 64,961."""
    result = compute("ST01", "2024H1", half_year())
    assert result.value == F(43310, 64961) * 100


def test_shares_contributions_and_points_of_nine_classes_add_up() -> None:
    """Classes add to 64,960 against a total of 64,961 (domain.md 2.3), so each sum may miss by that one unit and no more."""
    facts = half_year()
    items = [f"大类={number}" for number in CLASSES_H1]
    total = {code: F(0) for code in ("ST02R", "ST05", "ST06")}
    for code in total:
        for item in items:
            result = compute(code, "2024H1", facts, item)
            assert result.value is not None, result
            total[code] += result.value
    base = F(facts[("SC06_BASE", "", "2024H1")][0])
    growth = (64961 / base - 1) * 100
    assert round(float(growth), 1) == 7.5  # what the nine published rates imply for the total
    assert total["ST02R"] == F(64960, 64961) * 100
    assert abs(total["ST05"] - 100) < F(1, 20)
    assert abs(total["ST06"] - growth) < F(1, 100)
    assert BOOK["ST06"].unit == "个百分点"


def test_implied_base_of_2024() -> None:
    """N24: growth of 6.0 % implies a base near the 133,464 that the release's own increase of 8,046 gives."""
    result = compute("SC06_BASE", "2024", facts_of("2024", SC06="141510", SC08="6.0"))
    assert result.low is not None and result.high is not None
    assert result.low <= 133464 <= result.high


def test_all_units_are_above_plus_below() -> None:
    """N24, N24A: 191,423 less 141,510 leaves 49,913 below scale."""
    result = compute("SC07", "2024", facts_of("2024", SC06="141510", REV_BELOW="49913"))
    assert result.value == 191423


def test_published_rd_intensity_does_not_follow_from_the_flash_revenue() -> None:
    """N22A prints 1.24 %, but 1,529 over the flash revenue of N22 (121,805) is 1.26 %: two releases, two denominators."""
    result = compute("SC23", "2022", facts_of("2022", SC22="1529", SC06="121805"))
    assert result.low is not None and result.low > F("1.245")


def test_revenue_per_100_yuan_needs_the_assets_at_the_year_start() -> None:
    """N24H1 gives 64,961 and assets of 201,411 at the end of June only: unknown, and what lacks is named."""
    facts = facts_of("2024H1", SC06="64961", SC14="201411")
    assert compute("SC17", "2024H1", facts).missing == ("SC14@年初（2023年末）",)
    facts[("SC14", "", "2023-12-31")] = ("201411", "亿元")
    assert compute("SC17", "2024H1", facts).value == F(2 * 64961, 201411) * 100


def test_small_and_micro_share_reads_the_breakdown_of_the_count() -> None:
    facts = facts_of("2013", SC01="1000") | {("SC01", f"规模={s}", "2013-12-31"): (n, "家") for s, n in (("小型", "385"), ("微型", "600"))}
    assert compute("ST10", "2013", facts).value == F("98.5")
