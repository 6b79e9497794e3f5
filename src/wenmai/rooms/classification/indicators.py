"""Indicators of the register and of the classification: what the first report may say."""

from __future__ import annotations

from typing import Any

from wenmai.office.figures.typed import Indicator, Share, declare

SCOPE_REGISTER = "登记名录"
IDENTIFIED = ("全部计入类", "部分计入类")


def _all(table: Any) -> Any:
    return table.id.notnull()


def _units(table: Any) -> Any:
    return table.key.notnull()


def analysed(table: Any) -> Any:
    return table.excluded.isnull()


def cultural(table: Any) -> Any:
    return analysed(table) & table.outcome.isin(IDENTIFIED)


def _excluded(reason: str) -> Any:
    return lambda t: t.excluded == reason


def declare_all() -> None:
    """Declare; the order is the order of the figures page."""
    row: dict[str, Any] = {"table": "rows", "unit": "条", "unit_type": "名录记录"}
    unit: dict[str, Any] = {"table": "units"}
    declare(
        Indicator("rows.total", "名录记录", predicate=_all, definition="各导入文件的数据行数，不含已撤销批次", **row),
        Indicator("rows.rejected", "退回记录", predicate=lambda t: t.rejected, definition="无法入库的行（缺名称和代码等）", parts_of="rows.total", **row),
        Indicator("rows.repeat", "重复记录", predicate=lambda t: t.repeat, definition="指向同一登记主体的第二条及以后记录", parts_of="rows.total", **row),
        Indicator("units.total", "登记主体", predicate=_units, definition="去重后的登记主体", unit_type="登记主体", **unit),
    )  # fmt: skip
    for code, reason in (("gone", "注销吊销"), ("outside", "区外"), ("branch", "分支机构"), ("nonfirm", "非企业")):
        declare(
            Indicator(f"units.excluded.{code}", f"剔除：{reason}", predicate=_excluded(reason), unit_type="登记主体",
                      definition=f"按顺序剔除，原因为{reason}", parts_of="units.total", **unit)
        )  # fmt: skip
    declare(
        Indicator("units.analysed", "纳入分析企业", predicate=analysed, definition="登记主体减各项剔除", parts_of="units.total", **unit),
        Indicator("culture.identified", "识别为文化企业", predicate=cultural, scope="文化及相关产业分类（2018）·登记口径",
                  definition="全部计入类与部分计入类之和，不含待核定", **unit),
        Indicator("culture.whole", "全部计入类", predicate=lambda t: cultural(t) & (t.outcome == IDENTIFIED[0]),
                  scope="文化及相关产业分类（2018）·登记口径", definition="小类全部计入的文化企业", parts_of="culture.identified", **unit),
        Indicator("culture.partial", "部分计入类（*类）", predicate=lambda t: cultural(t) & (t.outcome == IDENTIFIED[1]),
                  scope="文化及相关产业分类（2018）·登记口径", definition="带*小类，经经营范围核对其计入部分", parts_of="culture.identified", **unit),
        Indicator("culture.reviewed", "其中人工核定", predicate=lambda t: cultural(t) & (t.decided_by == "人工核定"),
                  scope="文化及相关产业分类（2018）·登记口径", definition="由人核定为文化企业", **unit),
        Indicator("culture.system", "其中系统初判", predicate=lambda t: cultural(t) & (t.decided_by == "初步识别"),
                  scope="文化及相关产业分类（2018）·登记口径", definition="由登记代码或经营范围文本初步识别", **unit),
        Indicator("culture.pending", "待核定", predicate=lambda t: analysed(t) & (t.outcome == "待核定"),
                  scope="文化及相关产业分类（2018）·登记口径", definition="证据不足，未计入文化企业", **unit),
        Indicator("culture.core", "核心领域", predicate=lambda t: cultural(t) & t.core,
                  scope="文化及相关产业分类（2018）·登记口径", definition="大类 01—06", parts_of="culture.identified", **unit),
        Indicator("culture.related", "相关领域", predicate=lambda t: cultural(t) & ~t.core,
                  scope="文化及相关产业分类（2018）·登记口径", definition="大类 07—09", parts_of="culture.identified", **unit),
        Indicator("culture.new_form", "文化新业态", predicate=lambda t: cultural(t) & t.new_form,
                  scope="文化及相关产业分类（2018）·登记口径", definition="16 个新业态小类，与核心、相关领域交叉", **unit),
        Indicator("culture.major", "分大类", predicate=cultural, by="major_name", scope="文化及相关产业分类（2018）·登记口径",
                  definition="按九大类", parts_of="culture.identified", **unit),
        Indicator("culture.small", "分小类", predicate=cultural, by="small_name", scope="文化及相关产业分类（2018）·登记口径",
                  definition="按小类", parts_of="culture.identified", **unit),
        Indicator("culture.street", "分街道（镇）", predicate=cultural, by="street", scope="文化及相关产业分类（2018）·登记口径",
                  definition="按登记地址所载街道（镇）", parts_of="culture.identified", gate="street", **unit),
        Indicator("culture.district", "分地区", predicate=cultural, by="district", scope="文化及相关产业分类（2018）·登记口径",
                  definition="按名录所载地区（登记地）", parts_of="culture.identified", **unit),
        Indicator("culture.year", "分登记年份", predicate=cultural, by="year", scope="文化及相关产业分类（2018）·登记口径",
                  definition="按登记日期的年份", parts_of="culture.identified", gate="gap", **unit),
        Indicator("culture.park", "分园区", predicate=lambda t: cultural(t) & t.park.notnull(), by="park",
                  scope="文化及相关产业分类（2018）·登记口径", definition="名录或台账载有所属园区的文化企业", **unit),
        Indicator("park.tenants", "载有园区的企业", predicate=lambda t: analysed(t) & t.park.notnull(), by="park", definition="名录或台账所载园区入驻企业", **unit),
        Indicator("quality.no_status", "未载登记状态", predicate=lambda t: analysed(t) & t.status.isnull(), definition="纳入分析企业中登记状态缺失", **unit),
        Indicator("quality.no_industry", "缺行业代码", predicate=lambda t: analysed(t) & t.industry_code.isnull(), definition="纳入分析企业中行业代码缺失", **unit),
        Indicator("quality.no_code", "缺有效统一社会信用代码", predicate=lambda t: analysed(t) & t.credit_code.isnull(), definition="缺失或校验不通过", **unit),
        Indicator("quality.no_date", "缺登记日期", predicate=lambda t: analysed(t) & t.registered_on.isnull(), definition="纳入分析企业中登记日期缺失", **unit),
        Indicator("quality.no_unit", "单位类型不明", predicate=lambda t: analysed(t) & t.unit_type.isnull(), definition="名录不能判断企业法人、分支机构或个体", **unit),
    )  # fmt: skip
    declare(
        Share("culture.core.share", "核心领域占比", "culture.core", "culture.identified"),
        Share("culture.major.share", "大类占比", "culture.major", "culture.identified"),
        Share("quality.no_status.share", "未载登记状态占比", "quality.no_status", "units.analysed"),
        Share("quality.no_industry.share", "缺行业代码占比", "quality.no_industry", "units.analysed"),
    )
