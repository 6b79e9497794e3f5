"""统计上大中小微型企业划分办法（2017）: the size band of an enterprise from staff, revenue and assets."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from .gbt4754 import ancestors, industry
from .tables import read_rows

EDITION = "统计上大中小微型企业划分办法（2017）"
BANDS = ("大型", "中型", "小型", "微型")
NO_RULE = "无规则"
MISSING = "缺指标"
Number = int | float | Decimal


def known(value: Number | None) -> Number | None:
    """The value, or None for a NaN: dataframes write a missing figure as NaN, which would compare as too
    small.
    """
    return None if value is None or value != value else value


@dataclass(frozen=True, slots=True)
class SizeRule:
    """Lower bounds of one indicator (employees in persons, revenue and assets in 万元) for one industry."""

    industry: str
    gbt_codes: tuple[str, ...]
    indicator: str
    indicator_name: str
    unit: str
    large_min: int
    medium_min: int
    small_min: int

    def band(self, value: Number) -> int:
        """Index into BANDS (0 大型 … 3 微型) that this one indicator allows at best."""
        for index, bound in enumerate((self.large_min, self.medium_min, self.small_min)):
            if value >= bound:
                return index
        return 3


@dataclass(frozen=True, slots=True)
class SizeBand:
    """The answer: `value` is 大型/中型/小型/微型, or None with `reason` 无规则 or 缺指标.

    `missing` names the indicators that are needed and absent; `at_most` is the best band still possible;
    `rule` is the industry row that was applied; `detail` says all this in one Chinese line.
    """

    value: str | None
    reason: str | None
    rule: str | None
    missing: tuple[str, ...]
    at_most: str | None
    detail: str


@lru_cache(maxsize=1)
def size_rules() -> tuple[SizeRule, ...]:
    """The 30 rows (16 industries) of the 2017 method."""
    return tuple(
        SizeRule(
            industry=r["industry"],
            gbt_codes=tuple(r["gbt_codes"].split(";")),
            indicator=r["indicator"],
            indicator_name=r["indicator_zh"],
            unit=r["unit"],
            large_min=int(r["large_min"]),
            medium_min=int(r["medium_min"]),
            small_min=int(r["small_min"]),
        )
        for r in read_rows("enterprise_size_2017.csv")
    )


@lru_cache(maxsize=4096)
def _rules_for(bare_code: str) -> tuple[SizeRule, ...]:
    """Rules of the most specific level that has any: class, group, division, then section."""
    for item in ancestors(bare_code):
        rules = tuple(r for r in size_rules() if item.code in r.gbt_codes)
        if rules:
            return rules
    return ()


def _finer_rules_exist(bare_code: str) -> bool:
    return any(bare_code in {a.code for a in ancestors(code)} for rule in size_rules() for code in rule.gbt_codes if code != bare_code)


def size_band(
    gbt_code: str,
    employees: Number | None = None,
    revenue_wan: Number | None = None,
    assets_wan: Number | None = None,
) -> SizeBand:
    """Size band of a unit in industry `gbt_code` (GB/T 4754-2017, preferably the 4-digit class).

    Staff in persons, revenue and total assets in 万元, None = unknown. Large, medium and small units must
    reach the bounds of all indicators of their industry; one indicator below the lowest bound makes a unit
    微型 whatever the others are, so that band follows even when another indicator is missing. Registered
    capital is not an indicator. Industries without a row (finance, railway, education, health, 7040) give
    None with reason 无规则.
    """
    item = industry(gbt_code)
    if item is None:
        return SizeBand(None, NO_RULE, None, (), None, f"代码 {gbt_code} 不在 GB/T 4754-2017 中，无法划型")
    rules = _rules_for(item.code)
    if not rules:
        if _finer_rules_exist(item.code):
            detail = f"{item.code} {item.name} 内各行业标准不同，需给出更细的行业代码"
            return SizeBand(None, MISSING, None, ("行业小类代码",), None, detail)
        return SizeBand(None, NO_RULE, None, (), None, f"划分办法未规定 {item.code} {item.name} 的标准")
    values = {"employees": known(employees), "revenue": known(revenue_wan), "assets": known(assets_wan)}
    given = [(r, v) for r in rules if (v := values[r.indicator]) is not None]
    missing = tuple(r.indicator_name for r in rules if values[r.indicator] is None)
    worst = max((r.band(v) for r, v in given), default=0)
    name = rules[0].industry
    if not missing or worst == 3:
        return SizeBand(BANDS[worst], None, name, missing, BANDS[worst], f"按“{name}”标准为{BANDS[worst]}")
    detail = f"按“{name}”标准划型缺{'、'.join(missing)}" + (f"，至多为{BANDS[worst]}" if given else "")
    return SizeBand(None, MISSING, name, missing, BANDS[worst] if given else None, detail)
