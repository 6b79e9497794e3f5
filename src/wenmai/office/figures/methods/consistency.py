"""Do published figures agree with each other? The single rules, over typed observations.

Arithmetic is exact: a value printed with d decimals stands for ± half of its last digit, and a rule speaks only where no
values within those ranges can agree. Which rules apply to a whole table is decided in `consistency_table`.
Method page: docs/methods/consistency.md.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from fractions import Fraction
from itertools import pairwise

from wenmai.base.values.units import POINTS, RATIO
from wenmai.office.figures.methods.consistency_types import (
    ATTRIBUTES,
    ERROR,
    NOTE,
    Bounds,
    Finding,
    Observation,
    find,
    meet,
    middle,
    number,
    percent,
    total_of,
)

# --- likeness ---------------------------------------------------------------------------------------------------


def differences(observations: Sequence[Observation]) -> dict[str, list[str]]:
    """The attributes in which observations disagree, with the values met. An empty stage or edition says nothing."""
    found = {}
    for attribute in ATTRIBUTES:
        values = list(dict.fromkeys(getattr(o, attribute) for o in observations))
        if attribute in ("stage", "edition"):
            values = [v for v in values if v]
        if len(values) > 1:
            found[attribute] = [v or "现行" for v in values]
    return found


def unlike(observations: Sequence[Observation], doing: str, severity: str = ERROR) -> Iterator[Finding]:
    """Figures of unlike lane, scope, stage, definition or vintage that are combined."""
    for attribute, values in differences(observations).items():
        yield find(
            f"unlike_{attribute}", severity, observations,
            f"{doing}用了不同{ATTRIBUTES[attribute]}的数（{'、'.join(values)}）：{'；'.join(o.said() for o in observations[:4])}",
            f"请统一{ATTRIBUTES[attribute]}后再合算；确需并列的，逐项注明{ATTRIBUTES[attribute]}",
        )  # fmt: skip


# --- totals and parts -------------------------------------------------------------------------------------------


def parts_total(total: Observation, parts: Sequence[Observation], complete: Collection[str] | None = None) -> Iterator[Finding]:
    """A total and its parts. `complete`: the parts of the whole classification, None when it is not known."""
    if any(p.dimension != total.dimension for p in parts):
        yield find("unlike_unit", ERROR, (total, *parts), f"{total.called()}与分项的单位不同，不能相加", "请核对单位")
        return
    mixed = list(unlike((total, *parts), f"{total.called()}与其分项"))
    if mixed:
        yield from mixed
        return
    if all(p.value >= 0 for p in parts) and total.value >= 0:
        for p in parts:
            if p.bounds[0] > total.bounds[1]:
                yield find("part_exceeds_total", ERROR, (p, total), f"分项大于总数：{p.said()}，总数{total.printed()}", "请核对单位、口径和录入")
    if len(parts) < 2:
        return
    value, slack = total_of(parts)
    gap, slack = value - total.base, slack + total.slack
    if abs(gap) <= slack:
        return
    known = {p.part for p in parts}
    missing = sorted(set(complete) - known) if complete else []
    said = f"{total.said()}，{len(parts)}个分项合计{total.printed(value)}"
    allowed = f"（取整误差至多{total.printed(slack, 1)}）" if slack else ""
    if gap > 0:
        yield find(
            "parts_exceed", ERROR, (total, *parts), f"{said}，多出{total.printed(gap)}{allowed}：分项交叉，不能相加",
            "各分项有重复计入的单位，不得相加或作构成；如分项互不交叉，请核对录入、单位和总数",
        )  # fmt: skip
    elif missing:
        yield find(
            "items_missing", NOTE, (total, *parts), f"{said}，少{total.printed(-gap)}：缺分项{'、'.join(missing)}",
            "请补录所缺分项，或注明只列部分分项",
        )  # fmt: skip
    else:
        yield find(
            "parts_short", ERROR if complete else NOTE, (total, *parts), f"{said}，少{total.printed(-gap)}{allowed}：缺分项，或有未列的“其他”",
            "请补录所缺分项；分项已齐的，请核对录入、单位和总数",
        )  # fmt: skip


def shares_sum(shares: Sequence[Observation], complete: Collection[str] | None = None, negative: bool = False) -> Iterator[Finding]:
    """Shares of one whole add to 100 % within n × half a unit. `negative`: contributions, which may be below zero."""
    value, slack = total_of(shares)
    gap = value - 1
    missing = sorted(set(complete) - {s.part for s in shares}) if complete else []
    if abs(gap) <= slack or len(shares) < 2 or (negative and (missing or not complete)):
        return
    one, digits = shares[0], max(s.decimals for s in shares)
    said = f"{one.period.label}“{one.scope}”{one.name}{len(shares)}项合计{percent(value, digits)}"
    rounding = f"（取整至多差{percent(slack, 2)}）"
    if gap > 0:
        yield find("shares_sum", ERROR, shares, f"{said}，超过100%{rounding}", "分项交叉的不得作构成；否则请核对各项占比")
    elif missing:
        yield find("items_missing", NOTE, shares, f"{said}，缺分项{'、'.join(missing)}", "请补录所缺分项，或注明只列部分分项")
    elif complete or len(shares) > 2:
        severity = ERROR if complete else NOTE
        yield find("shares_sum", severity, shares, f"{said}，不足100%{rounding}，缺分项或有误", "请核对各项占比，或补列其他")


def classification(earlier: Sequence[Observation], later: Sequence[Observation], editions: tuple[str, str] = ("", "")) -> Iterator[Finding]:
    """Two periods broken down by unlike items. `editions`: what each set is known to be."""
    a, b = {o.part for o in earlier}, {o.part for o in later}
    named = editions[0] != editions[1] and all(editions)
    versions = differences([*earlier, *later]).get("edition")
    if not (a and b) or not (named or versions or (a - b and b - a)):
        return
    one, two = earlier[0], later[0]
    why = f"分别为{editions[0]}、{editions[1]}" if named else f"定义版本{'、'.join(versions)}" if versions else "各有对方没有的分项"
    only = [f"{o.period.label}独有{'、'.join(sorted(x - y)[:4])}" for o, x, y in ((one, a, b), (two, b, a)) if x - y]
    yield find(
        "classification_changed", NOTE, (*earlier, *later),
        f"{one.name}按{one.axis}分，{one.period.label}{len(a)}项、{two.period.label}{len(b)}项，{why}"
        f"{'（' + '；'.join(only) + '）' if only else ''}：分类版本不同，不可比",
        "两期分项不得相比、不得连成一条线；需要对比的，请先按新旧分类对照表重新归类",
    )  # fmt: skip


def side_by_side(one: Sequence[Observation], other: Sequence[Observation]) -> Iterator[Finding]:
    """Two indicators of unlike scope or lane in the same rows of one table."""
    a, b = one[0], other[0]
    unlike_in = [ATTRIBUTES[k] for k in ("scope", "lane") if getattr(a, k) != getattr(b, k)]
    if unlike_in:
        yield find(
            "side_by_side", NOTE, (*one, *other),
            f"同一张表并列不同{'、'.join(unlike_in)}的数：{a.said()}与{b.said()}，不能相除求平均，也不能互为说明",
            f"请在表头逐列注明{'、'.join(unlike_in)}，不要计算户均等比值",
        )  # fmt: skip


# --- growth and change ------------------------------------------------------------------------------------------


def implied_base(now: Bounds, rate: Bounds) -> Bounds | None:
    """The base that a level and its growth rate imply."""
    return None if rate[0] <= -1 else (min(n / (1 + r) for n in now for r in rate), max(n / (1 + r) for n in now for r in rate))


def growth(
    rate: Observation, now: Observation, before: Observation | None, comparable: bool, increase: Observation | None = None
) -> Iterator[Finding]:  # fmt: skip
    """A published growth rate (or increase) against the published levels.

    A rate on a comparable base need not be their ratio: that is a note with the base it implies. Any other rate must be.
    A rate of a percentage that is really the difference of two is an error of unit.
    """
    base = implied_base(now.bounds, rate.bounds)
    source, used = f"增长{rate.printed()}", [rate, now]
    if increase is not None:
        own = (now.bounds[0] - increase.bounds[1], now.bounds[1] - increase.bounds[0])
        used.append(increase)
        if base is not None and not meet(own, base):
            yield find(
                "growth", ERROR, used,
                f"{now.said()}，增加{increase.printed()}与增长{rate.printed()}对不上："
                f"前者推出基数{now.printed(middle(own))}，后者推出{now.printed(middle(base))}",
                "请核对增速和增加额是否同一口径",
            )  # fmt: skip
        base, source = own, f"增加{increase.printed()}"
    if base is None or before is None or before.base <= 0 or meet(base, before.bounds):
        return
    ratio = now.base / before.base - 1
    used.append(before)
    if now.dimension == RATIO and meet(rate.bounds, (now.bounds[0] - before.bounds[1], now.bounds[1] - before.bounds[0])):
        yield find(
            "percent_point", ERROR, used,
            f"{now.called()}由{before.printed()}到{now.printed()}，"
            f"相差{number((now.base - before.base) * 100, rate.decimals)}个百分点，却写作增长{rate.printed()}",
            "两个比率之差的单位是个百分点，不是%",
        )  # fmt: skip
    elif comparable or increase is not None:
        yield find(
            "comparable_base", NOTE, used,
            f"{now.said()}，{source}，推出的上年可比基数为{now.printed(middle(base))}（{now.printed(base[0])}至{now.printed(base[1])}），"
            f"而上年公布{before.printed()}，直接相除为{percent(ratio)}：增速按可比口径，两年水平数不能相除",
            "引用增速时注明“按可比口径”，不要用两年公布数相除，也不要把两年水平数连成一条线",
        )  # fmt: skip
    else:
        yield find(
            "growth", ERROR, used, f"{now.said()}，上年{before.printed()}，相除为增长{percent(ratio, rate.decimals + 1)}，公布为{rate.printed()}",
            "请核对增速、两年水平数及其版次",
        )  # fmt: skip


def growth_parts(total: Observation, rate: Observation, pairs: Sequence[tuple[Observation, Observation]]) -> Iterator[Finding]:
    """The bases implied by the growth of all parts add to the base implied by the total's: also on a comparable base."""
    whole = implied_base(total.bounds, rate.bounds)
    bases = [implied_base(level.bounds, r.bounds) for level, r in pairs]
    known = [b for b in bases if b is not None]
    if whole is None or len(known) < len(bases) or len(bases) < 2:
        return
    low, high = sum((b[0] for b in known), Fraction(0)), sum((b[1] for b in known), Fraction(0))
    if not meet(whole, (low, high)):
        mean = total.base / ((low + high) / 2) - 1
        yield find(
            "growth_parts", ERROR, (total, rate, *(o for p in pairs for o in p)),
            f"{total.called()}增长{rate.printed()}，而按{len(pairs)}个分项的增速推算应为{percent(mean, rate.decimals + 1)}：总增速与分项增速对不上",
            "请核对总数和各分项的增速",
        )  # fmt: skip


def point_difference(published: Observation, now: Observation, before: Observation) -> Iterator[Finding]:
    """A difference of two ratios: in 个百分点, and right."""
    gap = (now.bounds[0] - before.bounds[1], now.bounds[1] - before.bounds[0])
    said = f"{now.called()}{now.printed()}与{before.period.label}{before.printed()}"
    if published.dimension != POINTS:
        yield find("percent_point", ERROR, (published, now, before), f"{said}之差写作{published.printed()}", "两个比率之差的单位是个百分点，不是%")
    if published.dimension in (POINTS, RATIO) and not meet(published.bounds, gap):
        true = number((now.base - before.base) * 100, max(now.decimals, before.decimals))
        yield find(
            "point_difference", ERROR, (published, now, before), f"{said}相差{true}个百分点，公布为{published.printed()}",
            "请核对两期比率的版次和差值",
        )  # fmt: skip


def derived(
    published: Observation, value: Fraction, bounds: Bounds, used: Sequence[Observation], expression: str, rule: str = "derived"
) -> Iterator[Finding]:  # fmt: skip
    """A published value against its definition computed from other published values."""
    if not meet(published.bounds, bounds):
        yield find(
            rule, ERROR, (published, *used),
            f"{published.said()}，按定义（{expression}）应为{published.printed(value, 1)}：{'；'.join(o.said() for o in used[:4])}",
            "请核对分子、分母及其口径、时期和版次",
        )  # fmt: skip


def revised(values: Sequence[Observation]) -> Iterator[Finding]:
    """Several values of one indicator for one period, in the order they were known."""
    for one, two in pairwise(values):
        if meet(one.bounds, two.bounds):
            continue
        stages = f"（{one.stage or one.vintage or '先'}、{two.stage or two.vintage or '现行'}）"
        if two.dimension in (RATIO, POINTS) or one.stage or two.stage:
            yield find(
                "revised", NOTE, (one, two), f"{two.period.label}“{two.scope}”{two.name}{two.part and '（' + two.part + '）'}先后为{one.printed()}、"
                f"{two.printed()}{stages}：有修订", "引用须注明版次；与其他年份相比、算差值时用同一版次",
            )  # fmt: skip
        elif min(abs(one.base), abs(two.base)) * 11 < max(abs(one.base), abs(two.base)) * 10:
            yield find(
                "two_values", NOTE, (one, two), f"{two.called()}有两个数：{one.printed()}与{two.printed()}{stages}，相差过大，疑为口径不同",
                "请查明各自包括哪些单位（如是否含个体经营户），改用不同口径分别录入；系录入更正的可不处理",
            )  # fmt: skip


def net_change(now: Observation, before: Observation, entries: Observation, exits: Observation | None) -> Iterator[Finding]:
    """A stock at two days against what entered and left between them."""
    out: Bounds = exits.bounds if exits else (Fraction(0), Fraction(0))
    change = (now.bounds[0] - before.bounds[1], now.bounds[1] - before.bounds[0])
    net = (entries.bounds[0] - out[1], entries.bounds[1] - out[0])
    if not meet(change, net):
        used = [o for o in (now, before, entries, exits) if o is not None]
        yield find(
            "net_change", ERROR, used,
            f"{before.called()}{before.printed()}，{now.period.label}{now.printed()}，净变动{now.printed(now.base - before.base)}；"
            f"而新增{entries.printed()}{'、退出' + exits.printed() if exits else ''}，净增{now.printed(middle(net))}：进出与期末数对不上",
            "请核对名录：迁入迁出、重新核定是否漏列",
        )  # fmt: skip


# --- over time, forecasts, ranks --------------------------------------------------------------------------------


def cumulative_falls(series: Sequence[Observation]) -> Iterator[Finding]:
    """Cumulated values of one year (of what cannot be negative), which may not fall."""
    rows = sorted(series, key=lambda o: o.period.last)
    for one, two in pairwise(rows):
        if two.bounds[1] < one.bounds[0]:
            yield find(
                "cumulative_falls", ERROR, (one, two), f"累计数回落：{one.said()}，到{two.period.label}只有{two.printed()}",
                "请核对后一期是否误填当季数、单位是否一致；名录调整造成的须注明",
            )  # fmt: skip


def single_period(single: Observation, later: Observation, earlier: Observation) -> Iterator[Finding]:
    """A single quarter (month) is the difference of two cumulated values."""
    gap = (later.bounds[0] - earlier.bounds[1], later.bounds[1] - earlier.bounds[0])
    if not meet(single.bounds, gap):
        yield find(
            "single_period", ERROR, (single, later, earlier),
            f"{single.said()}，而{later.period.label}累计{later.printed()}减{earlier.period.label}累计{earlier.printed()}"
            f"为{later.printed(later.base - earlier.base)}",
            "请核对当季数与累计数；前期累计有修订的须注明",
        )  # fmt: skip


def forecast(rate: Observation, end: Observation, years: int, base: Observation | None, increase: Observation | None = None) -> Iterator[Finding]:
    """A yearly growth rate over `years` against its own end points; the base is given, or is the end less the increase."""
    if base is not None:
        start = base.bounds
    elif increase is not None:
        start = (end.bounds[0] - increase.bounds[1], end.bounds[1] - increase.bounds[0])
    else:
        return
    if start[0] <= 0 or years < 1 or rate.bounds[0] <= -1:
        return
    reach = (start[0] * (1 + rate.bounds[0]) ** years, start[1] * (1 + rate.bounds[1]) ** years)
    if not meet(reach, end.bounds):
        true = Fraction((float(end.base) / float(middle(start))) ** (1 / years) - 1)
        used = [o for o in (rate, end, base, increase) if o is not None]
        yield find(
            "forecast_rate", ERROR, used,
            f"{end.said()}，{years}年前为{end.printed(middle(start))}，年均增长应为{percent(true, 2)}，却写作{rate.printed()}",
            "请按首末两年数重算年均增速",
        )  # fmt: skip


def rank(claim: Observation, own: Observation, peers: Sequence[Observation], complete: bool = False) -> Iterator[Finding]:
    """A claimed rank (1 = greatest) against the values. `complete`: all who are ranked are among `peers`."""
    best = 1 + sum(p.bounds[0] > own.bounds[1] for p in peers)
    worst = 1 + sum(p.bounds[1] >= own.bounds[0] for p in peers)
    if claim.value < best or (complete and claim.value > worst):
        ahead = [p for p in peers if p.bounds[0] > own.bounds[1]]
        span = f"第{best}" if best == worst else f"第{best}至{worst}" if complete else f"第{best}或更后"
        yield find(
            "rank", ERROR, (claim, own, *ahead), f"{own.said()}，称居第{number(claim.value, 0)}位，按{len(peers) + 1}地数值应为{span}位",
            "请核对位次及所比地区、口径",
        )  # fmt: skip
