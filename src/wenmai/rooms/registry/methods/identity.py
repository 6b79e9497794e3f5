"""Which enterprise does a row speak of? Valid code, then registration number, then name; else a new one.

Input frames carry `seq` (order in the file), the value fields of the register and, for staged rows, `fatal`.
Nothing here reads or writes a database.
"""

from __future__ import annotations

import hashlib

import polars as pl

from wenmai.rooms.registry.methods.linkage import link
from wenmai.rooms.registry.methods.names import ENDS_LIKE_COMPANY, normal_name_expr

# What a row was recognised by. Under the last two its name is another name of the enterprise, not its registered one.
CODE, NUMBER, NAME, NEW, OTHER_NAME, SIMILAR = "代码", "注册号", "名称", "新名称", "其他名称", "名称相近"
USED = ("seq", "sheet", "row", "fatal", "credit_code", "reg_no", "name", "address")


def assign_keys(staged: pl.DataFrame, existing: pl.DataFrame, other_names: pl.DataFrame | None = None) -> pl.DataFrame:
    """(seq, sheet, row, name, key, how) of the staged rows that are not fatal; how is one of the words above, 名称相近
    with its score.

    `existing` has key, credit_code, reg_no, name, address; `other_names` key, name: former names and variants. A key
    stays what it was when a register entry known by name only later gets its code. A row that was linked by a similar
    name left that name with the enterprise, so the same file links it again by equality, whatever else has come in.
    """
    rows = staged.filter(pl.col("fatal").is_null()).select(USED).with_columns(
        normal_name_expr("name").alias("_name"), pl.lit(None, pl.Utf8).alias("key"), pl.lit(None, pl.Utf8).alias("how")
    )
    known = existing.with_columns(normal_name_expr("name").alias("_name"))
    uncoded = known.filter(pl.col("credit_code").is_null())
    rows = _fill(rows, known, "credit_code", "credit_code", CODE)
    coded_only = pl.col("credit_code").is_not_null()
    # A coded row may be the code of an entry that had none: same registration number, or same unique name.
    rows = _fill(rows, uncoded, "reg_no", "reg_no", NUMBER)
    rows = _fill(rows, uncoded, "_name", "_name", NAME, when=coded_only)
    rows = rows.with_columns(
        pl.when(pl.col("key").is_null() & coded_only).then("credit_code").otherwise("key").alias("key"),
        pl.when(pl.col("key").is_null() & coded_only).then(pl.lit(CODE)).otherwise("how").alias("how"),
    )
    pool = pl.concat(
        [
            known.select("key", "reg_no", "_name", "address"),
            rows.filter(pl.col("key").is_not_null()).select("key", "reg_no", "_name", "address"),
        ]
    )
    rows = _fill(rows, pool, "reg_no", "reg_no", NUMBER)
    rows = _fill(rows, pool, "_name", "_name", NAME)
    if other_names is not None and not other_names.is_empty():
        others = other_names.join(pool.select("key"), on="key", how="semi")
        rows = _fill(rows, others.with_columns(normal_name_expr("name").alias("_name")), "_name", "_name", OTHER_NAME)
    rows = _link(rows, pool)
    # What is left is new: by registration number, else by name (with the address where names are not unique).
    company = pl.col("_name").str.contains(ENDS_LIKE_COMPANY)
    open_ = pl.col("key").is_null() & pl.col("reg_no").is_null() & ~company & pl.col("address").is_not_null()
    marks = rows.filter(open_).select(pl.col("address").unique(maintain_order=True))
    marks = marks.with_columns(pl.Series("_mark", [_mark(a) for a in marks["address"]], dtype=pl.Utf8))
    own = (
        pl.when(pl.col("reg_no").is_not_null())
        .then(pl.lit("R:") + pl.col("reg_no"))
        .when(pl.col("_mark").is_null() | company)
        .then(pl.lit("N:") + pl.col("_name").str.slice(0, 70))
        .otherwise(pl.lit("N:") + pl.col("_name").str.slice(0, 50) + "@" + pl.col("_mark"))
    )
    return rows.join(marks, on="address", how="left", maintain_order="left").select(
        "seq", "sheet", "row", "name", pl.coalesce("key", own).alias("key"), pl.coalesce("how", pl.lit(NEW)).alias("how")
    )


def _mark(address: str) -> str:
    """A short mark of an address that stays the same under any version of any library: it becomes part of a key."""
    return hashlib.sha256(address.encode()).hexdigest()[:12]


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
    name = pl.col("_name").alias("name")
    # Equal names are compared once: a file may hold the same shop name hundreds of times.
    asked = open_rows.select(name, "address").unique(maintain_order=True)
    found = link(asked, pool.select(name, "address"))
    if found.is_empty():
        return rows
    links = pl.DataFrame(
        {
            "_name": asked["name"].gather(found["row"]),
            "address": asked["address"].gather(found["row"]),
            "_found": pool["key"].gather(found["index"]),
            "_how": pl.Series([f"{SIMILAR} {score:.2f}" for score in found["score"]], dtype=pl.Utf8),
        }
    )
    free = pl.col("key").is_null() & pl.col("reg_no").is_null()
    return (
        rows.join(links, on=["_name", "address"], how="left", nulls_equal=True, maintain_order="left")
        .with_columns(
            pl.when(free).then(pl.coalesce("key", "_found")).otherwise("key").alias("key"),
            pl.when(free).then(pl.coalesce("how", "_how")).otherwise("how").alias("how"),
        )
        .drop("_found", "_how")
    )
