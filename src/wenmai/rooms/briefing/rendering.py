"""A report's blocks as the documents and the workbook of annexes; its lineage as JSON."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

from wenmai.base.documents import OfficialDocument, Run, SheetSpec, write_workbook
from wenmai.office.figures.typed import Figure
from wenmai.rooms.briefing.methods.blocks import Authored, Block, Num, Part, Report, Slot, plain, plain_part
from wenmai.rooms.briefing.models import Kind

_ORDER = ("一是", "二是", "三是", "四是", "五是", "六是", "七是")


def number_of(report: Report) -> dict[str, int]:
    """The running number of each figure in the 核数稿."""
    return {figure: number for number, figure in enumerate(report.figure_ids(), start=1)}


def filled(report: Report, passages: dict[str, tuple[str, bool]]) -> Report:
    """Put the authors' passages into their slots; an omitted slot goes, and its paragraph when nothing else is left."""
    blocks = []
    for block in report.blocks:
        parts: list[Part] = []
        had_slot = False
        for part in block.parts:
            if isinstance(part, Slot) and part.id in passages:
                had_slot = True
                text, omitted = passages[part.id]
                if not omitted:
                    parts.append(Authored(part.id, text))
            else:
                parts.append(part)
        rest = [p for p in parts if not (isinstance(p, str) and (not p.strip() or p in _ORDER))]
        if had_slot and not rest:
            continue
        blocks.append(Block(block.kind, tuple(_once_stopped(parts)), block.columns, block.rows, block.title, block.widths))
    return Report(report.title, _renumber(_without_empty_heads(blocks)))


def _once_stopped(parts: list[Part]) -> list[Part]:
    """An author's text that ends in a full stop before the wording's own gets one of them."""
    out: list[Part] = []
    for part in parts:
        if out and isinstance(out[-1], Authored) and isinstance(part, str) and part.startswith("。"):
            out[-1] = Authored(out[-1].slot, out[-1].text.rstrip("。；"))
        out.append(part)
    return out


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


def _renumber(blocks: list[Block]) -> list[Block]:
    """一、二、… and 一是、二是… run without a gap after something was left out."""
    out, number, head = [], 0, 0
    for block in blocks:
        first = block.parts[0] if block.parts else None
        if block.kind == "heading1" and isinstance(first, str) and first[1:2] == "、":
            block = Block(block.kind, (_ORDER[head][0] + first[1:], *block.parts[1:]), block.columns, block.rows)
            head += 1
        if isinstance(first, str) and first[:2] in _ORDER:
            block = Block(block.kind, (_ORDER[number] + first[2:], *block.parts[1:]), block.columns, block.rows)
            number += 1
        out.append(block)
    return out


def _runs(parts: tuple[Part, ...], numbers: dict[str, int]) -> list[Run]:
    runs = []
    for part in parts:
        if isinstance(part, Num):
            runs.append(Run(part.printed, figure_id=str(numbers[part.figure])))
        elif isinstance(part, Slot):
            runs.append(Run(part.prompt, placeholder=True))
        else:
            runs.append(Run(plain_part(part)))
    return runs


def write_docx(path: Path, report: Report, kind: str) -> None:
    """The document; in the 核数稿 each figure carries its number, and the list of evidence and a chart belong to it."""
    numbers = number_of(report)
    byline = next((b for b in report.blocks if b.kind == "byline"), None)
    label = "" if kind == Kind.CLEAN else f"（{kind}）"
    document = OfficialDocument(report.title + label, plain(byline.parts) if byline else None, mark_figures=kind == Kind.CHECK)
    for block in report.blocks:
        if block.kind == "heading1":
            document.heading1(plain(block.parts))
        elif block.kind == "heading2":
            document.heading2(plain(block.parts))
        elif block.kind == "paragraph":
            if plain(block.parts).startswith(("附件：", "　　　")):
                document.keep_with_next()  # the list of annexes does not stand alone on a page
            document.paragraph(_runs(block.parts, numbers))
        elif block.kind == "annex":
            document.annex_break(block.title, plain(block.parts))
        elif block.kind == "table":
            document.table(block.columns, block.texts(), widths_mm=block.widths or None, caption=block.title or None)
        elif block.kind == "chart":
            texts = block.texts()
            document.bar_chart(plain(block.parts), [row[0] for row in texts], [float(row[1]) for row in texts], block.title)
    document.save(path)


def write_annex(path: Path, report: Report, figures: dict[str, Figure], facts: dict[str, Any], pending: Any) -> None:
    """附表: every figure of the report, each table of figures, and the units that wait for review, as a workbook."""
    note = f"{facts.get('provider')}；{facts.get('vintage')}；登记口径，与统计部门法人单位、规模以上口径不可比、不可相加"
    shown = [(n, figures[i]) for i, n in number_of(report).items()]
    columns: list[tuple[str, Any]] = [
        ("序号", lambda n, f: n), ("名称", lambda n, f: f.title), ("数值", lambda n, f: _number(f.text())), ("单位", lambda n, f: f.unit),
        ("统计单位", lambda n, f: f.unit_type), ("口径", lambda n, f: f.scope), ("来源类", lambda n, f: f.lane), ("时期", lambda n, f: f.period),
        ("数据截至", lambda n, f: f.vintage), ("提供单位", lambda n, f: f.provider), ("公开属性", lambda n, f: f.publishable),
        ("定义", lambda n, f: f.definition), ("编号", lambda n, f: f.id),
    ]  # fmt: skip
    # What all figures share is said once above the table: a sheet of thirteen columns cannot be read on paper.
    common = [name for name, of in columns if name in ("来源类", "时期", "数据截至", "提供单位", "公开属性") and len({of(n, f) for n, f in shown}) == 1]
    said = "；".join(f"{name}：{of(*shown[0])}" for name, of in columns if name in common) if shown else ""
    kept = [(name, of) for name, of in columns if name not in common]
    sheets = [SheetSpec("数字", "情况汇报所用数字", [name for name, _ in kept], [[of(n, f) for _, of in kept] for n, f in shown], f"{note}。{said}")]
    for block in report.blocks:
        if block.kind == "table" and block.title and any(i for row in block.figures() for i in row):
            rows = [[r[0], *[_number(c) for c in r[1:]]] for r in block.texts()]
            name = re.sub(r"[\[\]:*?/\\（）]", "", block.title)[:28]
            sheets.append(SheetSpec(name, block.title, list(block.columns), rows, note))
    if pending is not None and pending.num_rows:
        heads = {"key": "编号", "name": "名称", "small_code": "建议小类代码", "small_name": "建议小类", "probability": "文化概率", "street": "街道（镇）"}
        known = [c for c in heads if c in pending.column_names]
        rows = [[round(v, 3) if isinstance(v, float) else v for v in row.values()] for row in pending.select(known).to_pylist()]
        sheets.append(SheetSpec("待核定名单", f"待核定单位（{len(rows)} 家）", [heads[c] for c in known], rows, note + "；内部使用"))
    write_workbook(path, sheets)


def _number(text: str) -> Any:
    """A printed number as the number with its decimals; other text as it is."""
    return Decimal(text) if re.fullmatch(r"-?\d+(?:\.\d+)?", text) else text


def lineage(report: Report, figures: dict[str, Figure], facts: dict[str, Any], about: dict[str, Any]) -> str:
    """JSON: the snapshot, every figure with its qualifiers and parts, every line and table with the figures it prints."""
    numbers = number_of(report)
    needed = dict.fromkeys(numbers)
    for figure_id in list(needed):
        f = figures[figure_id]
        parts = [i for i in (f.numerator, f.denominator) if i]
        needed.update(dict.fromkeys(parts))
        needed.update(dict.fromkeys(i for p in (figure_id, *parts) for i in figures[p].extra.get("parts", [])))
    sentences = []
    for block in report.blocks:
        printed = [{"figure": p.figure, "printed": p.printed, "part": p.part} for p in block.parts if isinstance(p, Num)]
        if printed:
            sentences.append({"text": plain(block.parts), "figures": printed})
    tables = [
        {"kind": b.kind, "title": b.title, "columns": b.columns, "rows": b.texts(), "figures": _cells(b)}
        for b in report.blocks if b.kind in ("table", "chart")
    ]  # fmt: skip
    body = {
        **about,
        "facts": facts,
        "figures": {i: {**figures[i].as_dict(), "printed": figures[i].text(), "number": numbers.get(i)} for i in needed},
        "sentences": sentences,
        "tables": tables,
    }
    return json.dumps(body, ensure_ascii=False, indent=1, default=str)


def _cells(block: Block) -> list[list[list[dict[str, str]]]]:
    """For each cell the figures it prints."""
    return [
        [[{"figure": p.figure, "printed": p.printed, "part": p.part} for p in cell if isinstance(p, Num)] for cell in row] for row in block.rows
    ]
