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
    known = existing.select("key", "credit_code", "reg_no", "name", "address").with_columns(normal_name_expr("name").alias("_name"))
    rows = _fill(rows, known, ["credit_code"], CODE)
    coded_only = pl.col("credit_code").is_not_null()
    # A coded row may be the code of an entry that had none: same registration number, or same unique name.
    rows = _fill(rows, known, ["reg_no"], NUMBER, when=coded_only)
    rows = _by_name(rows, known, NAME, when=coded_only)
    rows = rows.with_columns(
        pl.when(pl.col("key").is_null() & coded_only).then("credit_code").otherwise("key").alias("key"),
        pl.when(pl.col("key").is_null() & coded_only).then(pl.lit(CODE)).otherwise("how").alias("how"),
    )
    columns = ("key", "credit_code", "reg_no", "_name", "address")
    pool = pl.concat([known.select(columns), rows.filter(pl.col("key").is_not_null()).select(columns)])
    rows = _fill(rows, known.filter(pl.col("credit_code").is_null()), ["reg_no"], NUMBER)
    rows = _fill(rows, pool, ["reg_no"], NUMBER)
    rows = _by_name(rows, pool, NAME)
    if other_names is not None and not other_names.is_empty():
        others = other_names.select("key", normal_name_expr("name").alias("_name")).unique()
        rows = _by_name(rows, others.join(pool.drop("_name"), on="key", how="inner"), OTHER_NAME)
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


def _by_name(rows: pl.DataFrame, pool: pl.DataFrame, how: str, when: pl.Expr | None = None) -> pl.DataFrame:
    """`_fill` by the name where it is a company's, which no other bears in its place; by name and equal known address
    where many strangers share one (便民超市)."""
    asked = pl.lit(True) if when is None else when
    company = pl.col("_name").str.contains(ENDS_LIKE_COMPANY)
    rows = _fill(rows, pool, ["_name"], how, when=asked & company)
    return _fill(rows, pool, ["_name", "address"], how, when=asked & ~company)


def _fill(rows: pl.DataFrame, pool: pl.DataFrame, on: list[str], how: str, when: pl.Expr | None = None) -> pl.DataFrame:
    """Give rows without a key the key of the one pool entry that is equal in `on`; two different ones give none.

    Equal names make no match against evidence: none where row and entry have different codes or different
    registration numbers, and none at all where rows of different codes (or numbers) claim the same entry: which of
    them it is cannot be told.
    """
    given = pl.all_horizontal([pl.col(c).is_not_null() & (pl.col(c) != "") for c in on])
    open_ = pl.col("key").is_null() & given
    columns = [c for c in ("seq", "credit_code", "reg_no", "_name", "address") if c in on or c not in ("_name", "address")]
    asking = rows.filter(open_ if when is None else open_ & when).select(columns)
    if asking.is_empty():
        return rows
    entries = (
        pool.join(asking.select(on).unique(), on=on, how="semi")
        .group_by(on)
        .agg(
            pl.col("key").first().alias("_found"), pl.col("key").n_unique().alias("_n"),
            pl.col("credit_code").drop_nulls().unique().alias("_codes"), pl.col("reg_no").drop_nulls().unique().alias("_numbers"),
        )
        .filter(pl.col("_n") == 1)
    )  # fmt: skip
    claims = asking.join(entries.select(*[pl.col(c) for c in on], "_found", "_codes", "_numbers"), on=on, how="inner")
    if on != ["credit_code"]:
        claims = claims.filter(~_denied("credit_code", "_codes") & ~_denied("reg_no", "_numbers"))
        several = pl.any_horizontal([pl.col(c).drop_nulls().n_unique().over("_found") > 1 for c in ("credit_code", "reg_no")])
        claims = claims.filter(~several)
    if claims.is_empty():
        return rows
    return (
        rows.join(claims.select("seq", "_found"), on="seq", how="left", maintain_order="left")
        .with_columns(
            pl.coalesce("key", "_found").alias("key"),
            pl.when(pl.col("_found").is_not_null()).then(pl.lit(how)).otherwise("how").alias("how"),
        )
        .drop("_found")
    )


def _denied(own: str, theirs: str) -> pl.Expr:
    """Both sides have a value, and not the same."""
    return (pl.col(own).is_not_null() & (pl.col(theirs).list.len() > 0) & ~pl.col(theirs).list.contains(pl.col(own))).fill_null(False)


def _link(rows: pl.DataFrame, pool: pl.DataFrame) -> pl.DataFrame:
    """Fuzzy linkage of what has only a name, against pool entries that have one. Where either name is no company's, the
    addresses must be equal, as for equal names."""
    open_rows = rows.filter(pl.col("key").is_null() & pl.col("_name").is_not_null() & pl.col("reg_no").is_null())
    pool = pool.filter(pl.col("_name").is_not_null()).unique(["key", "_name"], maintain_order=True)
    if open_rows.is_empty() or pool.is_empty():
        return rows
    name = pl.col("_name").alias("name")
    # Equal names are compared once: a file may hold the same shop name hundreds of times.
    asked = open_rows.select(name, "address").unique(maintain_order=True)
    found = link(asked, pool.select(name, "address"))
    links = pl.DataFrame(
        {
            "_name": asked["name"].gather(found["row"]),
            "address": asked["address"].gather(found["row"]),
            "_found": pool["key"].gather(found["index"]),
            "_how": pl.Series([f"{SIMILAR} {score:.2f}" for score in found["score"]], dtype=pl.Utf8),
            "_theirs": pool["_name"].gather(found["index"]),
            "_at": pool["address"].gather(found["index"]),
        }
    )
    companies = pl.col("_name").str.contains(ENDS_LIKE_COMPANY) & pl.col("_theirs").str.contains(ENDS_LIKE_COMPANY)
    links = links.filter(companies | (pl.col("address") == pl.col("_at")).fill_null(False)).drop("_theirs", "_at")
    if links.is_empty():
        return rows
    free = pl.col("key").is_null() & pl.col("reg_no").is_null()
    return (
        rows.join(links, on=["_name", "address"], how="left", nulls_equal=True, maintain_order="left")
        .with_columns(
            pl.when(free).then(pl.coalesce("key", "_found")).otherwise("key").alias("key"),
            pl.when(free).then(pl.coalesce("how", "_how")).otherwise("how").alias("how"),
        )
        .drop("_found", "_how")
    )
