"""A report's blocks as the three documents and the workbook of annexes; its lineage as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from wenmai.base.documents import OfficialDocument, Run, SheetSpec, write_workbook
from wenmai.office.figures.typed import Figure
from wenmai.rooms.briefing.methods.blocks import Block, Num, Report, Slot

Fill = Callable[[Slot], tuple[str | None, bool]]


def number_of(report: Report) -> dict[str, int]:
    """The running number of each figure in the 核数稿."""
    return {figure: number for number, figure in enumerate(report.figure_ids(), start=1)}


def filled(report: Report, passages: dict[str, tuple[str, bool]]) -> Report:
    """Put the authors' passages into their slots; an omitted slot goes, and its paragraph when nothing else is left."""
    blocks = []
    for block in report.blocks:
        parts: list[Any] = []
        had_slot = False
        for part in block.parts:
            if isinstance(part, Slot) and part.id in passages:
                had_slot = True
                text, omitted = passages[part.id]
                if not omitted:
                    parts.append(text)
            else:
                parts.append(part)
        rest = [p for p in parts if not (isinstance(p, str) and (not p.strip() or p in ("三是", "四是", "五是", "六是")))]
        if had_slot and not rest:
            continue
        blocks.append(Block(block.kind, tuple(parts), block.columns, block.rows, block.figures, block.annex, block.title))
    return Report(report.title, _renumber(_without_empty_heads(blocks)))


def _without_empty_heads(blocks: list[Block]) -> list[Block]:
    """A heading whose whole content was left out goes too."""
    kept = []
    for at, block in enumerate(blocks):
        following = blocks[at + 1].kind if at + 1 < len(blocks) else "end"
        if block.kind == "heading2" and following != "paragraph":
            continue
        if block.kind == "heading1" and following in ("heading1", "end", "table"):
            continue
        kept.append(block)
    return kept


_ORDER = ("一是", "二是", "三是", "四是", "五是", "六是", "七是")


def _renumber(blocks: list[Block]) -> list[Block]:
    """一是、二是… run without a gap after something was left out."""
    out, number = [], 0
    for block in blocks:
        first = block.parts[0] if block.parts else None
        if isinstance(first, str) and first[:2] in _ORDER:
            block = Block(block.kind, (_ORDER[number] + first[2:], *block.parts[1:]), block.columns, block.rows, block.figures)
            number += 1
        out.append(block)
    return out


def _runs(block: Block, numbers: dict[str, int]) -> list[Run]:
    runs = []
    for part in block.parts:
        if isinstance(part, Num):
            runs.append(Run(part.printed, figure_id=str(numbers[part.figure])))
        elif isinstance(part, Slot):
            runs.append(Run(part.prompt, placeholder=True))
        else:
            runs.append(Run(part))
    return runs


def write_docx(path: Path, report: Report, figures: dict[str, Figure], facts: dict[str, Any], check: bool) -> None:
    """The document; with `check` (核数稿) figures are marked and the list of evidence, tables and a chart follow."""
    numbers = number_of(report)
    byline = next((b for b in report.blocks if b.kind == "byline"), None)
    subtitle = "".join(r.text if not r.placeholder else f"【{r.text}】" for r in _runs(byline, numbers)) if byline else None
    label = "（核数稿）" if check else ""
    document = OfficialDocument(report.title + label, subtitle, mark_figures=check)
    for block in report.blocks:
        if block.kind == "heading1":
            document.heading1("".join(r.text for r in _runs(block, numbers)))
        elif block.kind == "heading2":
            document.heading2("".join(r.text for r in _runs(block, numbers)))
        elif block.kind == "paragraph":
            document.paragraph(_runs(block, numbers))
    document.paragraph("附件：1.数据来源与口径说明")
    document.paragraph("　　　2.分类表")
    document.annex_break("附件1", "数据来源与口径说明")
    _sources(document, figures, facts, check)
    document.annex_break("附件2", "分类表")
    for block in report.blocks:
        if block.kind == "table":
            document.table(block.columns, block.rows, caption=block.title)
    if check:
        majors = sorted((f for f in figures.values() if f.id.startswith("culture.major.") and f.kind == "count"), key=lambda f: (-(f.value or 0), f.id))
        if majors:
            document.bar_chart(f"{majors[0].group}的文化企业最多", [m.group or "" for m in majors], [m.value for m in majors], "家")
        document.annex_break("附件3", "核数表")
        _evidence(document, report, figures)
    document.save(path)


def _sources(document: OfficialDocument, figures: dict[str, Figure], facts: dict[str, Any], check: bool) -> None:
    document.paragraph(f"1.来源：{facts.get('provider')}；{facts.get('vintage')}；文件：{'、'.join(facts.get('files', []))}。")
    document.paragraph("2.口径：《文化及相关产业分类（2018）》；全部计入类按小类计入，部分计入类（*类）按经营范围核对其计入部分，18 个*类的计入范围待统计部门确认。")
    document.paragraph("3.单位：企业法人，不含分支机构、个体工商户；按登记地。不汇总注册资本，不由注册资本推断规模。")
    interval = figures.get("culture.interval")
    if check and interval is not None and interval.low is not None:
        document.paragraph(
            f"4.识别误差：按文本识别的概率估计，文化企业数为 {interval.value:.0f} 家，"
            f"{interval.extra.get('level', 0.9):.0%} 区间 {interval.low:.0f}—{interval.high:.0f} 家（含待核定单位）。"
        )
    rows = [[g["title"], g["measured"], "可写" if g["open"] else f"不写{g['blocks']}"] for g in facts.get("gate", [])]
    if rows:
        document.table(["覆盖检查", "实测", "结论"], rows, widths_mm=[26, 76, 54])


def _evidence(document: OfficialDocument, report: Report, figures: dict[str, Figure]) -> None:
    rows = []
    for figure_id, number in number_of(report).items():
        f = figures[figure_id]
        interval = f"{f.low:.0f}—{f.high:.0f}" if f.low is not None and f.high is not None else "—"
        scope = f.scope.replace("文化及相关产业分类（2018）·登记口径", "文化2018")
        rows.append([str(number), f.title, f"{f.text()}{f.unit}", f.lane, scope, interval, f.definition, ""])
    document.paragraph("“文化2018”指《文化及相关产业分类（2018）》、登记口径；数据来源类均按行政记录、统计部门数据、本办监测口径三类标注。")
    document.table(
        ["序号", "数字", "数值", "来源类", "口径", "区间", "依据", "确认"], rows,
        widths_mm=[11, 36, 17, 19, 20, 12, 29, 12],
    )  # fmt: skip


def write_annex(path: Path, report: Report, figures: dict[str, Figure], facts: dict[str, Any]) -> None:
    """附表: every figure of the report and each table, as a workbook."""
    note = f"{facts.get('provider')}；{facts.get('vintage')}；登记口径，与统计部门法人单位、规模以上口径不可比、不可相加"
    numbers = number_of(report)
    sheets = [
        SheetSpec(
            "数字", "情况汇报所用数字", ["序号", "编号", "名称", "数值", "单位", "统计单位", "口径", "时期", "数据截至", "提供单位", "公开属性", "定义"],
            [[n, i, f.title, f.value, f.unit, f.unit_type, f.scope, f.period, f.vintage, f.provider, f.publishable, f.definition]
             for i, n in numbers.items() for f in [figures[i]]],
            note,
        )
    ]  # fmt: skip
    for block in report.blocks:
        if block.kind == "table":
            rows = [[r[0], *[_number(c) for c in r[1:]]] for r in block.rows]
            sheets.append(SheetSpec(block.title[:28], block.title, list(block.columns), rows, note))
    write_workbook(path, sheets)


def _number(text: str) -> Any:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return text


def lineage(report: Report, figures: dict[str, Figure], facts: dict[str, Any], about: dict[str, Any]) -> str:
    """JSON: the snapshot, every figure with its qualifiers and parts, and every sentence with the figures it prints."""
    numbers = number_of(report)
    needed = dict.fromkeys(numbers)
    for figure_id in list(needed):
        f = figures[figure_id]
        parts = [i for i in (f.numerator, f.denominator) if i]
        needed.update(dict.fromkeys(parts))
        needed.update(dict.fromkeys(i for p in (figure_id, *parts) for i in figures[p].extra.get("parts", [])))
    sentences = []
    for block in report.blocks:
        printed = [{"figure": p.figure, "printed": p.printed} for p in block.parts if isinstance(p, Num)]
        if printed:
            text = "".join(p if isinstance(p, str) else p.printed if isinstance(p, Num) else f"【{p.prompt}】" for p in block.parts)
            sentences.append({"text": text, "figures": printed})
    tables = [{"title": b.title, "columns": b.columns, "rows": b.rows, "figures": b.figures} for b in report.blocks if b.kind == "table"]
    body = {
        **about,
        "facts": facts,
        "figures": {i: {**figures[i].as_dict(), "printed": figures[i].text(), "number": numbers.get(i)} for i in needed},
        # An estimate with its model and seed; it is no count and cannot be recomputed from listed rows.
        "interval": figures["culture.interval"].as_dict() if "culture.interval" in figures else None,
        "sentences": sentences,
        "tables": tables,
    }
    return json.dumps(body, ensure_ascii=False, indent=1, default=str)
