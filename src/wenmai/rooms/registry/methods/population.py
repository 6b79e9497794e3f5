"""From the register to the units analysed: one exclusion reason per enterprise, the first that applies.

Order: 注销吊销, 迁出, 区外, 分支机构, 非企业. Property: analysed + excluded = enterprises (tests).
"""

from __future__ import annotations

import polars as pl

REASONS = ("注销吊销", "迁出", "区外", "分支机构", "非企业")
_ENDED, MOVED = ("注销", "吊销"), "迁出"
# Statuses under which a firm is none of the district any more.
GONE = (*_ENDED, MOVED)


def exclusion(home_district: str | None) -> pl.Expr:
    """Expression over status, district, unit_type giving the reason, or null for units that are analysed.

    Unknown status or district never excludes. Without a home district nothing is 区外.
    """
    outside = pl.lit(False)
    if home_district:
        # Files write 文澜 as often as 文澜区: the mark of the level is not part of the comparison.
        core = home_district.rstrip("区县市")
        outside = pl.col("district").is_not_null() & ~pl.col("district").str.contains(core, literal=True)
    return (
        pl.when(pl.col("status").is_in(_ENDED))
        .then(pl.lit("注销吊销"))
        .when(pl.col("status") == MOVED)
        .then(pl.lit("迁出"))
        .when(outside)
        .then(pl.lit("区外"))
        .when(pl.col("unit_type") == "分支机构")
        .then(pl.lit("分支机构"))
        .when(pl.col("unit_type").is_in(["个体工商户", "其他"]))
        .then(pl.lit("非企业"))
        .otherwise(None)
    )
