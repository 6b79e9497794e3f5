"""File → staged Parquet: every row with its canonical values, its place in the file, and why it cannot be used."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
from django.conf import settings

from wenmai.base import readers
from wenmai.base.values import InputError
from wenmai.rooms.registry import storage
from wenmai.rooms.registry.choices import VALUE_FIELDS

Progress = Callable[[str, int, int | None], None]


def aliases_path() -> Path:
    """The site's own column aliases, which an official can extend; used when present."""
    return Path(settings.WENMAI_HOME) / "列名对照.tsv"


def _plain(value: Any) -> Any:
    """JSON has no exact decimals: sums are kept as text, to the last digit."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return {k: _plain(v) for k, v in value.items()} if isinstance(value, dict) else value


def _all_rows(sheet: readers.Sheet) -> pl.DataFrame:
    """Row numbers of the sheet, with lines so broken that they never became cells."""
    broken = sheet.problems.filter(pl.col("fatal") & (pl.col("row") > 0)).select("row")
    return pl.concat([sheet.frame.select("row"), broken]).unique("row", maintain_order=True).sort("row")


def read_file(path: Path) -> tuple[pl.DataFrame, pl.DataFrame, dict[str, Any]]:
    """(staged rows, problems, notes about columns and sums) of a file, without touching the database.

    Sheets that hold no enterprises (no name or code column) are passed over when another sheet has them; they are
    listed in the notes, so nothing vanishes unsaid.
    """
    extra = aliases_path()
    aliases = readers.load_aliases(extra if extra.exists() else None)
    staged: list[pl.DataFrame] = []
    problems: list[pl.DataFrame] = []
    about: dict[str, Any] = {"sheets": [], "reconciliation": [], "passed_over": []}
    failure: InputError | None = None
    for number, sheet in enumerate(readers.read_sheets(path)):
        try:
            mapping = readers.map_columns(sheet, aliases)
        except InputError as error:
            failure = failure or error
            about["passed_over"].append({"sheet": sheet.sheet, "rows": sheet.frame.height, "why": str(error)})
            continue
        result = readers.normalise(sheet, mapping)
        titles = {column.position: column.title for column in sheet.columns}
        fatal = (
            pl.concat([sheet.problems, result.problems], how="vertical_relaxed")
            .filter(pl.col("fatal") & (pl.col("row") > 0))
            .unique("row", keep="first", maintain_order=True)
            .select("row", pl.col("reason").alias("fatal"), pl.col("column").alias("fatal_column"))
        )
        # The reader leaves out rows it cannot use; here every row of the sheet stays and ends somewhere.
        frame = _all_rows(sheet).join(result.frame, on="row", how="left", maintain_order="left")
        frame = frame.join(fatal, on="row", how="left", maintain_order="left").with_columns(
            pl.lit(number).cast(pl.Int64).alias("sheet"),
            pl.when(pl.col("fatal").is_null() & pl.col("name").is_null() & pl.col("credit_code").is_null() & pl.col("reg_no").is_null())
            .then(pl.lit("缺名称和代码"))
            .otherwise("fatal")
            .alias("fatal"),
        )
        staged.append(frame.select("sheet", "row", *VALUE_FIELDS, "fatal", "fatal_column"))
        problems.append(pl.concat([sheet.problems, result.problems], how="vertical_relaxed").with_columns(pl.lit(sheet.sheet).alias("sheet")))
        about["sheets"].append(
            {
                "number": number,
                "sheet": sheet.sheet,
                "rows": frame.height,
                "fields": {f: [titles[i] for i in cols] for f, cols in mapping.fields.items()},
                "unmapped": [titles[i] for i in mapping.unmapped],
            }
        )
        about["reconciliation"].extend(
            {"sheet": sheet.sheet, **{k: _plain(v) for k, v in line.items()}}
            for line in readers.reconcile(sheet, mapping, result)
        )
        about.setdefault("_raw", []).append((number, sheet))
    if not staged:
        raise failure or InputError("文件里没有数据", where=path.name, remedy="请核对文件内容")
    rows = pl.concat(staged).with_row_index("seq").with_columns(pl.col("seq").cast(pl.Int64))
    return rows, pl.concat(problems, how="diagonal_relaxed"), about


def stage(batch_id: int, path: Path) -> dict[str, Any]:
    """Read a batch's file and write raw-<n>, staged and problems; returns what the batch should remember."""
    rows, problems, about = read_file(path)
    for number, sheet in about.pop("_raw", []):
        titles: dict[str, str] = {}
        for column in sheet.columns:
            title = column.title or f"第{column.position + 1}列"
            while title in titles.values():
                title += "'"
            titles[f"c{column.position}"] = title
        storage.write(batch_id, f"raw-{number}", sheet.frame.rename({k: v for k, v in titles.items() if k in sheet.frame.columns}))
    storage.write(batch_id, "problems", problems)
    storage.write(batch_id, "staged", rows)
    about["rows"] = rows.height
    about["problems"] = problems.height
    return about
