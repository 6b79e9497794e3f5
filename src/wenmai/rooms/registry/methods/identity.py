"""Which enterprise does a row speak of? Valid code, then registration number, then name; else a new one.

Input frames carry `seq` (order in the file), the value fields of the register and, for staged rows, `fatal`.
Nothing here reads or writes a database.
"""

from __future__ import annotations

import polars as pl

from wenmai.rooms.registry.methods.linkage import Linker
from wenmai.rooms.registry.methods.names import ENDS_LIKE_COMPANY, normal_name_expr


def assign_keys(staged: pl.DataFrame, existing: pl.DataFrame) -> pl.DataFrame:
    """Add `key` and `how` (代码 / 注册号 / 名称 / 名称相近 / 新名称) to the staged rows that are not fatal.

    `existing` has key, credit_code, reg_no, name, address. A key stays what it was when a register entry known
    by name only later gets its code.
    """
    rows = staged.filter(pl.col("fatal").is_null()).with_columns(
        normal_name_expr("name").alias("_name"), pl.lit(None, pl.Utf8).alias("key"), pl.lit(None, pl.Utf8).alias("how")
    )
    known = existing.with_columns(normal_name_expr("name").alias("_name"))
    uncoded = known.filter(pl.col("credit_code").is_null())
    rows = _fill(rows, known, "credit_code", "credit_code", "代码")
    coded_only = pl.col("credit_code").is_not_null()
    # A coded row may be the code of an entry that had none: same registration number, or same unique name.
    rows = _fill(rows, uncoded, "reg_no", "reg_no", "注册号")
    rows = _fill(rows, uncoded, "_name", "_name", "名称", when=coded_only)
    rows = rows.with_columns(
        pl.when(pl.col("key").is_null() & coded_only).then("credit_code").otherwise("key").alias("key"),
        pl.when(pl.col("key").is_null() & coded_only).then(pl.lit("代码")).otherwise("how").alias("how"),
    )
    pool = pl.concat(
        [
            known.select("key", "reg_no", "_name", "address"),
            rows.filter(pl.col("key").is_not_null()).select("key", "reg_no", "_name", "address"),
        ]
    )
    rows = _fill(rows, pool, "reg_no", "reg_no", "注册号")
    rows = _fill(rows, pool, "_name", "_name", "名称")
    rows = _link(rows, pool)
    # What is left is new: by registration number, else by name (with the address where names are not unique).
    company = pl.col("_name").str.contains(ENDS_LIKE_COMPANY)
    own = (
        pl.when(pl.col("reg_no").is_not_null())
        .then(pl.lit("R:") + pl.col("reg_no"))
        .when(company | pl.col("address").is_null())
        .then(pl.lit("N:") + pl.col("_name").str.slice(0, 70))
        .otherwise(
            pl.lit("N:") + pl.col("_name").str.slice(0, 50) + "@" + pl.col("address").hash(seed=7).cast(pl.Utf8).str.slice(0, 12)
        )
    )
    return rows.with_columns(
        pl.coalesce("key", own).alias("key"), pl.coalesce("how", pl.lit("新名称")).alias("how")
    ).drop("_name")


def _fill(
    rows: pl.DataFrame, pool: pl.DataFrame, left: str, right: str, how: str, when: pl.Expr | None = None
) -> pl.DataFrame:
    """Give rows without a key the key of the one pool entry with an equal value; two different ones give none."""
    one = (
        pool.filter(pl.col(right).is_not_null() & (pl.col(right) != ""))
        .group_by(right)
        .agg(pl.col("key").first().alias("_found"), pl.col("key").n_unique().alias("_n"))
        .filter(pl.col("_n") == 1)
        .select(pl.col(right).alias(left), "_found")
    )
    if one.is_empty():
        return rows
    free = pl.col("key").is_null() & pl.col("_found").is_not_null()
    if when is not None:
        free = free & when
    return (
        rows.join(one, on=left, how="left", maintain_order="left")
        .with_columns(
            pl.when(free).then("_found").otherwise("key").alias("key"),
            pl.when(free).then(pl.lit(how)).otherwise("how").alias("how"),
        )
        .drop("_found")
    )


def _link(rows: pl.DataFrame, pool: pl.DataFrame) -> pl.DataFrame:
    """Fuzzy linkage of what has only a name, against pool entries that have one."""
    open_rows = rows.filter(pl.col("key").is_null() & pl.col("_name").is_not_null() & pl.col("reg_no").is_null())
    pool = pool.filter(pl.col("_name").is_not_null()).unique(["key", "_name"], maintain_order=True)
    if open_rows.is_empty() or pool.is_empty():
        return rows
    keys = pool["key"].to_list()
    linker = Linker(pool["_name"].to_list(), pool["address"].to_list())
    found: dict[str, list[object]] = {"seq": [], "_found": [], "_how": []}
    for seq, name, address in open_rows.select("seq", "_name", "address").iter_rows():
        link = linker.find(name, address)
        if link is not None:
            found["seq"].append(seq)
            found["_found"].append(keys[link.index])
            found["_how"].append(f"名称相近 {link.score:.2f}")
    if not found["seq"]:
        return rows
    links = pl.DataFrame(found, schema={"seq": pl.Int64, "_found": pl.Utf8, "_how": pl.Utf8})
    return (
        rows.join(links, on="seq", how="left", maintain_order="left")
        .with_columns(pl.coalesce("key", "_found").alias("key"), pl.coalesce("how", "_how").alias("how"))
        .drop("_found", "_how")
    )
