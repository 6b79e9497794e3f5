"""From a report's blocks to what the figure checker reads."""

from __future__ import annotations

from typing import Any, Literal, cast

from wenmai.office.figures.methods.checker import CheckedFigure, CheckedReport, Finding, Grid, Relation, Span, check
from wenmai.office.figures.typed import Figure
from wenmai.rooms.briefing.methods.annexes import known_fact
from wenmai.rooms.briefing.methods.blocks import Authored, Num, Part, Quote, Report

_EXCLUDED = tuple(f"units.excluded.{code}" for code in ("gone", "moved", "outside", "branch", "nonfirm"))
# Whole and parts that are disjoint and complete: (total, parts, steps of a reconciliation, a sentence lists all parts).
_PARTITIONS = (
    ("culture.identified", ("culture.whole", "culture.partial"), False, False),
    ("culture.identified", ("culture.core", "culture.related"), False, True),
    ("culture.identified", ("culture.reviewed", "culture.system"), False, True),
    ("units.total", (*_EXCLUDED, "units.analysed"), True, True),
    ("rows.total", ("rows.rejected", "rows.repeat", "units.total"), True, True),
)  # fmt: skip
# What a text calls a figure, before its number and behind it.
_NAMES = {
    "rows.repeat": ("重复",), "rows.rejected": ("无法识别主体",), "units.total": ("登记主体",),
    "units.excluded.gone": ("注销吊销",), "units.excluded.moved": ("迁出",), "units.excluded.branch": ("分支机构",), "units.excluded.outside": ("区外",),
    "units.excluded.nonfirm": ("个体工商户等非企业",), "units.analysed": ("纳入分析企业", "纳入分析登记主体"),
    "culture.identified": ("文化企业", "文化登记主体", "文创企业", "文化创意企业"), "culture.interval": ("文化企业数",),
    "culture.reviewed": ("人工核定",), "culture.system": ("系统初判",),
    "culture.pending": ("待核定单位", "待核定企业"), "culture.core": ("核心领域", "核心领域企业"),
    "culture.core.share": ("核心领域",), "culture.related": ("相关领域", "相关领域企业"), "culture.whole": ("全部计入类",),
    "culture.partial": ("部分计入类（*类）", "部分计入类"), "culture.new_form": ("新业态", "文化新业态", "新业态企业"),
    "culture.top3.share": ("合计占",), "culture.small_rest": ("其余小类",), "quality.no_code": ("缺有效统一社会信用代码",),
    "quality.no_industry": ("缺行业代码",), "quality.no_date": ("缺登记日期",), "quality.no_status": ("未载登记状态",),
    "quality.no_unit": ("单位类型不明",),
}  # fmt: skip
_TRAILING = {
    "culture.pending": ("待核定", "行业归属待核定", "待核定单位"), "quality.no_status.share": ("未载登记状态",),
    "quality.no_industry.share": ("缺行业代码",),
}  # fmt: skip
_BANNED = {"status": ("现有", "共有", "在营"), "stock": ("全区",), "gap": ("新设", "总量变化")}


def findings(report: Report, figures: dict[str, Figure], facts: dict[str, Any]) -> list[Finding]:
    """Check every printed line, table and figure of a report and every whole–part relation behind it."""
    checked = [_figure(f) for f in figures.values() if f.kind in ("count", "sum", "share", "amount", "interval")]
    lines, grids = [], []
    for block in report.blocks:
        if block.kind in ("table", "chart"):
            rows = [[_spans(cell, figures, facts) for cell in row] for row in block.rows]
            grids.append(Grid(block.title or "核数表", block.columns, rows))
        if block.parts:
            lines.append(_spans(block.parts, figures, facts))
    banned = {
        word: g["message"] for g in facts.get("gate", []) if not g["open"] for word in _BANNED.get(g["id"], ())
    }  # fmt: skip
    return check(CheckedReport(figures=checked, relations=_relations(figures), lines=lines, grids=grids, banned=banned))


def _spans(parts: tuple[Part, ...], figures: dict[str, Figure], facts: dict[str, Any]) -> list[Span]:
    spans = []
    for part in parts:
        if isinstance(part, str):
            spans.append(Span(part))
        elif isinstance(part, Num):
            spans.append(Span(part.printed, figure_id=part.figure, part=cast(Literal["value", "low", "high"], part.part)))
        elif isinstance(part, Quote):
            about = part.source.rsplit("/", 1)[0] if "/" in part.source else None
            spans.append(Span(part.printed, quoted=True, expected=known_fact(part.source, figures, facts), about=about))
        elif isinstance(part, Authored):
            spans.append(Span(part.text, authored=True))
    return spans


def _relations(figures: dict[str, Figure]) -> list[Relation]:
    relations = []
    for total, parts, bridge, listed in _PARTITIONS:
        if total in figures:
            known = [p for p in parts if p in figures and figures[p].value is not None]
            relations.append(Relation(total, known, True, figures[total].title, bridge=bridge, listed=listed))
    for prefix in ("culture.major.", "culture.street.", "culture.year.", "culture.small."):
        split = [f.id for f in figures.values() if f.id.startswith(prefix) and f.kind == "count"]
        if split:
            relations.append(Relation("culture.identified", split, True, figures[split[0]].title.split("：")[0]))
    for figure in figures.values():
        if figure.kind == "sum":
            relations.append(Relation(figure.id, figure.extra["parts"], True, figure.title))
        if figure.id.startswith("culture.park.") and f"park.tenants.{figure.group}" in figures:
            relations.append(Relation(f"park.tenants.{figure.group}", [figure.id], True, f"{figure.group}企业", exhaustive=False, bridge=True))
    inside = [f for f in ("culture.identified", "culture.pending") if f in figures]
    if "units.analysed" in figures and inside:
        relations.append(Relation("units.analysed", inside, True, "纳入分析企业", exhaustive=False, bridge=True))
        for name in [f for f in figures if f.startswith("quality.") and figures[f].kind == "count"]:
            relations.append(Relation("units.analysed", [name], True, "纳入分析企业", exhaustive=False, bridge=True))
    return relations


def _figure(f: Figure) -> CheckedFigure:
    # The steps from 登记主体 to 企业 part the units by their very type, so type is compared from there on only.
    unit_type = None if f.id.startswith(("units.", "quality.")) else f.unit_type
    names = _NAMES.get(f.id, ())
    if f.group and not names:
        names = ("其中文化",) if f.id.startswith("culture.park.") else (f.group,)
    return CheckedFigure(
        id=f.id, value=f.value, unit=f.unit, lane=f.lane, scope=f.scope, period=f.period, vintage=f.vintage, unit_type=unit_type,
        decimals=f.decimals, kind=cast(Literal["count", "share", "amount"], "count" if f.kind in ("sum", "interval") else f.kind),
        numerator_id=f.numerator, denominator_id=f.denominator, lower=f.low, upper=f.high, names=names, trailing=_TRAILING.get(f.id, ()),
    )  # fmt: skip
