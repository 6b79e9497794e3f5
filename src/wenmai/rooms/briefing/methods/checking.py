"""From a report's blocks to what the figure checker reads."""

from __future__ import annotations

from typing import Literal, cast

from wenmai.office.figures.methods.checker import CheckedFigure, CheckedReport, Finding, Relation, Sentence, check
from wenmai.office.figures.typed import Figure
from wenmai.rooms.briefing.methods.blocks import Num, Report

# Whole and parts whose parts are disjoint and complete; a split by class, street or year must add up exactly.
_PARTITIONS = {
    "culture.identified": (("culture.whole", "culture.partial"), ("culture.core", "culture.related"), ("culture.reviewed", "culture.system")),
    "units.total": (("units.excluded.gone", "units.excluded.outside", "units.excluded.branch", "units.excluded.nonfirm", "units.analysed"),),
}  # fmt: skip


def findings(report: Report, figures: dict[str, Figure]) -> list[Finding]:
    """Check every printed figure and every whole–part relation of a report."""
    checked = [_figure(f) for f in figures.values() if f.kind in ("count", "sum", "share", "amount")]
    relations = []
    for total, splits in _PARTITIONS.items():
        for parts in splits:
            relations.append(Relation(total_id=total, part_ids=[p for p in parts if p in figures], disjoint=True, name=figures[total].title))
    for prefix in ("culture.major.", "culture.street.", "culture.year.", "culture.small."):
        parts_of = [f for f in figures if f.startswith(prefix) and ".share" not in f]
        if parts_of:
            relations.append(Relation(total_id="culture.identified", part_ids=parts_of, disjoint=True, name=figures[parts_of[0]].title.split("：")[0]))
    sentences = []
    for block in report.blocks:
        numbers = [p for p in block.parts if isinstance(p, Num)]
        if numbers:
            text = "".join(p if isinstance(p, str) else p.printed if isinstance(p, Num) else "" for p in block.parts)
            sentences.append(Sentence(text=text, figure_ids=[n.figure for n in numbers], printed={n.figure: n.printed for n in numbers}))
    return check(CheckedReport(figures=checked, relations=relations, sentences=sentences))


def _figure(f: Figure) -> CheckedFigure:
    # The steps from 登记主体 to 企业 part the units by their very type, so type is compared from there on only.
    unit_type = None if f.id.startswith(("units.", "quality.")) else f.unit_type
    return CheckedFigure(
        id=f.id, value=f.value, unit=f.unit, lane=f.lane, scope=f.scope, period=f.period, vintage=f.vintage, unit_type=unit_type,
        decimals=f.decimals, kind=cast(Literal["count", "share", "amount"], "count" if f.kind == "sum" else f.kind), numerator_id=f.numerator, denominator_id=f.denominator,
    )  # fmt: skip
