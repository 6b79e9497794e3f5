"""统计上大中小微型企业划分办法（2017）. Bounds: enterprise_size_2017.csv, equal to the published table."""

from decimal import Decimal

import pytest

from wenmai.base.standards import industries, size_band


@pytest.mark.parametrize(
    ("code", "employees", "revenue", "assets", "band"),
    [
        ("6513", 300, 10000, None, "大型"),  # software: 300 persons and 10,000 万元
        ("6513", 299, 10000, None, "中型"),
        ("6513", 5000, 49, None, "微型"),  # one failing indicator is enough for 微型
        ("6513", 10, 50, None, "小型"),
        ("7251", 100, None, 8000, "中型"),  # 租赁和商务服务业: staff and assets, no revenue test
        ("7251", 100, None, 7999, "小型"),
        ("8810", 9, None, None, "微型"),  # 其他未列明行业: staff only
        ("8810", 10, None, None, "小型"),
        ("2431", 300, 2000, None, "中型"),  # industry
        ("5146", 5, 1000, None, "小型"),  # wholesale
        ("5246", 300, 20000, None, "大型"),  # retail
        ("5910", 1000, 30000, None, "大型"),  # 591 装卸搬运 is transport (README)
        ("5910", 200, 30000, None, "小型"),
        ("5920", 200, 30000, None, "大型"),  # 592 is warehousing
        ("7010", None, 200000, 10000, "大型"),  # real-estate development: revenue and assets
        ("8511", 300, None, None, "大型"),  # 85 社会工作 belongs to the rest
    ],
)
def test_bands(code: str, employees: int, revenue: int, assets: int, band: str) -> None:
    assert size_band(code, employees, revenue, assets).value == band


def test_group_code_591_of_the_table_decides_not_its_division() -> None:
    assert size_band("5910", 20, 200).rule != size_band("5920", 20, 200).rule


@pytest.mark.parametrize("code", ["6620", "5311", "8310", "8411", "7040", "9100"])
def test_no_rule_is_an_answer(code: str) -> None:
    # README: finance (J), railway (53), education (P), health (84) and 7040 have no row.
    band = size_band(code, 1000, 100000, 100000)
    assert (band.value, band.reason) == (None, "无规则")


def test_unknown_code_is_no_rule_not_a_guess_from_its_prefix() -> None:
    band = size_band("6420", 1000, 100000)  # a number of the 2011 edition
    assert (band.value, band.reason) == (None, "无规则")


def test_missing_indicator_is_unknown_unless_micro_follows() -> None:
    open_band = size_band("6513", employees=200)
    assert (open_band.value, open_band.reason, open_band.at_most) == (None, "缺指标", "中型")
    assert open_band.missing == ("营业收入",)
    micro = size_band("6513", employees=9)
    assert (micro.value, micro.missing) == ("微型", ("营业收入",))
    nothing = size_band("6513")
    assert (nothing.value, nothing.at_most) == (None, None)


def test_nan_is_missing_and_decimal_is_a_number() -> None:
    assert size_band("8810", float("nan")).reason == "缺指标"
    assert size_band("6513", 300, Decimal("9999.99")).value == "中型"


def test_division_with_several_rules_asks_for_a_finer_code() -> None:
    band = size_band("59", 1000, 30000)
    assert (band.value, band.reason, band.missing) == (None, "缺指标", ("行业小类代码",))


def test_every_class_has_at_most_one_rule_set() -> None:
    for item in industries("class"):
        band = size_band(item.code, 10**9, 10**9, 10**9)
        assert band.value == "大型" or band.reason == "无规则"
