"""Record linkage of rows without a usable code: blocking on rare character trigrams, then rapidfuzz.

Why not splink: the rows to link are few and carry two comparable fields, so there is nothing for an
expectation-maximisation to estimate (decision record 0003). Verified on 479 pairs of equal code and different
name (docs/methods/identity.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl
from rapidfuzz import fuzz, process
from rapidfuzz.distance import DamerauLevenshtein

from wenmai.rooms.registry.methods.names import core_name, core_names

THRESHOLD = 0.85
MARGIN = 0.03
_BLOCKS_PER_NAME = 4
_MAX_CANDIDATES = 80
_SHORTEST = 4  # two- and three-character names are shared by strangers
_ADDRESS_WEIGHT = 0.12
_PART = 200_000
_SCHEMA: dict[str, Any] = {"row": pl.Int64, "index": pl.Int64, "score": pl.Float64}


def score(a: str, b: str, address_a: str | None = None, address_b: str | None = None) -> float:
    """Similarity of two names in 0..1. One changed character in a core name of eight or more scores >= 0.875;
    the address moves the score by at most 0.06 either way and only when both are known. Below what an address
    could lift over the threshold the answer is 0."""
    rows = pl.DataFrame({"a": [core_name(a)], "b": [core_name(b)], "x": [address_a], "y": [address_b]}, schema_overrides={"x": pl.Utf8, "y": pl.Utf8})
    return float(_scores(rows["a"], rows["b"], rows["x"], rows["y"])[0])


def _scores(a: pl.Series, b: pl.Series, address_a: pl.Series, address_b: pl.Series) -> np.ndarray[Any, np.dtype[np.float64]]:
    """`score` of each pair of core names."""
    found = process.cpdist(
        a.to_list(), b.to_list(), scorer=DamerauLevenshtein.normalized_similarity, score_cutoff=THRESHOLD - 0.1, dtype=np.float64
    )
    # Only pairs that an address could still decide are looked at again: partial_ratio is the dear part.
    near = np.flatnonzero(found > 0)
    for i, x, y in zip(near, address_a.gather(near), address_b.gather(near), strict=True):
        if x and y:
            found[i] += _ADDRESS_WEIGHT * (fuzz.partial_ratio(x, y) / 100 - 0.5)
    return np.clip(found, 0.0, 1.0)


def link(rows: pl.DataFrame, pool: pl.DataFrame) -> pl.DataFrame:
    """Which pool entry each row's name refers to: columns row, index (both positions) and score.

    Both frames have `name` (a normal name) and `address`. A row is linked to its best candidate at THRESHOLD or
    above that beats the runner-up by MARGIN; when that is not certain it is not in the answer.
    Memory grows with the trigrams that rows and pool share, not with the pool's.
    """
    sought = rows.with_row_index("row").select("row", core_names(rows["name"]).alias("core"), "address")
    sought = sought.filter(pl.col("core").str.len_chars() >= _SHORTEST)
    pool = pool.with_row_index("index").select("index", core_names(pool["name"]).alias("core"), "address")
    if sought.is_empty() or pool.is_empty():
        return pl.DataFrame(schema=_SCHEMA)
    wanted = pl.concat([part.unique() for part in _grams(sought, "row")])
    ids = wanted.select("gram").unique().with_row_index("g")
    wanted = wanted.join(ids, on="gram")
    postings = pl.concat([part.join(ids, on="gram").select("g", "index").unique() for part in _grams(pool, "index")])
    frequency = postings.group_by("g").len("n")
    # The rarest grams of each name, as long as they bring no more candidates than are worth comparing.
    rare = (
        wanted.join(frequency.filter(pl.col("n") <= _MAX_CANDIDATES), on="g")
        .sort("row", "n", "gram")
        .with_columns(pl.col("gram").cum_count().over("row").alias("nth"), pl.col("n").cum_sum().over("row").alias("so_far"))
        .filter((pl.col("nth") <= _BLOCKS_PER_NAME) & (pl.col("so_far") <= _MAX_CANDIDATES))
        .select("row", "g")
    )
    pairs = rare.join(postings, on="g").select("row", "index").unique()
    found: list[pl.DataFrame] = []
    for part in pairs.sort("row", "index").iter_slices(_PART):
        both = part.join(sought, on="row", maintain_order="left").join(pool, on="index", suffix="_pool", maintain_order="left")
        values = _scores(both["core"], both["core_pool"], both["address"], both["address_pool"])
        found.append(part.with_columns(pl.Series("score", values)).filter(pl.col("score") > 0))
    return _certain(pl.concat(found)) if found else pl.DataFrame(schema=_SCHEMA)


def _grams(frame: pl.DataFrame, position: str) -> Iterator[pl.DataFrame]:
    """(position, gram): every character trigram of the core names (a shorter core is one gram), in parts."""
    for part in frame.iter_slices(_PART):
        lengths = part["core"].str.len_chars()
        last = int(lengths.max() or 0)  # type: ignore[arg-type]
        slices = [
            part.filter(lengths >= (at + 3 if at else 1)).select(position, pl.col("core").str.slice(at, 3).alias("gram"))
            for at in range(max(last - 2, 1))
        ]
        yield pl.concat(slices)


def _certain(scored: pl.DataFrame) -> pl.DataFrame:
    """The best pair of each row that is good enough and clearly better than the next."""
    ranked = scored.sort(["row", "score", "index"], descending=[False, True, False])
    best = ranked.group_by("row", maintain_order=True).agg(
        pl.col("index").first(), pl.col("score").first(), pl.col("score").get(1, null_on_oob=True).fill_null(0.0).alias("second")
    )
    # The hundredth of a rounding error must not decide whether two names are one enterprise.
    clear = pl.col("score") - pl.col("second") >= MARGIN - 1e-9
    return best.filter((pl.col("score") >= THRESHOLD - 1e-9) & clear).select(pl.col(c).cast(t) for c, t in _SCHEMA.items())
