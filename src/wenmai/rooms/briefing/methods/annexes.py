"""The annexes of a 情况汇报: sources and scope, tables by class and street, what waits for review or for its owner, 核数表."""

from __future__ import annotations

from typing import Any

from wenmai.office.figures.methods.checker import Finding
from wenmai.rooms.briefing.methods.blocks import Block, Cell, Part, Quote, Report, Writer
from wenmai.rooms.briefing.methods.skeleton import OWNERS

TABLES = ("数据来源与口径说明", "分类表", "待核定及需协调数据清单", "核数表")
_SHORT_SCOPE = ("文化及相关产业分类（2018）·登记口径", "文化2018登记")


def with_annexes(report: Report, w: Writer, facts: dict[str, Any], given: dict[str, bool], confirmed: dict[str, str] | None) -> Report:
    """The report and its annexes. `given`: slot → left out, for those settled; `confirmed` (核数稿): who confirmed a figure."""
    check = confirmed is not None
    w.blocks = list(report.blocks)
    titles = TABLES if check else TABLES[:-1]
    for number, title in enumerate(titles, start=1):
        w.add("paragraph", f"{'附件：' if number == 1 else '　　　'}{number}.{title}")
    w.annex("附件1", TABLES[0])
    _sources(w, facts, check)
    w.annex("附件2", TABLES[1])
    _tables(w, facts, check)
    w.annex("附件3", TABLES[2])
    _open_matters(w, given)
    result = Report(report.title, w.blocks)
    if confirmed is not None:
        w.annex("附件4", TABLES[3])
        _evidence(w, result, confirmed)
        result = Report(report.title, w.blocks)
    return result


def with_findings(report: Report, findings: list[Finding]) -> Report:
    """核数稿: what the checker found stands behind the list of figures; 【未挂数字】 among it."""
    if not findings:
        return report
    rows: list[tuple[Cell, ...]] = []
    for number, finding in enumerate(findings, start=1):
        kind = "错误" if finding.severity == "error" else "提示"
        rows.append(((str(number),), (kind,), (finding.message_zh,)))
    table = Block("table", (), ("序号", "类别", "内容"), tuple(rows), "核对提示（含未挂数字）", (12, 18, 126))
    return Report(report.title, [*report.blocks, table])


def _sources(w: Writer, facts: dict[str, Any], check: bool) -> None:
    files: list[Part] = []
    for number, _ in enumerate(facts.get("files", [])):
        files += ["、" if number else "", Quote(f"files.{number}", facts["files"][number])]
    w.add("paragraph", "1.来源：", Quote("provider", facts["provider"]), "；", Quote("vintage", facts["vintage"]), "；文件：", *files, "。")
    w.add("paragraph", "2.口径：《文化及相关产业分类（2018）》；全部计入类按小类计入，部分计入类（*类）按经营范围核对其计入部分，各*类的计入范围待统计部门确认。")
    known = all(g["open"] for g in facts.get("gate", []) if g["id"] == "unit")
    units = "企业法人，不含分支机构、个体工商户" if known else "登记主体（单位类型不全），未能与分支机构、个体工商户完全分开"
    w.add("paragraph", f"3.单位：{units}；按登记地。不汇总注册资本，不由注册资本推断规模。")
    interval = w.figures.get("culture.interval")
    if check and interval is not None:
        if interval.low is None:
            w.add("paragraph", "4.识别误差：", Quote("culture.interval/definition", interval.definition), "。")
        else:
            level = Quote("culture.interval/level", f"{interval.extra['level']:.0%}")
            bounds: list[Part] = [w.bound("culture.interval", "low"), "—", w.bound("culture.interval", "high"), "家（含待核定单位）。"]
            w.add("paragraph", "4.识别误差：按文本识别的概率估计，文化企业数为", w.num("culture.interval"), "家，", level, "区间", *bounds)
    rows: list[list[Cell]] = []
    for g in facts.get("gate", []):
        said: Cell = ("可写",) if g["open"] else ("不写", Quote(f"gate.{g['id']}.blocks", g["blocks"]))
        rows.append([(Quote(f"gate.{g['id']}.title", g["title"]),), (Quote(f"gate.{g['id']}.measured", g["measured"]),), said])
    if rows:
        w.table("名录覆盖情况", ("覆盖检查", "实测", "结论"), rows, (26, 76, 54))


def _tables(w: Writer, facts: dict[str, Any], check: bool) -> None:
    shut = {g["id"] for g in facts.get("gate", []) if not g["open"]}
    majors = w.majors()
    share = [(m.group or "", [m.id, f"culture.major.share.{m.group}"]) for m in majors]
    w.count_table("文化企业分大类（按数量）", ("大类", "家数（家）", "占比（%）"), [*share, ("合计", ["culture.identified"])])
    rest = w.figures.get("culture.small_rest")
    parts = set(rest.extra["parts"]) if rest else set()
    small = [(f.group or "", [f.id]) for f in w.largest("culture.small.") if f.id not in parts]
    others = [("其余小类", ["culture.small_rest"])] if rest else []
    w.count_table("文化企业分小类（按数量）", ("小类", "家数（家）"), [*small, *others, ("合计", ["culture.identified"])])
    streets = w.largest("culture.street.")
    if "street" not in shut and streets:
        w.count_table(
            "文化企业分街道（登记地）", ("街道（镇）", "家数（家）"), [*[(s.group or "", [s.id]) for s in streets], ("合计", ["culture.identified"])]
        )
    if check and majors:
        cells: list[tuple[Cell, ...]] = [((m.group or "",), (w.num(m.id),)) for m in majors]
        w.blocks.append(Block("chart", (f"{majors[0].group}的文化企业最多",), ("大类", "家数（家）"), tuple(cells), "家"))


def _open_matters(w: Writer, given: dict[str, bool]) -> None:
    w.add("paragraph", "1.待核定单位：", w.num("culture.pending"), "家，名单见附表“待核定名单”，核定后计入或剔除。")
    quality = [("缺有效统一社会信用代码", "no_code"), ("缺行业代码", "no_industry"), ("缺登记日期", "no_date"), ("未载登记状态", "no_status"), ("单位类型不明", "no_unit")]
    parts: list[Part] = ["2.名录待补："]
    lacking = [(name, code) for name, code in quality if w.value(f"quality.{code}")]
    for number, (name, code) in enumerate(lacking):
        parts += ["、" if number else "", name, w.num(f"quality.{code}"), "家"]
    w.add("paragraph", *(parts if lacking else ["2.名录待补：各项要素齐全"]), "。")
    w.add("paragraph", "3.需协调数据：见下表。")
    rows: list[list[Cell]] = []
    for number, (slot, (what, owner)) in enumerate(OWNERS.items(), start=1):
        state = "待提供" if slot not in given else "本次不写" if given[slot] else "已由作者填写"
        rows.append([(str(number),), (what,), (owner,), (state,)])
    w.table("需协调数据", ("序号", "数据", "提供单位", "现状"), rows, (12, 68, 48, 28))


def _evidence(w: Writer, report: Report, confirmed: dict[str, str]) -> None:
    rows: list[list[Cell]] = []
    for number, figure_id in enumerate(report.figure_ids(), start=1):
        f = w.figures[figure_id]
        value: Cell = (w.num(figure_id), f.unit)
        if f.low is not None:
            value = (*value, "（", w.bound(figure_id, "low"), "—", w.bound(figure_id, "high"), f.unit, "）")
        scope = Quote(f"{figure_id}/short_scope", f.scope.replace(*_SHORT_SCOPE))
        rows.append([
            (str(number),), (Quote(f"{figure_id}/title", f.title),), value, (Quote(f"{figure_id}/lane", f.lane),), (scope,),
            (Quote(f"{figure_id}/definition", f.definition),), (confirmed.get(figure_id, "未确认"),),
        ])  # fmt: skip
    w.add("paragraph", "“文化2018登记”指《文化及相关产业分类（2018）》登记口径。有估计区间的，区间在数值后。确认一栏为确认人、日期、环节；数值或快照变化后须重新确认。")
    w.table("", ("序号", "数字", "数值及区间", "来源类", "口径", "依据", "确认"), rows, (10, 34, 20, 19, 27, 28, 18))


def known_fact(source: str, w_figures: dict[str, Any], facts: dict[str, Any]) -> str | None:
    """What a quote has to repeat: `figure/attribute`, or a fact by its path; None when it is not known."""
    if "/" in source:
        figure_id, attribute = source.rsplit("/", 1)
        figure = w_figures.get(figure_id)
        if figure is None:
            return None
        if attribute == "short_scope":
            return str(figure.scope).replace(*_SHORT_SCOPE)
        return f"{figure.extra['level']:.0%}" if attribute == "level" else str(getattr(figure, attribute))
    name, *path = source.split(".")
    if name == "gate":
        found = next((g for g in facts.get("gate", []) if g["id"] == path[0]), None)
        return None if found is None else str(found[path[1]])
    if name == "files":
        files = facts.get("files", [])
        return files[int(path[0])] if int(path[0]) < len(files) else None
    return facts.get(name)
