"""The coverage gate: what a directory can carry. A closed gate blocks sentences; it is not a footnote.

Each check measures something of the analysed units and says which sentences may not be written. The thresholds are
ours (a directory without status for more than 5 % of its units cannot say how many exist now); they are printed.
"""

from __future__ import annotations

import math
from bisect import bisect
from collections import Counter
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

import polars as pl

STATUS_MIN = 0.95
STREET_MIN = 0.90
DATE_MIN = 0.95
CODE_MIN = 0.80
UNIT_MIN = 0.95
# Between busy years a year is a gap when it has none, or under a tenth of what busy years have. Fewer than five
# registrations do not make a year busy. A run of such years counts only when chance would leave one like it in fewer than
# one of a hundred registers (Poisson, divided by the years looked at): a register of 200 firms has empty years by itself.
GAP_SHARE = 0.10
BUSY_MIN = 5
CHANCE = 0.01
# Where a register is still thin, a poor year is no hole: looking begins with the first year of a quarter of the usual.
START_SHARE = 0.25
_NEAR = 3


@dataclass(frozen=True)
class Check:
    """One check: `open` lets the sentences named in `blocks` be written; `measured` is what was found."""

    id: str
    title: str
    open: bool
    measured: str
    message: str
    blocks: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def year_gaps(years: list[int]) -> list[int]:
    """Years between the first and the last busy year without registrations, or with fewer than GAP_SHARE of the median
    of all busy years and of the three nearest on each side, unless a register that small leaves such a run of years empty
    by chance.

    Busy: BUSY_MIN registrations. Looking starts with the first year of START_SHARE of the median of such years. All busy
    years count, so a gap may be as long as it likes; the nearest ones, so that the thin years of a growing register are none.
    """
    counts = Counter(years)
    some = [n for n in counts.values() if n >= BUSY_MIN]
    if not some:
        return []
    usual = median(some)
    busy = sorted(y for y, n in counts.items() if n >= BUSY_MIN)
    near_ones = [y for y in busy if counts[y] >= GAP_SHARE * usual]
    looked = range(next(y for y in busy if counts[y] >= START_SHARE * usual) + 1, busy[-1])
    runs: list[list[tuple[int, float]]] = []
    for year in looked:
        at = bisect(near_ones, year)
        expected = min(usual, median(counts[y] for y in near_ones[max(0, at - _NEAR) : at + _NEAR]))
        if counts[year] and counts[year] >= GAP_SHARE * expected:
            continue
        if not runs or runs[-1][-1][0] != year - 1:
            runs.append([])
        runs[-1].append((year, expected))
    return [
        year for run in runs
        if _at_most(sum(counts[y] for y, _ in run), sum(e for _, e in run)) < CHANCE / len(looked) for year, _ in run
    ]  # fmt: skip


def _at_most(n: int, mean: float) -> float:
    """P(a Poisson count of this mean is n or less)."""
    term = total = math.exp(-mean)
    for k in range(1, n + 1):
        term *= mean / k
        total += term
    return total


def spans(years: list[int]) -> str:
    """2011、2012、2013、2018 → 2011—2013、2018."""
    out: list[list[int]] = []
    for year in sorted(years):
        if out and year == out[-1][1] + 1:
            out[-1][1] = year
        else:
            out.append([year, year])
    return "、".join(str(a) if a == b else f"{a}—{b}" for a, b in out)


def _share(frame: pl.DataFrame, column: str) -> float:
    return float(frame[column].is_not_null().mean() or 0.0) if frame.height else 0.0  # type: ignore[arg-type]


def gate(units: pl.DataFrame) -> list[Check]:
    """Checks over analysed units (columns status, street, registered_on, industry_code, unit_type)."""
    years = [d.year for d in units["registered_on"].drop_nulls().to_list()]
    gaps = year_gaps(years)
    status, street, dated = (_share(units, c) for c in ("status", "street", "registered_on"))
    coded, typed = _share(units, "industry_code"), _share(units, "unit_type")
    span = max(years) - min(years) if years else 0
    flow = bool(years) and span <= 1
    return [
        Check("status", "登记状态", status >= STATUS_MIN, f"{status:.1%} 载有登记状态",
              "名录未载登记状态，注销吊销未能剔除" if status < 0.05 else f"仅 {status:.1%} 载有登记状态，注销吊销未能完全剔除",
              "“现有”“共有”“在营”"),
        Check("gap", "登记年份", not gaps and dated >= DATE_MIN,
              f"断档年份：{spans(gaps) or '无'}；{dated:.1%} 载有登记日期",
              f"名录缺 {spans(gaps)} 年数据，不反映总量和变化" if gaps else f"仅 {dated:.1%} 载有登记日期，不作分年比较",
              "总量变化、趋势、新设数"),
        Check("stock", "存量或流量", not flow, f"登记年份跨度 {span} 年",
              "名录仅含一个时段的新登记（流量），不是全部在册（存量）", "“全区”、与存量比较"),
        Check("street", "街道", street >= STREET_MIN, f"{street:.1%} 的地址载有街道（镇）",
              f"仅 {street:.1%} 的登记地址载有街道（镇），不作分街道排列", "按街道（镇）分布"),
        Check("code", "行业代码", coded >= CODE_MIN, f"{coded:.1%} 载有行业代码",
              f"{1 - coded:.1%} 缺行业代码，行业由经营范围文本识别", "“按登记行业代码”"),
        Check("unit", "单位类型", typed >= UNIT_MIN, f"{typed:.1%} 可判断单位类型",
              f"{1 - typed:.1%} 的单位类型不明，企业与分支机构、个体未能完全分开", "“企业法人”（改用“登记主体”）"),
    ]  # fmt: skip
