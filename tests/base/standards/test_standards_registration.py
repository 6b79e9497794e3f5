"""Market-entity type codes. Expected: registration_types.csv (two public lists agree) and the README."""

import pytest

from wenmai.base.standards import (
    registration_type,
    registration_types,
    registration_types_named,
    registration_unit_type,
)


def test_166_types_and_every_parent_exists() -> None:
    codes = {t.code for t in registration_types()}
    assert len(codes) == 166
    assert all(t.parent in codes for t in registration_types() if t.parent)


@pytest.mark.parametrize(
    ("code", "unit_type"),
    [
        ("1151", "企业法人"),  # 有限责任公司(自然人独资)
        ("2130", "分支机构"),
        ("3100", "企业法人"),  # 全民所有制, under 内资企业法人
        ("4533", "其他"),  # 有限合伙企业
        ("4550", "分支机构"),
        ("9500", "个体工商户"),
        ("9100", "其他"),  # 农民专业合作社
        ("4000", None),  # heading of several kinds
    ],
)
def test_unit_type(code: str, unit_type: str | None) -> None:
    found = registration_type(code)
    assert found is not None and found.unit_type == unit_type


@pytest.mark.parametrize("code", ["9999", "0450", "1154"])
def test_codes_seen_in_data_but_in_no_list(code: str) -> None:
    assert registration_type(code) is None


def test_names_fold_brackets_and_the_older_order() -> None:
    assert [t.code for t in registration_types_named("有限责任公司（自然人独资）")] == ["1151"]
    assert [t.code for t in registration_types_named("有限责任公司(台港澳法人独资)")] == ["6150"]
    assert len(registration_types_named("其他")) > 1


def test_unit_type_by_name_is_none_when_the_name_is_ambiguous() -> None:
    assert registration_unit_type("股份有限公司(上市)") == "企业法人"
    assert registration_unit_type("个体工商户") == "个体工商户"
    assert registration_unit_type("其他") is None
    assert registration_unit_type("没有这种类型") is None
