"""The 情况汇报 that a register alone can carry (design: practice.md, skeleton). What it cannot carry is a placeholder.

Every sentence with a number is built from figures; the coverage gate chooses the words: without status no 现有 or
共有, with a gap or a flow 名录内 instead of 全区, without streets no table by street.
"""

from __future__ import annotations

from typing import Any

from wenmai.office.figures.typed import Figure
from wenmai.rooms.briefing.methods.blocks import Part, Quote, Report, Slot, Writer

SLOTS = {
    "office": "起草单位",
    "parks": "待园区台账：省级文化创意产业园区名称、文号、有效期",
    "economy": "待统计部门提供并确认，名录不能推出：规模以上文化企业家数、营业收入、可比增速；增加值、占GDP比重",
    "measures": "作者填：主要做法；每条挂文件、项目或资金台账",
    "imbalance": "线索，作者定是否采用：是否构成短板，需结合营收、就业数据核实",
    "planning": "须园区规划、周边公开数据：规划互补",
    "talent": "须人社参保、企业抽样：人才",
    "rights": "须版权登记、案件数据：知识产权",
    "finance": "须需求、授信、兑现台账：投融资与政策衔接",
    "deadline": "完成月份和责任单位，写成“，6月底前完成，责任单位区文创办”的样子",
    "next": "作者填：下一步打算",
}
# How an author calls a place to fill on the command line; its id is accepted too.
NAMES = dict(
    zip(SLOTS, ("起草单位", "园区", "经济指标", "主要做法", "行业短板", "规划互补", "人才", "知识产权", "投融资", "完成时限", "下一步打算"), strict=True)
)
# Who holds what a register cannot say; the annex lists it with its state.
OWNERS = {
    "parks": ("园区名称、认定文号、有效期、入驻台账", "园区管理单位、区文旅部门"),
    "economy": ("规模以上文化企业家数、营业收入、可比增速；增加值及占比", "区统计部门"),
    "planning": ("园区规划、周边公开数据", "区发展改革、规划部门"),
    "talent": ("文化企业参保人数、人才抽样", "区人力社保部门"),
    "rights": ("版权登记、侵权案件", "区版权（宣传、文化执法）部门"),
    "finance": ("融资需求、授信、政策兑现台账", "区财政、金融部门"),
}


def build(figures: dict[str, Figure], facts: dict[str, Any], date_text: str, alone: bool = False) -> Report:
    """Blocks of the report from a snapshot's figures and facts (provider, files, gate). `alone`: its reader has no 核数稿."""
    w = Writer(figures)
    gate = {g["id"]: g for g in facts.get("gate", [])}
    shut = {k for k, g in gate.items() if not g["open"]}
    whole = not shut & {"gap", "stock"}
    area = (facts.get("district") or "全区") if whole else "名录内"
    unit = "登记主体" if "unit" in shut else "企业"
    w.add("byline", Slot("office", SLOTS["office"]), f"　{date_text}")
    _basics(w, facts, gate, shut, area, unit, alone)
    w.add("heading1", "二、主要做法")
    w.add("paragraph", Slot("measures", SLOTS["measures"]))
    _problems(w, shut, unit)
    _next(w, date_text)
    return Report(f"{facts.get('district') or '全区'}文化创意产业发展情况汇报", w.blocks)


def _basics(w: Writer, facts: dict[str, Any], gate: dict[str, Any], shut: set[str], area: str, unit: str, alone: bool) -> None:
    w.add("heading1", "一、基本情况")
    w.add("heading2", "（一）登记主体")
    provider: Part = Quote("provider", facts["provider"]) if facts.get("provider") else "〔未载明〕"
    when: list[Part] = ["（", Quote("vintage", facts["vintage"]), "，"] if facts.get("as_of") else ["（"]
    parts: list[Part] = ["据", provider, "提供的登记名录", *when, Quote("period", facts.get("period", "")), "，计", w.num("rows.total"), "条），"]
    dropped = [(name, f"rows.{code}") for name, code in (("重复", "repeat"), ("无法识别主体", "rejected")) if w.value(f"rows.{code}")]
    for number, (name, rows_id) in enumerate(dropped):
        parts += ["、" if number else "剔除", name, w.num(rows_id), "条"]
    parts += ["，" if dropped else "", "得登记主体", w.num("units.total"), "家；"]
    names = (("gone", "注销吊销"), ("moved", "迁出"), ("branch", "分支机构"), ("nonfirm", "个体工商户等非企业"), ("outside", "区外"))
    cut = [(code, name) for code, name in names if w.value(f"units.excluded.{code}")]
    for number, (code, name) in enumerate(cut):
        parts += ["、" if number else "再剔除" if dropped else "剔除", name, w.num(f"units.excluded.{code}"), "家"]
    parts += ["，" if cut else "", "纳入分析", unit, w.num("units.analysed"), "家。"]
    for check in ("status", "gap", "stock"):
        if check in shut:
            parts += [Quote(f"gate.{check}.message", gate[check]["message"]), "。"]
    w.add("paragraph", *parts)
    interval = w.figures.get("culture.interval")
    by = "登记代码和经营范围" if w.value("quality.no_industry") < w.value("units.analysed") else "经营范围"
    parts = ["对照《文化及相关产业分类（2018）》，按", by, "初步识别", area, "文化", unit, "约", w.num("culture.identified"), "家"]
    parts += ["，其中人工核定", w.num("culture.reviewed"), "家、系统初判", w.num("culture.system"), "家；"]
    parts += ["另有", w.num("culture.pending"), "家待核定，未计入。"]
    if not alone and interval is not None and interval.low is not None:
        parts.append("识别误差的估计范围见核数稿。")
    parts.append("上述为登记口径，与统计部门法人单位、规模以上口径不可比、不可相加。")
    w.add("paragraph", *parts)
    w.add("heading2", "（二）行业分布")
    majors = w.majors()
    parts = ["按数量计，核心领域", w.num("culture.core"), "家、占", w.num("culture.core.share"), "%，相关领域", w.num("culture.related"), "家"]
    if len(majors) >= 3:
        parts += ["；居前三位的大类为"]
        for number, figure in enumerate(majors[:3]):
            parts += ["、" if number else "", str(figure.group), "（", w.num(figure.id), "家）"]
        parts += ["，合计占", w.num("culture.top3.share"), "%"]
    parts += ["。其中部分计入类（*类）", w.num("culture.partial"), "家，新业态", w.num("culture.new_form"), "家。"]
    w.add("paragraph", *parts)
    w.add("heading2", "（三）园区")
    tenants = w.largest("park.tenants.")
    if tenants:
        parts = ["名录和台账载有园区的", unit, "分布在"]
        for number, figure in enumerate(tenants[:8]):
            culture = f"culture.park.{figure.group}"
            parts += ["、" if number else "", str(figure.group), "（", w.num(figure.id), "家"]
            parts += ["，其中文化", w.num(culture), "家）"] if culture in w.figures else ["）"]
        w.add("paragraph", *parts, "。", Slot("parks", SLOTS["parks"]))
    else:
        w.add("paragraph", Slot("parks", SLOTS["parks"]))
    w.add("heading2", "（四）经济指标")
    w.add("paragraph", Slot("economy", SLOTS["economy"]))


def _problems(w: Writer, shut: set[str], unit: str) -> None:
    w.add("heading1", "三、存在的困难问题")
    parts: list[Part] = ["一是底数不够实。", w.num("culture.pending"), "家行业归属待核定，", w.num("quality.no_status.share"), "%未载登记状态，"]
    parts += [w.num("quality.no_industry.share"), "%缺行业代码，部门名录尚未比对一致。"]
    w.add("paragraph", *parts)
    majors = w.majors()
    if len(majors) >= 2:
        top, low = majors[0], majors[-1]
        parts = ["二是行业分布不均衡。按数量计，", str(top.group), "占", w.num(f"culture.major.share.{top.group}"), "%，"]
        fewest = [m for m in majors if m.value == low.value]  # classes that tie are all named
        for number, figure in enumerate(fewest):
            parts += ["、" if number else "", str(figure.group), "仅" if not number else "", w.num(figure.id), "家"]
        parts.append("。")
        w.add("paragraph", *parts, Slot("imbalance", SLOTS["imbalance"]))
    for order, slot in (("三是", "planning"), ("四是", "talent"), ("五是", "rights"), ("六是", "finance")):
        w.add("paragraph", order, Slot(slot, SLOTS[slot]))


def _next(w: Writer, date_text: str) -> None:
    w.add("heading1", "四、下一步打算")
    parts: list[Part] = []
    if w.value("culture.pending"):
        parts = ["抓紧完成", w.num("culture.pending"), "家待核定单位的行业核定", Slot("deadline", SLOTS["deadline"]), "。"]
    w.add("paragraph", *parts, Slot("next", SLOTS["next"]))
