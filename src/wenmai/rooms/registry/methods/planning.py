"""What a batch will do to the register: an outcome for every row, what is created, what changes from what to what.

Rules: within a file the first row of an enterprise speaks for it and later rows fill what it leaves unknown
(outcome 重复, pointing at the first row); against the register a known value replaces, an unknown one never does, and
a name that was only recognised by likeness is noted as another name and replaces nothing.
Verified by property: rows in = sum of outcomes; planning the same file again changes nothing (tests).

Memory: the batch is held once; the register only by what identifies an enterprise. Values of the register are asked
for in blocks, rows to create are given in blocks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import polars as pl

from wenmai.rooms.registry.methods.identity import CODE, NEW, OTHER_NAME, SIMILAR, assign_keys
from wenmai.rooms.registry.methods.vocabulary import FORMER, VALUE_FIELDS, VARIANT, Outcome

# The file's own words for a value: they go where the value goes, from the same row. Another wording of an unchanged value
# (在业 for 存续) is no update; words that the register does not have yet are filled in.
WORDS_OF = {"status_text": ("status",), "capital_text": ("capital_amount", "capital_currency")}
BLOCK = 50_000
NAME_MAX = 300  # characters that the register keeps of another name
_CHANGES = {
    "id": pl.Int64, "key": pl.Utf8, "field": pl.Utf8, "old": pl.Utf8, "new": pl.Utf8, "sheet": pl.Int64, "row": pl.Int64,
}  # fmt: skip
# Given ids (ascending), yields blocks of the register: id and the value fields.
Values = Callable[[pl.Series], Iterator[pl.DataFrame]]


@dataclass(frozen=True)
class Plan:
    """outcomes: seq, sheet, row, outcome, into(key), first(seq of the first row), reason, column;
    changes: id, key, field, old, new (text), sheet, row; names: key, kind, name, row; created: `created_parts`."""

    outcomes: pl.DataFrame
    changes: pl.DataFrame
    names: pl.DataFrame
    _batch: _Batch = field(repr=False)
    _created: pl.DataFrame = field(repr=False)

    def counts(self) -> dict[str, int]:
        """Rows by outcome, every outcome present."""
        found = dict(self.outcomes.group_by("outcome").len().iter_rows())
        return {o.value: int(found.get(o.value, 0)) for o in Outcome}

    @property
    def created_keys(self) -> pl.DataFrame:
        """key of every enterprise to create, in file order."""
        return self._created.select("key")

    def created_parts(self) -> Iterator[pl.DataFrame]:
        """The enterprises to create in file order, in blocks: key, seq, sheet, row, value fields, `<field>@` (the place
        "sheet:row" of a value that a later row gave)."""
        for part in self._created.iter_slices(BLOCK):
            yield self._batch.merged(part)


class _Batch:
    """The staged rows with their enterprises: one merged row per enterprise, made when asked for."""

    def __init__(self, staged: pl.DataFrame, keyed: pl.DataFrame) -> None:
        self.staged = staged
        first = keyed.group_by("key", maintain_order=True).agg(
            pl.col("seq").first().alias("first"), pl.len().alias("n"), _by_likeness().all().alias("alike")
        )
        self.enterprises = first
        # Positions, not sequence numbers: the two are the same only as long as nobody filters the staged rows.
        self._place = staged.select("seq").with_row_index("_at")
        self._several = self._merge(keyed.join(first.filter(pl.col("n") > 1).select("key"), on="key", how="semi"))

    def _rows(self, keyed: pl.DataFrame, on: str) -> pl.DataFrame:
        at = keyed.select(pl.col(on).alias("seq")).join(self._place, on="seq", how="left", maintain_order="left")["_at"]
        return self.staged.select("seq", "sheet", "row", *VALUE_FIELDS)[at]

    def _merge(self, keyed: pl.DataFrame) -> pl.DataFrame:
        """One row per key: each field's first known value in file order, with its place in `<field>@` ("sheet:row")
        where that is not the first row. A name that only resembles the enterprise's is taken when there is no other."""
        rows = self._rows(keyed, "seq").with_columns(keyed["key"], keyed.select(_by_likeness().alias("_alike"))["_alike"])
        own = pl.when(pl.col("_alike") & ~pl.col("_alike").all().over("key")).then(None).otherwise("name").alias("name")
        rows = rows.with_columns(own, pl.format("{}:{}", "sheet", "row").alias("_place"))
        known = {f: pl.col(f).is_not_null() for f in VALUE_FIELDS}
        merged = rows.group_by("key", maintain_order=True).agg(
            pl.col("seq").first(), pl.col("sheet").first(), pl.col("row").first(), pl.col("_place").first(),
            *[_first(f, f, known) for f in VALUE_FIELDS],
            *[_first(f, "_place", known).alias(f"{f}@") for f in VALUE_FIELDS],
        )  # fmt: skip
        moved = [pl.when(pl.col(f"{f}@") != pl.col("_place")).then(f"{f}@").alias(f"{f}@") for f in VALUE_FIELDS]
        return merged.with_columns(moved).drop("_place")

    def merged(self, enterprises: pl.DataFrame) -> pl.DataFrame:
        """The merged rows of some of `self.enterprises`, in file order."""
        single = enterprises.filter(pl.col("n") == 1)
        rows = self._rows(single, "first").with_columns(single["key"])
        several = self._several.join(enterprises.select("key"), on="key", how="semi")
        return pl.concat([rows, several], how="diagonal").sort("seq")


def make_plan(
    staged: pl.DataFrame, register: pl.DataFrame, values: Values, other_names: pl.DataFrame | None = None
) -> Plan:
    """Plan a staged batch against the register (see module).

    `register`: id, key, current, credit_code, reg_no, name, address of every enterprise, withdrawn ones too (their
    keys stand); `values` reads the value fields of given ids; `other_names`: key, name.
    """
    keyed = assign_keys(staged, register, other_names)
    batch = _Batch(staged, keyed)
    live = register.filter("current").select("id", "key")
    created = batch.enterprises.join(live, on="key", how="anti", maintain_order="left")
    known = batch.enterprises.join(live, on="key", how="inner")
    changes = _changes(batch, known, values)
    touched = changes.select("key", pl.lit(True).alias("_touched")).unique("key")
    new_keys = created.select("key", pl.lit(True).alias("_new"))
    outcomes = (
        keyed.join(batch.enterprises.select("key", "first"), on="key", how="left", maintain_order="left")
        .join(new_keys, on="key", how="left", maintain_order="left")
        .join(touched, on="key", how="left", maintain_order="left")
        .select(
            "seq", "sheet", "row",
            pl.when(pl.col("seq") != pl.col("first")).then(pl.lit(Outcome.DUPLICATE.value))
            .when(pl.col("_new")).then(pl.lit(Outcome.CREATED.value))
            .when(pl.col("_touched")).then(pl.lit(Outcome.UPDATED.value))
            .otherwise(pl.lit(Outcome.UNCHANGED.value)).alias("outcome"),
            pl.col("key").alias("into"), "first",
            pl.when(pl.col("how").is_in([CODE, NEW])).then(None).otherwise(pl.lit("按") + pl.col("how") + "归并").alias("reason"),
            pl.lit(None, pl.Utf8).alias("column"),
        )
    )  # fmt: skip
    rejected = staged.filter(pl.col("fatal").is_not_null()).select(
        "seq", "sheet", "row", pl.lit(Outcome.REJECTED.value).alias("outcome"), pl.lit(None, pl.Utf8).alias("into"),
        pl.lit(None, pl.Int64).alias("first"), pl.col("fatal").alias("reason"), pl.col("fatal_column").alias("column"),
    )  # fmt: skip
    outcomes = pl.concat([outcomes, rejected], how="vertical_relaxed").sort("seq")
    return Plan(outcomes, changes, _names(staged, keyed, batch, changes), batch, created)


def _first(field: str, of: str, known: dict[str, pl.Expr]) -> pl.Expr:
    """`of` in the first row of the group that knows the field; of a value's words, in the row that gave the value."""
    first = pl.col(of).filter(known[field]).first()
    value = WORDS_OF.get(field, ())[:1]
    return pl.when(known[value[0]].any()).then(pl.col(of).filter(known[value[0]]).first()).otherwise(first) if value else first


def _differs(name: str) -> pl.Expr:
    return pl.col(name).is_not_null() & pl.col(name).ne_missing(pl.col(f"{name}_old"))


def _by_likeness() -> pl.Expr:
    return (pl.col("how") == OTHER_NAME) | pl.col("how").str.starts_with(SIMILAR)


def _changes(batch: _Batch, known: pl.DataFrame, values: Values) -> pl.DataFrame:
    parts = [pl.DataFrame(schema=_CHANGES)]
    known = known.sort("id")
    for block in values(known["id"]):
        some = known.join(block.select("id"), on="id", how="semi")
        rows = batch.merged(some).join(some.select("key", "id", "alike"), on="key", how="inner")
        both = rows.join(block, on="id", how="inner", suffix="_old")
        for name in VALUE_FIELDS:
            differs = _differs(name)
            if name in WORDS_OF:
                value_differs = pl.any_horizontal([_differs(value) for value in WORDS_OF[name]])
                differs = differs & (value_differs | pl.col(f"{name}_old").is_null())
            if name == "name":
                differs = differs & ~(pl.col("alike") & pl.col("name_old").is_not_null())
            changed = both.filter(differs)
            if changed.is_empty():
                continue
            place = pl.coalesce(f"{name}@", pl.format("{}:{}", "sheet", "row")).str.split(":").list
            parts.append(
                changed.select(
                    "id", "key", pl.lit(name).alias("field"), pl.col(f"{name}_old").cast(pl.Utf8).alias("old"),
                    pl.col(name).cast(pl.Utf8).alias("new"),
                    place.get(0).cast(pl.Int64).alias("sheet"), place.get(1).cast(pl.Int64).alias("row"),
                )
            )  # fmt: skip
    return pl.concat(parts)


def _names(staged: pl.DataFrame, keyed: pl.DataFrame, batch: _Batch, changes: pl.DataFrame) -> pl.DataFrame:
    """Other names: former names given by the file, the name that a change replaces, variants within the file, and
    names that only resemble the enterprise's (kept, so that they are recognised by equality next time)."""
    several = batch.merged(batch.enterprises.filter(pl.col("n") > 1)).select("key", pl.col("name").alias("_main"))
    variants = (
        keyed.filter(pl.col("name").is_not_null()).join(several, on="key", how="left", maintain_order="left")
        .filter((pl.col("name") != pl.col("_main")).fill_null(False) | _by_likeness())
        .select("key", pl.lit(VARIANT).alias("kind"), "name", "row")
    )  # fmt: skip
    given = staged.filter(pl.col("former_names").is_not_null()).select("seq", "former_names")
    former = (
        given.join(keyed, on="seq", how="inner", maintain_order="left")
        .select("key", pl.lit(FORMER).alias("kind"), pl.col("former_names").str.split("；").alias("name"), "row")
        .explode("name", empty_as_null=True)
        .filter(pl.col("name").is_not_null() & (pl.col("name") != ""))
    )
    replaced = changes.filter((pl.col("field") == "name") & pl.col("old").is_not_null()).select(
        "key", pl.lit(FORMER).alias("kind"), pl.col("old").alias("name"), "row"
    )
    both = [f.with_columns(pl.col("row").cast(pl.Int64)) for f in (former, replaced, variants)]
    names = pl.concat(both).with_columns(pl.col("name").str.slice(0, NAME_MAX))
    return names.unique(["key", "name"], keep="first", maintain_order=True)
