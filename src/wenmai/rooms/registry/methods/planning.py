"""What a batch will do to the register: an outcome for every row, what is created, what changes from what to what.

Rules: within a file the first row of an enterprise speaks for it and later rows fill what it leaves unknown
(outcome 重复, pointing at the first row); against the register a known value replaces, an unknown one never does.
Verified by property: rows in = sum of outcomes; planning the same file again changes nothing (tests).
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from wenmai.rooms.registry.choices import VALUE_FIELDS, Outcome
from wenmai.rooms.registry.methods.identity import assign_keys

# These follow from other fields or repeat them, so they do not make a row an "update" on their own.
_COMPARED = tuple(f for f in VALUE_FIELDS if f not in ("status_text", "capital_text", "former_names"))


@dataclass(frozen=True)
class Plan:
    """outcomes: seq, sheet, row, outcome, into(key), first(seq of the first row), reason, column;
    created: key + value fields + seq, sheet, row; changes: id, key, field, old, new (text), sheet, row;
    names: key, kind, name, row."""

    outcomes: pl.DataFrame
    created: pl.DataFrame
    changes: pl.DataFrame
    names: pl.DataFrame

    def counts(self) -> dict[str, int]:
        """Rows by outcome, every outcome present."""
        found = dict(self.outcomes.group_by("outcome").len().iter_rows())
        return {o.value: int(found.get(o.value, 0)) for o in Outcome}


def make_plan(staged: pl.DataFrame, existing: pl.DataFrame) -> Plan:
    """Plan a staged batch against the register (see module)."""
    keyed = assign_keys(staged, existing)
    first = keyed.group_by("key", maintain_order=True).agg(pl.col("seq").first().alias("first"), pl.len().alias("n"))
    keyed = keyed.join(first, on="key", how="left", maintain_order="left")
    merged = _merge(keyed)
    live = existing.filter(pl.col("current")) if "current" in existing.columns else existing
    known = merged.join(live.select("key"), on="key", how="semi")
    created = merged.join(live.select("key"), on="key", how="anti", maintain_order="left")
    changes = _changes(known, live)
    touched = set(changes["key"].to_list())
    is_first = pl.col("seq") == pl.col("first")
    new_keys = created.select("key", pl.lit(True).alias("_new"))
    outcomes = (
        keyed.join(new_keys, on="key", how="left", maintain_order="left")
        .select(
            "seq",
            "sheet",
            "row",
            pl.when(~is_first)
            .then(pl.lit(Outcome.DUPLICATE.value))
            .when(pl.col("_new"))
            .then(pl.lit(Outcome.CREATED.value))
            .when(pl.col("key").is_in(list(touched)))
            .then(pl.lit(Outcome.UPDATED.value))
            .otherwise(pl.lit(Outcome.UNCHANGED.value))
            .alias("outcome"),
            pl.col("key").alias("into"),
            "first",
            pl.when(pl.col("how").is_in(["代码", "新名称"])).then(None).otherwise(pl.lit("按") + pl.col("how") + "归并").alias("reason"),
            pl.lit(None, pl.Utf8).alias("column"),
        )
    )
    rejected = staged.filter(pl.col("fatal").is_not_null()).select(
        "seq",
        "sheet",
        "row",
        pl.lit(Outcome.REJECTED.value).alias("outcome"),
        pl.lit(None, pl.Utf8).alias("into"),
        pl.lit(None, pl.Int64).alias("first"),
        pl.col("fatal").alias("reason"),
        pl.col("fatal_column").alias("column"),
    )
    outcomes = pl.concat([outcomes, rejected], how="vertical_relaxed").sort("seq")
    return Plan(outcomes, created, changes, _names(keyed, merged, changes))


def _merge(keyed: pl.DataFrame) -> pl.DataFrame:
    """One row per key: each field's first known value, in file order."""
    fields = [f for f in VALUE_FIELDS if f in keyed.columns]
    single = keyed.filter(pl.col("n") == 1).select("key", "seq", "sheet", "row", *fields)
    several = keyed.filter(pl.col("n") > 1)
    if several.is_empty():
        return single
    joined = several.group_by("key", maintain_order=True).agg(
        pl.col("seq").first(),
        pl.col("sheet").first(),
        pl.col("row").first(),
        *[pl.col(f).drop_nulls().first() for f in fields],
    )
    return pl.concat([single, joined.select(single.columns)], how="vertical_relaxed").sort("seq")


def _changes(known: pl.DataFrame, live: pl.DataFrame) -> pl.DataFrame:
    schema = {
        "id": pl.Int64, "key": pl.Utf8, "field": pl.Utf8, "old": pl.Utf8, "new": pl.Utf8, "sheet": pl.Int64, "row": pl.Int64,
    }  # fmt: skip
    if known.is_empty():
        return pl.DataFrame(schema=schema)
    both = known.join(live.select("id", "key", *_COMPARED), on="key", how="inner", suffix="_old")
    parts = []
    for field in _COMPARED:
        differs = pl.col(field).is_not_null() & pl.col(field).ne_missing(pl.col(f"{field}_old"))
        parts.append(
            both.filter(differs).select(
                "id",
                "key",
                pl.lit(field).alias("field"),
                pl.col(f"{field}_old").cast(pl.Utf8).alias("old"),
                pl.col(field).cast(pl.Utf8).alias("new"),
                pl.col("sheet").cast(pl.Int64),
                pl.col("row").cast(pl.Int64),
            )
        )
    return pl.concat(parts)


def _names(keyed: pl.DataFrame, merged: pl.DataFrame, changes: pl.DataFrame) -> pl.DataFrame:
    """Other names: variants within the file, former names given by it, and the name that a change replaces."""
    variants = (
        keyed.filter((pl.col("n") > 1) & pl.col("name").is_not_null())
        .join(merged.select("key", pl.col("name").alias("_main")), on="key", how="left")
        .filter(pl.col("name") != pl.col("_main"))
        .select("key", pl.lit("variant").alias("kind"), "name", "row")
    )
    former = (
        keyed.filter(pl.col("former_names").is_not_null())
        .select("key", pl.lit("former").alias("kind"), pl.col("former_names").str.split("；").alias("name"), "row")
        .explode("name", empty_as_null=True)
        .filter(pl.col("name").is_not_null() & (pl.col("name") != ""))
    )
    replaced = changes.filter((pl.col("field") == "name") & pl.col("old").is_not_null()).select(
        "key", pl.lit("former").alias("kind"), pl.col("old").alias("name"), "row"
    )
    both = [f.with_columns(pl.col("row").cast(pl.Int64)) for f in (former, replaced, variants)]
    return pl.concat(both).unique(["key", "name"], keep="first", maintain_order=True)
