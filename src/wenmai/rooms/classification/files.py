"""`wenmai classify FILE -o OUT.csv`: any importable directory, no database."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import polars as pl

from wenmai.base.standards import detect_edition
from wenmai.base.values import InputError
from wenmai.rooms.classification.methods.classify import classify
from wenmai.rooms.classification.services import current_model
from wenmai.rooms.registry.staging import read_file

_CULTURE = {"全部计入类": "yes", "部分计入类": "yes", "非文化": "no", "待核定": "review"}
COLUMNS = ("credit_code", "name", "culture", "small_code", "probability", "evidence")
FULL = ("gbt_division", "gbt_division_name", "gbt_division_basis", "gbt_code", "gbt_name")
CHUNK = 20000


def classify_file(
    source: Path, target: Path, progress: Callable[[str, int, int | None], None], full: bool = False
) -> dict[str, int]:
    """Write one line per row of the file, in its order (rejected rows too, as review); returns counts by culture.

    probability is P(cultural); evidence is JSON. With `full` also row, outcome, forced and FULL: the industry division of
    every row (registered, that of the culture class, or predicted), and its class where one is known.
    """
    if not source.is_file():
        raise InputError("找不到文件", where=str(source), remedy="请核对路径")
    progress("读取文件", 0, None)
    rows, _, _ = read_file(source)
    progress("读取文件", rows.height, rows.height)
    model = current_model()
    if full:
        # Imported here: scikit-learn takes a second to load and only the full output needs it.
        from wenmai.rooms.classification.methods.division import with_industry, with_shipped_divisions

        model = with_shipped_divisions(model)
    edition = detect_edition(rows["industry_code"], rows["industry_text"]).name
    parts = []
    for part in rows.iter_slices(CHUNK):
        result = classify(part.select("name", "scope", "industry_code", "industry_text", "credit_code").with_columns(edition=pl.lit(edition)), model)
        if full:
            result = pl.concat([result.drop("gbt_code"), with_industry(part, result, model)], how="horizontal")
        out = pl.concat([part.select("row", "credit_code", "name", "fatal"), result], how="horizontal")
        out = out.with_columns(
            pl.col("outcome").replace_strict(_CULTURE, default="review").alias("culture"),
            pl.col("probability").round(4),
        ).with_columns(
            # Cultural, but no class can be named: a person has to say (as in services).
            pl.when(pl.col("fatal").is_not_null() | (pl.col("culture").eq("yes") & pl.col("small_code").is_null()))
            .then(pl.lit("review"))
            .otherwise("culture")
            .alias("culture"),
            pl.when(pl.col("culture") == "no").then(None).otherwise("small_code").alias("small_code"),
        )
        extra = ["row", "outcome", "forced", *FULL] if full else []
        parts.append(out.select(*COLUMNS, *extra))
        progress("识别行业", sum(p.height for p in parts), rows.height)
    # A name that begins like a formula would run when a person opens the file in a spreadsheet.
    risky = pl.col("name").str.contains(r"^[=+\-@\t\r]")
    frame = pl.concat(parts).with_columns(pl.when(risky).then("'" + pl.col("name")).otherwise("name").alias("name"))
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(target.name + f".{os.getpid()}.part")
    frame.write_csv(temporary)
    os.replace(temporary, target)
    found = dict(frame.group_by("culture").len().iter_rows())
    return {k: int(found.get(k, 0)) for k in ("yes", "no", "review")}
