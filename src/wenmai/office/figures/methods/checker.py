"""核数: whether a report's figures agree with each other and with what its sentences print.

Pure: a `CheckedReport` in, findings out. Arithmetic is exact (Fraction); every comparison allows what
rounding to the printed decimals can cause and no more. Method page: docs/methods/checker.md.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from wenmai.office.figures.methods.checker_lines import check_lines
from wenmai.office.figures.methods.checker_text import check_sentence
from wenmai.office.figures.methods.checker_types import (
    POINT_UNITS,
    RATIO_UNITS,
    CheckedFigure,
    CheckedReport,
    Finding,
    Findings,
    Grid,
    Relation,
    Sentence,
    Severity,
    Span,
    dimension,
    error,
    exact,
    half,
    is_exact_count,
    rounded,
    slack,
)

__all__ = ["CheckedFigure", "CheckedReport", "Finding", "Grid", "Relation", "Sentence", "Span", "check"]

Interval = tuple[Fraction, Fraction]


def check(report: CheckedReport) -> list[Finding]:
    """All findings, in the order of figures, relations, sentences, lines, tables; empty when nothing is wrong."""
    found: list[Finding] = []
    figures: dict[str, CheckedFigure] = {}
    for figure in report.figures:
        if figure.value is not None and not math.isfinite(figure.value):
            found.append(error("not_finite", (figure.id,), "数值不是有限数"))
            figure = replace(figure, value=None)
        figures[figure.id] = figure
    if len(figures) != len(report.figures):
        ids = [figure.id for figure in report.figures]
        repeated = tuple(sorted({each for each in ids if ids.count(each) > 1}))
        found.append(error("duplicate_figure", repeated, "数字编号重复"))
    for figure in figures.values():
        found += _alone(figure)
        found += _derived(figure, figures)
    for relation in report.relations:
        found += _relation(relation, figures, report.relations)
    for sentence in report.sentences:
        found += check_sentence(sentence, figures)
    found += check_lines(report, figures)
    return found


# ------------------------------------------------------------------ one figure


def _alone(figure: CheckedFigure) -> Findings:
    ids = (figure.id,)
    yield from _unit_of_kind(figure)
    if figure.value is None:
        return
    value = exact(figure.value)
    if figure.kind == "count":
        if value < 0:
            yield error("negative_count", ids, f"数量为负：{figure.value}{figure.unit}")
        if is_exact_count(figure) and value.denominator != 1:
            yield error("fractional_count", ids, f"数量不是整数：{figure.value}{figure.unit}")
    if figure.kind == "share" and not 0 <= value <= RATIO_UNITS.get(figure.unit, 100):
        yield error("share_range", ids, f"占比超出0至100%：{figure.value}{figure.unit}")
    low = None if figure.lower is None else exact(figure.lower)
    high = None if figure.upper is None else exact(figure.upper)
    if (low is not None and value < low) or (high is not None and value > high):
        yield error("interval", ids, f"区间［{figure.lower}，{figure.upper}］不含数值{figure.value}")


def _unit_of_kind(figure: CheckedFigure) -> Findings:
    points, ratio = figure.unit in POINT_UNITS, figure.unit in RATIO_UNITS
    ids = (figure.id,)
    if figure.kind in ("share", "growth") and not ratio:
        rule = "percent_point" if points else "unit_kind"
        yield error(rule, ids, f"占比、增速的单位应为%，现为“{figure.unit}”")
    elif figure.kind == "point_difference" and not points:
        rule = "percent_point" if ratio else "unit_kind"
        yield error(rule, ids, f"占比、增速之差的单位应为个百分点，现为“{figure.unit}”")
    elif figure.kind in ("count", "amount"):
        counts = dimension(figure.unit)[1] in ("家", "户")
        money = figure.unit.endswith("元")
        if points or ratio or (figure.kind == "count" and money) or (figure.kind == "amount" and counts):
            yield error("unit_kind", ids, f"单位“{figure.unit}”与指标类型不符")


def _derived(figure: CheckedFigure, figures: dict[str, CheckedFigure]) -> Findings:
    """A share, growth or difference against the two figures it is computed from."""
    if figure.kind == "share":
        pair_ids = (figure.numerator_id, figure.denominator_id)
    else:
        pair_ids = (figure.current_id, figure.base_id)
    first_id, second_id = pair_ids
    if first_id is None or second_id is None:
        if first_id or second_id:
            yield error("missing_operand", (figure.id,), "只写明了一个计算依据，另一个缺失")
        return
    missing = tuple(each for each in (first_id, second_id) if each not in figures)
    if missing:
        yield error("unknown_figure", (figure.id, *missing), "计算依据不在本报告的数字中")
        return
    first, second = figures[first_id], figures[second_id]
    if figure.kind == "share":
        yield from _mixed(
            "占比", figure.id, (first, second), ("lane", "scope", "period", "vintage", "unit_type")
        )
        yield from _mixed("占比及其分子", figure.id, (figure, first), ("lane", "scope", "period", "vintage"))
        yield from _quotient(figure, first, second, growth=False)
    elif figure.kind == "growth":
        yield from _mixed("增速", figure.id, (first, second), ("lane", "scope", "unit_type"))
        yield from _mixed("增速", figure.id, (first, second), ("vintage",), "warning")
        yield from _mixed("增速及其报告期", figure.id, (figure, first), ("lane", "scope", "period"))
        yield from _same_period(figure, first, second)
        if first.unit in RATIO_UNITS or second.unit in RATIO_UNITS:
            ids = (figure.id, first.id, second.id)
            yield error("percent_point", ids, "占比或增速的变化应以个百分点表示，不应再算增速")
        yield from _quotient(figure, first, second, growth=True)
    elif figure.kind == "point_difference":
        yield from _mixed("百分点差", figure.id, (first, second), ("lane", "unit_type"))
        yield from _mixed("百分点差", figure.id, (first, second), ("vintage",), "warning")
        # "高于全市" compares two scopes at one time, "比上年" two times in one scope; both at once is a mix.
        if _differ(first.scope, second.scope) and _differ(first.period, second.period):
            ids = (figure.id, first.id, second.id)
            yield error("mixed_scope", ids, "百分点差的两个数口径和时期都不同，不可直接相减")
        elif not _differ(first.scope, second.scope):
            yield from _same_period(figure, first, second)
        yield from _difference(figure, first, second)


def _same_period(figure: CheckedFigure, current: CheckedFigure, base: CheckedFigure) -> Findings:
    if current.period is not None and current.period == base.period:
        ids = (figure.id, current.id, base.id)
        yield error("same_period", ids, f"本期与基期同为“{base.period}”，不能算变化")


def _quotient(figure: CheckedFigure, top: CheckedFigure, bottom: CheckedFigure, *, growth: bool) -> Findings:
    ids = (figure.id, top.id, bottom.id)
    (top_scale, top_base), (bottom_scale, bottom_base) = dimension(top.unit), dimension(bottom.unit)
    if top_base != bottom_base:
        yield error("unit_mismatch", ids, f"相比的两个数单位不同：{top.unit}、{bottom.unit}")
        return
    if figure.value is None or top.value is None or bottom.value is None:
        return
    if exact(bottom.value) == 0 or (growth and exact(bottom.value) < 0):
        yield error("zero_base", ids, "基数为零或负数，不能计算增速或占比")
        return
    (top_low, top_high), (low, high) = _range(top, top_scale), _range(bottom, bottom_scale)
    if low <= 0:
        return  # the base's rounding reaches zero: any quotient is possible
    corners = [top_low / low, top_low / high, top_high / low, top_high / high]
    scale = RATIO_UNITS.get(figure.unit, 100)
    if growth:
        corners = [(_root(corner, figure.years) - 1) * scale for corner in corners]
    else:
        corners = [corner * scale for corner in corners]
    if not _agrees(figure, (min(corners), max(corners))):
        what, rule = ("增速", "growth_arithmetic") if growth else ("占比", "share_arithmetic")
        computed = f"{float((min(corners) + max(corners)) / 2):.{figure.decimals + 1}f}{figure.unit}"
        yield error(rule, ids, f"{what}写作{figure.value}{figure.unit}，按所引数字计算为{computed}")


def _difference(figure: CheckedFigure, current: CheckedFigure, base: CheckedFigure) -> Findings:
    ids = (figure.id, current.id, base.id)
    if not {current.unit, base.unit} <= set(RATIO_UNITS) or current.unit != base.unit:
        yield error("percent_point", ids, "个百分点只能是两个百分数之差")
        return
    if figure.value is None or current.value is None or base.value is None:
        return
    (low, high), (base_low, base_high) = _range(current, Fraction(1)), _range(base, Fraction(1))
    # The difference of the two printed numbers is what a reader computes, so it is accepted without widening.
    if not _agrees(figure, (low - base_high, high - base_low)):
        computed = float(exact(current.value) - exact(base.value))
        yield error(
            "difference_arithmetic",
            ids,
            f"写作{figure.value}个百分点，两数之差为{computed:.{figure.decimals}f}",
        )


# ------------------------------------------------------------------- relations


def _relation(
    relation: Relation, figures: dict[str, CheckedFigure], relations: Sequence[Relation]
) -> Findings:
    ids = (relation.total_id, *relation.part_ids)
    missing = tuple(each for each in ids if each not in figures)
    if missing:
        yield error("unknown_figure", missing, f"“{relation.name}”引用了不在本报告中的数字")
        return
    total, parts = figures[relation.total_id], [figures[each] for each in relation.part_ids]
    members = (total, *parts)
    frame = ("lane", "period", "vintage") if relation.bridge else ("lane", "scope", "period", "vintage", "unit_type")
    yield from _mixed(f"“{relation.name}”", None, members, frame)
    if any(figure.kind in ("growth", "point_difference") for figure in members):
        yield error("not_additive", ids, f"“{relation.name}”把增速或百分点差相加")
        return
    if not relation.bridge and len({dimension(figure.unit)[1] for figure in members}) > 1:
        units = "、".join(sorted({figure.unit for figure in members}))
        yield error("unit_mismatch", ids, f"“{relation.name}”内单位不同：{units}")
        return
    nested = _nested(relation, relations)
    if nested and relation.disjoint:
        yield error("overlap_added", nested, f"“{relation.name}”把相互包含的数并列相加")
    if not any(figure.value is None for figure in members):
        yield from _sum(relation, total, parts)


def _sum(relation: Relation, total: CheckedFigure, parts: Sequence[CheckedFigure]) -> Findings:
    ids = (total.id, *(part.id for part in parts))
    scaled = [exact(part.value or 0) * dimension(part.unit)[0] for part in parts]
    whole = exact(total.value or 0) * dimension(total.unit)[0]
    tolerance = _sum_tolerance(total, parts)
    gap = sum(scaled, Fraction(0)) - whole
    if whole >= 0 and all(each >= 0 for each in scaled):
        for part, each in zip(parts, scaled, strict=True):
            if each > whole + half(part) + half(total) + slack(whole):
                yield error("part_exceeds_total", (total.id, part.id), f"“{relation.name}”中分项大于合计")
    text = f"“{relation.name}”分项之和与合计相差{float(abs(gap) / dimension(total.unit)[0]):g}{total.unit}"
    if relation.disjoint:
        if gap > tolerance or (relation.exhaustive and gap < -tolerance):
            yield error("parts_total", ids, f"{text}，超出四舍五入的容许范围")
    elif len(parts) > 1 and abs(gap) <= tolerance:
        yield error("overlap_added", ids, f"“{relation.name}”的分项相互重叠，合计却等于分项之和")
    elif relation.exhaustive and gap < -tolerance:
        yield error("parts_total", ids, f"{text}；重叠的分项之和不应小于合计")


def _sum_tolerance(total: CheckedFigure, parts: Sequence[CheckedFigure]) -> Fraction:
    """n × 0.5 of the parts' last printed digit, and the total's own half digit when that is coarser."""
    tolerance = sum((half(part) for part in parts), Fraction(0))
    finest = min((half(part) for part in parts), default=Fraction(0))
    if half(total) > finest:
        tolerance += half(total)
    return tolerance + slack(exact(total.value or 0) * dimension(total.unit)[0])


def _nested(relation: Relation, relations: Sequence[Relation]) -> tuple[str, ...]:
    """Parts named twice, the total among its parts, parts that other relations put inside another part."""
    parts = list(relation.part_ids)
    inside: set[str] = {each for each in parts if parts.count(each) > 1 or each == relation.total_id}
    children: dict[str, set[str]] = {}
    for other in relations:
        children.setdefault(other.total_id, set()).update(other.part_ids)
    for part in dict.fromkeys(parts):
        below, queue = set[str](), list(children.get(part, ()))
        while queue:
            each = queue.pop()
            if each not in below:
                below.add(each)
                queue += children.get(each, ())
        inside |= below & set(parts)
    return tuple(sorted(inside))


# --------------------------------------------------------------------- helpers


def _mixed(
    what: str,
    owner: str | None,
    members: Sequence[CheckedFigure],
    attributes: Sequence[str],
    severity: Severity = "error",
) -> Findings:
    """Members must agree in each attribute; one that is silent where others speak is a warning."""
    ids = tuple(dict.fromkeys(([owner] if owner else []) + [member.id for member in members]))
    names = {
        "lane": "数据来源",
        "scope": "口径",
        "period": "时期",
        "vintage": "数据版本",
        "unit_type": "单位类型",
    }
    for attribute in attributes:
        values = dict.fromkeys(getattr(member, attribute) for member in members)
        known = [value for value in values if value is not None]
        if len(known) > 1:
            text = f"{what}混用{names[attribute]}：{'、'.join(map(str, known))}"
            yield Finding(f"mixed_{attribute}", ids, text, severity)
        elif known and None in values:
            yield Finding(f"missing_{attribute}", ids, f"{what}有的数未注明{names[attribute]}", "warning")


def _differ(left: str | None, right: str | None) -> bool:
    return left is not None and right is not None and left != right


def _range(figure: CheckedFigure, scale: Fraction) -> Interval:
    middle = exact(figure.value or 0) * scale
    return middle - half(figure), middle + half(figure)


def _agrees(figure: CheckedFigure, span: Interval) -> bool:
    """Whether the figure, printed, is a rounding of something within the span."""
    half = 1 / (2 * Fraction(10) ** figure.decimals)
    low, high = span
    shown = rounded(exact(figure.value or 0), figure.decimals)
    return any(low - half - slack(low) <= each <= high + half + slack(high) for each in shown)


def _root(ratio: Fraction, years: int) -> Fraction:
    """The yearly ratio of a ratio over `years`; exact for one year."""
    if years <= 1 or ratio <= 0:
        return ratio
    return Fraction(float(ratio) ** (1 / years))
