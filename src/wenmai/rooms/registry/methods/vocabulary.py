"""Closed vocabularies that the methods share with the models: plain Python, so that a method knows no Django."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """The one end of every row of every file. Labels for the pages are in `OUTCOME_LABELS`."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"


OUTCOME_LABELS = {
    Outcome.CREATED: "新增",
    Outcome.UPDATED: "更新",
    Outcome.UNCHANGED: "未变",
    Outcome.DUPLICATE: "重复",
    Outcome.REJECTED: "退回",
}

# Kinds of another name of an enterprise.
FORMER, VARIANT = "former", "variant"
# The unit type of a branch (GB/T 20091 calls it 分支机构); it is a fact of the row, never derived from a parent.
BRANCH = "分支机构"

# Fields of an enterprise that come from files, in the order of the database columns.
VALUE_FIELDS = (
    "credit_code", "reg_no", "name", "former_names", "registered_on", "status", "status_text", "reg_type",
    "unit_type", "capital_amount", "capital_currency", "capital_text", "scope", "industry_text", "industry_code",
    "province", "district", "street", "address", "operating_address", "park",
)  # fmt: skip
FIELD_LABELS = dict(
    zip(
        VALUE_FIELDS,
        ("统一社会信用代码", "注册号", "名称", "曾用名", "注册日期", "登记状态", "状态原文", "登记类型", "单位类型",
         "注册资本（元）", "币种", "注册资本原文", "经营范围", "行业（原文）", "行业代码", "省份", "地区", "街道（镇）",
         "登记地址", "经营地址", "所属园区"),
        strict=True,
    )
)  # fmt: skip
