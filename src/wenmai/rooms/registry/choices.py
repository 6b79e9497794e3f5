"""Closed vocabularies of the register."""

from django.db import models


class BatchState(models.TextChoices):
    """How far a batch has come; each step is atomic and can be taken again after a crash."""

    RECEIVED = "received", "已接收"
    STAGED = "staged", "已暂存"
    PUBLISHED = "published", "已入库"
    UNDONE = "undone", "已撤销"
    ABANDONED = "abandoned", "已放弃"


class BatchKind(models.TextChoices):
    IMPORT = "import", "导入"
    UNDO = "undo", "撤销"


class Outcome(models.TextChoices):
    """The one end of every row of every file."""

    CREATED = "created", "新增"
    UPDATED = "updated", "更新"
    UNCHANGED = "unchanged", "未变"
    DUPLICATE = "duplicate", "重复"
    REJECTED = "rejected", "退回"


class NameKind(models.TextChoices):
    FORMER = "former", "曾用名"
    VARIANT = "variant", "异名"


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
