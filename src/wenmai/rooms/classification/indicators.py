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
    for code, reason in (("gone", "注销吊销"), ("moved", "迁出"), ("outside", "区外"), ("branch", "分支机构"), ("nonfirm", "非企业")):
        declare(
            Indicator(f"units.excluded.{code}", f"剔除：{reason}", predicate=_excluded(reason), unit_type="登记主体",
                      definition=f"按顺序剔除，原因为{reason}", parts_of="units.total",
                      zero_needs="status" if code in ("gone", "moved") else None, **unit)
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
        Indicator("culture.unread", "尚未识别", predicate=lambda t: analysed(t) & t.outcome.isnull(),
                  scope="文化及相关产业分类（2018）·登记口径", definition="已入库而尚未运行识别，既非文化也非待核定", **unit),
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


NATIONAL = "文化及相关产业分类（2018）"


def scope_indicators(facts: dict[str, Any]) -> list[Indicator | Share]:
    """The indicators of each 区自定口径 that judged a snapshot; an id holds the digest of the list's text, so another
    version has other ids and the two never mix."""
    found: list[Indicator | Share] = []
    for about in facts.get("scope_lists", []):
        found += _of_list(about)
    return found


def _of_list(about: dict[str, Any]) -> list[Indicator | Share]:
    head, listed, label = f"scope.{about['id']}", about["id"], about["label"]
    name = about["name"].replace("：", "·")  # the figures page reads a split figure's family before the colon
    basis = f"依据：{about['basis']}；" if about["basis"] else ""
    mark = f"《{label}》（{basis}指纹 {about['digest'][:10]}）"

    def rows(**wanted: str) -> Any:
        def predicate(table: Any) -> Any:
            expression = table.list_id == listed
            for column, value in wanted.items():
                expression = expression & (table[column] == value)
            return expression

        return predicate

    def not_national(**wanted: str) -> Any:
        return lambda t: rows(**wanted)(t) & (t.national != "文化")

    own: dict[str, Any] = {"table": "scope_units", "scope": f"区自定口径：{label}·登记口径"}
    both: dict[str, Any] = {"table": "scope_units", "scope": f"两口径对照：{NATIONAL}、{label}·登记口径"}
    judged, included = f"{head}.judged", f"{head}.included"
    return [
        Indicator(judged, f"{name}：参与判定", predicate=rows(), definition=f"逐家按{mark}判定的纳入分析企业", **own),
        Indicator(included, f"{name}：纳入", predicate=rows(answer="纳入"), definition=f"按{mark}判为纳入", parts_of=judged, **own),
        Indicator(f"{head}.included_code", f"{name}：纳入，其中按登记代码", predicate=rows(answer="纳入", settled_by="登记代码"),
                  definition=f"行业取登记代码，按{mark}判为纳入", parts_of=included, **own),
        Indicator(f"{head}.included_text", f"{name}：纳入，其中初步识别", predicate=rows(answer="纳入", settled_by="初步识别"),
                  definition=f"行业由系统识别，或由{mark}的关键词在经营范围中查得", parts_of=included, **own),
        Indicator(f"{head}.included_person", f"{name}：纳入，其中行业经人工核定", predicate=rows(answer="纳入", settled_by="人工核定"),
                  definition=f"行业取人工核定的小类，按{mark}判为纳入", parts_of=included, **own),
        Indicator(f"{head}.pending", f"{name}：待核定", predicate=rows(answer="待核定"),
                  definition=f"{mark}部分纳入的行业证据不足，或行业不明，未计入", parts_of=judged, **own),
        Indicator(f"{head}.excluded", f"{name}：不纳入", predicate=rows(answer="不纳入"), definition=f"按{mark}判为不纳入", parts_of=judged, **own),
        Share(f"{head}.included.share", f"{name}：纳入占比", included, judged),
        Indicator(f"{head}.division", f"{name}纳入·按行业大类", predicate=rows(answer="纳入"), by="division", parts_of=included,
                  definition=f"按{mark}判为纳入，按国民经济行业大类", **own),
        Indicator(f"{head}.major", f"{name}纳入·按国家文化大类", predicate=rows(answer="纳入"), by="national_major", parts_of=included,
                  definition=f"按{mark}判为纳入，按其在{NATIONAL}的大类；国家口径未计入的单列", **own),
        Indicator(f"{head}.street", f"{name}纳入·分街道（镇）", predicate=rows(answer="纳入"), by="street", parts_of=included, gate="street",
                  definition=f"按{mark}判为纳入，按登记地址所载街道（镇）", **own),
        Indicator(f"{head}.both", f"{name}：两口径都计入", predicate=rows(national="文化", answer="纳入"),
                  definition=f"国家口径识别为文化企业，且按{mark}判为纳入", **both),
        Indicator(f"{head}.national_only", f"{name}：只在国家口径", predicate=lambda t: rows(national="文化")(t) & (t.answer != "纳入"),
                  definition=f"国家口径识别为文化企业，按{mark}未判为纳入（不纳入或待核定）", **both),
        Indicator(f"{head}.national_out", f"{name}：只在国家口径，本口径不纳入", predicate=rows(national="文化", answer="不纳入"),
                  definition=f"国家口径识别为文化企业，按{mark}判为不纳入", **both),
        Indicator(f"{head}.national_open", f"{name}：只在国家口径，本口径待核定", predicate=rows(national="文化", answer="待核定"),
                  definition=f"国家口径识别为文化企业，按{mark}待核定", **both),
        Indicator(f"{head}.own_only", f"{name}：只在区自定口径", predicate=not_national(answer="纳入"),
                  definition=f"按{mark}判为纳入，国家口径未计入（非文化或待核定）", **both),
        Indicator(f"{head}.own_noncultural", f"{name}：只在区自定口径，国家口径非文化", predicate=rows(national="非文化", answer="纳入"),
                  definition=f"按{mark}判为纳入，国家口径为非文化", **both),
        Indicator(f"{head}.own_unsettled", f"{name}：只在区自定口径，国家口径待核定", predicate=rows(national="待核定", answer="纳入"),
                  definition=f"按{mark}判为纳入，国家口径待核定", **both),
        Indicator(f"{head}.cross", f"{name}·两口径交叉", predicate=rows(), by="cross",
                  definition=f"国家口径三种判定与{mark}三种判定的交叉，各格互不重叠", **both),
    ]  # fmt: skip
