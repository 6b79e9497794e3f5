"""Records -> Sheet, in blocks to bound memory: head, blank and ragged rows, notes and totals."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from pathlib import Path

import polars as pl

from .guard import refuse
from .header import SCAN_ROWS, find_head
from .model import Column, Limits, ReadProblem, Sheet, problem_frame
from .notes import note_kinds

BLOCK = 20_000
_MAX_READ_PROBLEMS = 100_000

#: A record as read: row number a person sees, text cells.
Record = tuple[int, list[str]]


def build_sheet(
    path: Path,
    name: str,
    records: Iterator[Record],
    known: Callable[[str], bool],
    limits: Limits,
    is_name: Callable[[str], bool],
    problems: list[ReadProblem] | None = None,
) -> Sheet | None:
    """The sheet made of the records, or None when there is no recognisable head or nothing under it.

    `known(clean title)` helps to find the head, `is_name(clean title)` says which columns hold enterprise names.
    `problems` is a list the record source may still be adding to; it is read at the end.
    Errors: InputError when rows or columns pass the limits.
    """
    problems = problems if problems is not None else []
    first = list(islice(records, SCAN_ROWS))
    head = find_head([cells for _, cells in first], known)
    if head is None:
        return None
    columns = list(head.columns)
    if len(columns) > limits.max_columns:
        remedy = "请删去表外的空列和游离单元格（Ctrl+End 可见末格），另存为 .xlsx 后再导入"
        raise refuse(path, f"列数过多（{len(columns)} 列，上限 {limits.max_columns} 列）", remedy, name)
    body = chain(first[head.last + 1 :], records)
    width = len(columns)
    blocks, kept = [], 0
    for block, widest in _blocks(body, len(columns), problems, limits):
        kept, width = kept + block.height, widest
        if kept > limits.max_rows:
            raise refuse(path, f"行数超过上限 {limits.max_rows} 行", "请按年份或街道拆成几个文件", name)
        blocks.append(block)
    columns += [Column(at, "", "", None) for at in range(len(columns), width)]
    if not kept:
        return None
    frame = pl.concat(blocks, how="diagonal", rechunk=False)
    frame = frame.select("row", *(f"c{at}" for at in range(width)))
    titles = [column.title for column in columns]
    names = [column.position for column in columns if column.clean and is_name(column.clean)]
    kinds = note_kinds(frame, titles, names)
    frame = frame.with_columns(kinds.is_not_null().alias("note_row"))
    return Sheet(
        path.name,
        name,
        columns,
        frame,
        _without_notes(problem_frame(problems), frame),
        head.preamble,
        head.unit,
        first[head.last][0],
        frame.select("row", kinds.alias("kind")).filter(pl.col("kind").is_not_null()),
    )


def _blocks(
    body: Iterable[Record], width: int, problems: list[ReadProblem], limits: Limits
) -> Iterator[tuple[pl.DataFrame, int]]:
    source = iter(body)
    usual = width
    while chunk := list(islice(source, BLOCK)):
        numbers = [number for number, _ in chunk]
        cells = [row for _, row in chunk]
        sizes = set(map(len, cells))
        if sizes != {usual}:
            for number, row in chunk:
                _level(number, row, usual, problems, limits)
            width = max(width, min(max(sizes), limits.max_columns))
            for row in cells:
                row.extend([""] * (width - len(row)))
        series = [pl.Series("row", numbers, dtype=pl.Int64)]
        for at, values in enumerate(zip(*cells, strict=True)):
            column = pl.Series(f"c{at}", values, dtype=pl.String)
            # No database keeps the null character; a text or workbook that holds one is a fault of the export.
            series.append(column.str.replace_all("\0", "", literal=True) if column.str.contains("\0", literal=True).any() else column)
        texts = pl.exclude("row")
        frame = pl.DataFrame(series).with_columns(
            pl.when(texts.str.contains(r"\S")).then(texts).otherwise(None)
        )
        filled = pl.any_horizontal(texts.is_not_null()) if len(series) > 1 else pl.lit(False)
        yield frame.filter(filled), width


def _level(number: int, row: list[str], usual: int, problems: list[ReadProblem], limits: Limits) -> None:
    """Note a ragged row; its surplus cells stay, in columns without a title."""
    while len(row) > usual and not row[-1].strip():
        row.pop()
    if len(row) == usual or not any(cell.strip() for cell in row):
        return
    if len(row) > usual:
        reason = f"本行有 {len(row)} 格，表头只有 {usual} 列，多出的格已保留在无名列，请核对是否错列"
        problems.append(ReadProblem(number, "", "｜".join(row[usual:])[:200], reason))
        if len(row) > limits.max_columns:
            row[limits.max_columns - 1 :] = ["\t".join(row[limits.max_columns - 1 :])]
    elif len(problems) < _MAX_READ_PROBLEMS:
        reason = f"本行只有 {len(row)} 格，表头有 {usual} 列，缺的格按空白处理"
        problems.append(ReadProblem(number, "", "｜".join(row)[:200], reason))


def _without_notes(problems: pl.DataFrame, frame: pl.DataFrame) -> pl.DataFrame:
    """A note or total row is not reported as ragged as well."""
    if problems.is_empty():
        return problems
    notes = frame.filter("note_row").get_column("row").implode()
    return problems.filter(pl.col("fatal") | ~pl.col("row").is_in(notes))


def tidy_title(text: str) -> str:
    """A sheet name safe to print in one line."""
    return re.sub(r"\s+", " ", text).strip()
