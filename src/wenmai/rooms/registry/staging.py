"""File → staged Parquet: every row with its canonical values, its place in the file, and why it cannot be used."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
from django.conf import settings

from wenmai.base import readers
from wenmai.base.readers.guard import TEXT_SUFFIXES
from wenmai.base.values import InputError
from wenmai.rooms.registry import parks, storage
from wenmai.rooms.registry.methods.lengths import fit
from wenmai.rooms.registry.methods.parks import Parks
from wenmai.rooms.registry.methods.vocabulary import VALUE_FIELDS
from wenmai.rooms.registry.models import Enterprise

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


def _parks(
    frame: pl.DataFrame, sheet: readers.Sheet, mapping: readers.Mapping, table: Parks, problems: list[pl.DataFrame]
) -> pl.DataFrame:
    """Park names under the office's table; each merged cell is told (the raw row keeps it verbatim)."""
    names = frame["park"].drop_nulls().unique().to_list()
    merged = {name: park for name in names if (park := table.name(name)) != name}
    if not merged:
        return frame
    title = "、".join(sheet.columns[at].clean for at in mapping.fields.get("park", []))
    told = frame.filter(pl.col("park").is_in(list(merged))).select(
        "row", pl.lit(title).alias("column"), pl.col("park").alias("value"),
        (pl.lit("按园区对照表归为“") + pl.col("park").replace(merged) + "”").alias("reason"), pl.lit(False).alias("fatal"),
        pl.lit(sheet.sheet).alias("sheet"),
    )  # fmt: skip
    problems.append(told)
    return frame.with_columns(pl.col("park").replace(merged))


def _propose_parks(rows: pl.DataFrame) -> pl.DataFrame:
    """Problems that propose which of the batch's park names may be one with another; nothing is merged by them."""
    named = rows.filter(pl.col("park").is_not_null() & pl.col("fatal").is_null())
    own = dict(named.group_by("park").len().iter_rows())
    first = dict(named.group_by("park").agg(pl.col("row").min()).iter_rows())
    schema = {"row": pl.Int64, "column": pl.Utf8, "value": pl.Utf8, "reason": pl.Utf8, "fatal": pl.Boolean}
    lines = [
        (first.get(p.name, first.get(p.park)), "园区", p.name, f"园区“{p.name}”或即“{p.park}”：{p.reason}；确认后请加入 园区对照.csv", False)
        for p in (parks.proposals(own) if own else [])
        if p.name in first or p.park in first
    ]
    return pl.DataFrame(lines, schema=schema, orient="row")


def _total_line(sheet: str, line: dict[str, Any]) -> dict[str, Any]:
    """A checked total row in the shape of the other lines of the reconciliation."""
    found = "相符" if line["agrees"] else "不符"
    return {
        "sheet": sheet, "field": "total", "columns": [f"{line['column']}（第 {line['row']} 行{line['word']}，{found}）"],
        **{k: line[k] for k in ("rows", "with_value", "readable", "unreadable", "agrees")},
        "sums": {"表中合计": _plain(line["stated"]), "逐行相加": _plain(line["summed"]), "相差": _plain(line["difference"])},
    }  # fmt: skip


def _not_data(staged: list[pl.DataFrame]) -> dict[str, int]:
    """Rows by kind that are no data (合计行, 说明行, 重复的表头): rejected, but by nature and not for a fault."""
    reasons = pl.concat([f.select("fatal") for f in staged])["fatal"].drop_nulls()
    kinds = reasons.filter(reasons.str.ends_with(readers.NOT_DATA)).str.strip_suffix(readers.NOT_DATA)
    return {str(k): int(n) for k, n in kinds.value_counts(sort=True).iter_rows()}


def _limits() -> dict[str, int]:
    """The longest text of each field of an enterprise; fields without a limit are left out."""
    fields = {name: Enterprise._meta.get_field(name) for name in VALUE_FIELDS}
    return {name: int(most) for name, field in fields.items() if (most := getattr(field, "max_length", None))}


def _sheets(path: Path, name: str, aliases: readers.Aliases) -> list[readers.Sheet]:
    """The file's sheets under its own name, which is not always the one that it is kept by."""
    try:
        sheets = readers.read_sheets(path, aliases=aliases)
    except InputError as error:
        raise InputError(error.message, where=(error.where or path.name).replace(path.name, name, 1), remedy=error.remedy) from error
    for sheet in sheets:
        sheet.file = name
        if path.suffix.lower() in TEXT_SUFFIXES and sheet.sheet == path.stem:
            sheet.sheet = Path(name).stem
    return sheets


def read_file(path: Path, name: str | None = None) -> tuple[pl.DataFrame, pl.DataFrame, dict[str, Any]]:
    """(staged rows, problems, notes about columns and sums) of a file, without touching the database; `name` is what
    errors and notes call it, the path's own name by default.

    Sheets that hold no enterprises (no name or code column) are passed over when another sheet has them; they are
    listed in the notes, so nothing vanishes unsaid.
    """
    extra = aliases_path()
    aliases = readers.load_aliases(extra if extra.exists() else None)
    table = parks.load()
    staged: list[pl.DataFrame] = []
    problems: list[pl.DataFrame] = []
    about: dict[str, Any] = {"sheets": [], "reconciliation": [], "passed_over": []}
    failure: InputError | None = None
    name, limits = name or path.name, _limits()
    for number, sheet in enumerate(_sheets(path, name, aliases)):
        try:
            mapping = readers.map_columns(sheet, aliases)
        except InputError as error:
            failure = failure or error
            about["passed_over"].append({"sheet": sheet.sheet, "rows": sheet.frame.height, "why": str(error)})
            continue
        result = readers.normalise(sheet, mapping)
        titles = {column.position: column.title for column in sheet.columns}
        heads = {f: "、".join(sheet.columns[at].clean for at in places) for f, places in mapping.fields.items()}
        values, long = fit(result.frame, limits, heads)
        told = pl.concat([sheet.problems, result.problems, long], how="vertical_relaxed")
        fatal = (
            told
            .filter(pl.col("fatal") & (pl.col("row") > 0))
            .unique("row", keep="first", maintain_order=True)
            .select("row", pl.col("reason").alias("fatal"), pl.col("column").alias("fatal_column"))
        )
        # The reader leaves out rows it cannot use; here every row of the sheet stays and ends somewhere.
        frame = _all_rows(sheet).join(values, on="row", how="left", maintain_order="left")
        frame = _parks(frame, sheet, mapping, table, problems)
        frame = frame.join(fatal, on="row", how="left", maintain_order="left").with_columns(
            pl.lit(number).cast(pl.Int64).alias("sheet"),
            pl.when(pl.col("fatal").is_null() & pl.col("name").is_null() & pl.col("credit_code").is_null() & pl.col("reg_no").is_null())
            .then(pl.lit("缺名称和代码"))
            .otherwise("fatal")
            .alias("fatal"),
        )
        staged.append(frame.select("sheet", "row", *VALUE_FIELDS, "fatal", "fatal_column"))
        problems.append(told.with_columns(pl.lit(sheet.sheet).alias("sheet")))
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
        about["reconciliation"].extend(_total_line(sheet.sheet, line) for line in readers.check_totals(sheet, mapping))
        about.setdefault("_raw", []).append((number, sheet))
    if not staged:
        raise failure or InputError("文件里没有数据", where=name, remedy="请核对文件内容")
    about["not_data"] = _not_data(staged)
    rows = pl.concat(staged).with_row_index("seq").with_columns(pl.col("seq").cast(pl.Int64))
    return rows, pl.concat(problems, how="diagonal_relaxed"), about


def stage(batch_id: int, path: Path, name: str | None = None) -> dict[str, Any]:
    """Read a batch's file and write raw-<n>, staged and problems; returns what the batch should remember."""
    rows, problems, about = read_file(path, name)
    for number, sheet in about.pop("_raw", []):
        titles: dict[str, str] = {}
        for column in sheet.columns:
            title = column.title or f"第{column.position + 1}列"
            while title in titles.values():
                title += "'"
            titles[f"c{column.position}"] = title
        storage.write(batch_id, f"raw-{number}", sheet.frame.rename({k: v for k, v in titles.items() if k in sheet.frame.columns}))
    proposed = _propose_parks(rows)
    problems = pl.concat([problems, proposed], how="diagonal_relaxed")
    storage.write(batch_id, "problems", problems)
    storage.write(batch_id, "staged", rows)
    about["rows"] = rows.height
    about["problems"] = problems.height
    about["parks"] = proposed["reason"].to_list()
    return about
