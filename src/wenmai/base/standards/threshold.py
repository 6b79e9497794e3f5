"""规模以上/限额以上 entry lines: whether a unit's figures are over the line (疑似达规), never whether it is
规上.

规上 means the statistics bureau has the unit in its base (在库); that is a dated fact from the bureau and
cannot be computed. The services line changed around 2020 and the year of the change differs by place, so
the answer depends on year and place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from .gbt4754 import Industry, ancestors, industry
from .size import Number, known
from .tables import read_rows

OVER = "疑似达规"
UNDER = "未达"
UNKNOWN = "不可判定"
HEADCOUNT_LINE = 50
# From this year on only the present services rule has been seen, everywhere; 2020 and 2021 differ by place
# (待确认).
PRESENT_RULE_EVERYWHERE_FROM = 2022
_EXCLUDING = re.compile(r"^(\w+)\(非(\w+)\)$")


@dataclass(frozen=True, slots=True)
class ThresholdRule:
    """One row: `min_revenue_wan` in 万元; `headcount` is the alternative staff line in persons, or None."""

    first_seen: int
    sector_kind: str
    gbt_codes: tuple[str, ...]
    excluded_codes: tuple[str, ...]
    min_revenue_wan: int
    headcount: int | None
    covers: str
    seen_in: str

    def applies_to(self, chain: tuple[Industry, ...]) -> bool:
        """Whether an item with these ancestors (itself included) falls under the row."""
        codes = {item.code for item in chain}
        return bool(codes & set(self.gbt_codes)) and not codes & set(self.excluded_codes)

    def judge(self, revenue_wan: Number | None, employees: Number | None) -> bool | None:
        """True over the line, False under it, None when the figures at hand do not settle it."""
        if revenue_wan is not None and revenue_wan >= self.min_revenue_wan:
            return True
        if self.headcount is None:
            return None if revenue_wan is None else False
        if employees is not None and employees >= self.headcount:
            return True
        return None if revenue_wan is None or employees is None else False

    def line(self) -> str:
        """The row's line as a Chinese phrase."""
        text = f"年营业收入{self.min_revenue_wan}万元"
        return text if self.headcount is None else f"{text}或期末从业人员{self.headcount}人"


@dataclass(frozen=True, slots=True)
class AboveScale:
    """`answer` is 疑似达规, 未达 or 不可判定; `reason` says in Chinese by which line; `rules` are the rows
    applied.
    """

    answer: str
    reason: str
    rules: tuple[ThresholdRule, ...]


@lru_cache(maxsize=1)
def threshold_rules() -> tuple[ThresholdRule, ...]:
    """The eight rows, older rules first."""
    rules = []
    for row in read_rows("above_scale_thresholds.csv"):
        codes: list[str] = []
        excluded: list[str] = []
        for token in row["gbt_codes"].split(";"):
            match = _EXCLUDING.match(token)
            codes.append(match.group(1) if match else token)
            if match:
                excluded.append(match.group(2))
        rules.append(
            ThresholdRule(
                first_seen=int(row["rule_first_seen"]),
                sector_kind=row["sector_kind"],
                gbt_codes=tuple(codes),
                excluded_codes=tuple(excluded),
                min_revenue_wan=int(row["min_value"]),
                headcount=HEADCOUNT_LINE if row["alternative"].startswith("or employees>=50") else None,
                covers=row["covers"],
                seen_in=row["seen_in"],
            )
        )
    return tuple(rules)


@dataclass(frozen=True, slots=True)
class _Sighting:
    """Where and when a rule was seen; every '+'-joined part of `place` must occur in the asked place's
    name.
    """

    place: str
    year: int
    rule: str


@lru_cache(maxsize=1)
def _sightings() -> tuple[_Sighting, ...]:
    rows = read_rows("above_scale_sightings.csv")
    return tuple(_Sighting(r["place"], int(r["year"]), r["rule"]) for r in rows)


def _place_rule(year: int, place: str | None) -> str | None:
    """'old' or 'present' where year and place settle which services rule was in force, else None."""
    if year < min(r.first_seen for r in threshold_rules() if r.headcount is None and r.sector_kind == "service"):
        return "old"
    here = [s for s in _sightings() if place and all(part in place for part in s.place.split("+"))]
    if any(s.rule == "old" and year <= s.year for s in here):
        return "old"
    if any(s.rule == "present" and year >= s.year for s in here) or year >= PRESENT_RULE_EVERYWHERE_FROM:
        return "present"
    return None


def _applicable(chain: tuple[Industry, ...], year: int, place: str | None, switched_in: int | None) -> tuple[ThresholdRule, ...]:
    rules = [r for r in threshold_rules() if r.applies_to(chain)]
    if not any(r.sector_kind == "service" for r in rules):
        return tuple(rules)
    if switched_in is not None:
        in_force: str | None = "present" if year >= switched_in else "old"
    else:
        in_force = _place_rule(year, place)
    if in_force is None:
        return tuple(rules)
    return tuple(r for r in rules if (r.headcount is not None) == (in_force == "old"))


def above_scale(
    gbt_code: str,
    revenue_wan: Number | None,
    employees: Number | None,
    year: int,
    place: str | None = None,
    *,
    switched_in: int | None = None,
) -> AboveScale:
    """Whether a unit's yearly figures are over the entry line of its industry: 疑似达规, 未达 or 不可判定.

    `gbt_code` GB/T 4754-2017; revenue of the year in 万元 (without VAT), staff at the year's end in
    persons, None = unknown; `year` the year of the figures; `place` the Chinese name of the place, e.g.
    '天津市滨海新区'; `switched_in` the first year of the present services rule there, where the office
    knows it. Where year and place leave open which services rule was in force, both are applied: they must
    agree. Years before 2018 and industries without a row (e.g. 住宿餐饮, 建筑, 房地产开发, 金融) are
    不可判定.
    """
    revenue_wan, employees = known(revenue_wan), known(employees)
    item = industry(gbt_code)
    if item is None:
        return AboveScale(UNKNOWN, f"代码 {gbt_code} 不在 GB/T 4754-2017 中", ())
    rules = _applicable(ancestors(item.code), year, place, switched_in)
    if not rules:
        return AboveScale(UNKNOWN, f"未收录 {item.code} {item.name} 的达规标准", ())
    earliest = min(r.first_seen for r in threshold_rules())
    if year < earliest:
        return AboveScale(UNKNOWN, f"{year}年早于所收标准的最早来源（{earliest}年）", ())
    verdicts = [r.judge(revenue_wan, employees) for r in rules]
    lines = "；".join(r.line() for r in rules)
    if all(v is True for v in verdicts):
        return AboveScale(OVER, f"达到{lines}；是否规上以统计部门在库为准", rules)
    if all(v is False for v in verdicts):
        return AboveScale(UNDER, f"未达到{lines}", rules)
    if any(v is None for v in verdicts):
        absent = [n for n, v in (("营业收入", revenue_wan), ("从业人员", employees)) if v is None]
        return AboveScale(UNKNOWN, f"缺{'、'.join(absent)}，标准为{lines}", rules)
    return AboveScale(UNKNOWN, f"{year}年{place or '该地'}执行新标准还是旧标准未查明，两者结论不同（{lines}）", rules)
