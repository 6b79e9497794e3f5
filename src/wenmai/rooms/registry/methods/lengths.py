"""Values longer than the register's columns: told row by row, so that one of them does not fail a whole batch.

PostgreSQL refuses what is too long; SQLite keeps it. Both get the same values.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

# A cut name is another name, so the row is sent back; a cut number would make two units one, so it counts as unknown.
REJECTED, DROPPED = frozenset({"name"}), frozenset({"credit_code", "reg_no", "industry_code"})
_SHOWN = 200


def fit(frame: pl.DataFrame, limits: Mapping[str, int], titles: Mapping[str, str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows with values that fit, and a problem (row, column, value, reason, fatal) for each that did not.

    `limits`: longest text of each field in characters; `titles`: the file's column of a field. A row whose name is too
    long stays as it is and has a fatal problem. Other texts are cut to the limit.
    """
    problems = []
    for field, most in limits.items():
        long = frame.filter(pl.col(field).str.len_chars() > most)
        if long.is_empty():
            continue
        done = "，本行退回" if field in REJECTED else "，按未载处理" if field in DROPPED else f"，只保留前 {most} 字"
        problems.append(
            long.select(
                "row", pl.lit(titles.get(field, "")).alias("column"), pl.col(field).str.slice(0, _SHOWN).alias("value"),
                pl.format("内容有 {} 字，超过上限 {} 字{}", pl.col(field).str.len_chars(), pl.lit(most), pl.lit(done)).alias("reason"),
                pl.lit(field in REJECTED).alias("fatal"),
            )
        )  # fmt: skip
        if field in DROPPED:
            frame = frame.with_columns(pl.when(pl.col(field).str.len_chars() <= most).then(field).alias(field))
        elif field not in REJECTED:
            frame = frame.with_columns(pl.col(field).str.slice(0, most))
    schema = {"row": pl.Int64, "column": pl.Utf8, "value": pl.Utf8, "reason": pl.Utf8, "fatal": pl.Boolean}
    return frame, pl.concat([pl.DataFrame(schema=schema), *problems])
