"""What a reader hands over: sheets of text cells, mappings, normalised rows, problems."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

#: Schema of every problems frame; `row` is the row a person sees in the sheet, 0 = the sheet as a whole.
PROBLEM_SCHEMA: dict[str, pl.DataType] = {
    "row": pl.Int64(),
    "column": pl.String(),
    "value": pl.String(),
    "reason": pl.String(),
    "fatal": pl.Boolean(),
}

#: Canonical enterprise columns, in the order of the normalised frame. null = unknown.
CANONICAL_SCHEMA: dict[str, pl.DataType] = {
    "row": pl.Int64(),
    "credit_code": pl.String(),
    "reg_no": pl.String(),
    "name": pl.String(),
    "former_names": pl.String(),
    "registered_on": pl.Date(),
    "status": pl.String(),
    "status_text": pl.String(),
    "reg_type": pl.String(),
    "unit_type": pl.String(),
    "capital_amount": pl.Decimal(20, 4),
    "capital_currency": pl.String(),
    "capital_text": pl.String(),
    "scope": pl.String(),
    "industry_text": pl.String(),
    "industry_code": pl.String(),
    "province": pl.String(),
    "district": pl.String(),
    "street": pl.String(),
    "address": pl.String(),
    "operating_address": pl.String(),
    "park": pl.String(),
}

#: What a row is that is no enterprise; such a row is accounted for with the reason "<kind>，非数据".
TOTAL_ROW, NOTE_ROW, HEAD_ROW = "合计行", "说明行", "重复的表头"
NOT_DATA = "，非数据"
NOTES_SCHEMA: dict[str, pl.DataType] = {"row": pl.Int64(), "kind": pl.String()}


@dataclass(frozen=True)
class Limits:
    """Bounds checked before and while a file is read; beyond them the file is refused, never cut."""

    max_bytes: int = 1_200_000_000
    max_unpacked_bytes: int = 2_000_000_000
    max_ratio: int = 200
    max_rows: int = 2_000_000
    max_columns: int = 512
    max_cells: int = 60_000_000
    max_line_bytes: int = 16_000_000


@dataclass(frozen=True)
class Column:
    """One column: position (0-based, frame column c{position}), title verbatim and cleaned, unit."""

    position: int
    title: str
    clean: str
    unit: str | None = None


@dataclass
class Sheet:
    """One table as read: `frame` = row (Int64), c0..cN (String, null = empty cell), note_row (Boolean).

    `notes` says of each note_row what it is (row, kind). `problems` holds what the reader saw (ragged rows,
    unreadable lines, sheets left out); `preamble` the
    title lines above the head; `unit` a unit named there for the whole table (单位：万元).
    """

    file: str
    sheet: str
    columns: list[Column]
    frame: pl.DataFrame
    problems: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=PROBLEM_SCHEMA))
    preamble: list[str] = field(default_factory=list)
    unit: str | None = None
    header_row: int = 1
    notes: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=NOTES_SCHEMA))


@dataclass(frozen=True)
class Mapping:
    """Columns serving each canonical field, best first; positions of columns that serve none."""

    fields: dict[str, list[int]]
    unmapped: list[int]


@dataclass
class Normalised:
    """Canonical rows and every problem; sheet rows = frame rows + rows with a fatal problem."""

    frame: pl.DataFrame
    problems: pl.DataFrame


@dataclass(frozen=True)
class ReadProblem:
    """A problem met while reading, before there is a frame."""

    row: int
    column: str
    value: str
    reason: str
    fatal: bool = False


def problem_frame(items: list[ReadProblem]) -> pl.DataFrame:
    """The problems as a frame of PROBLEM_SCHEMA."""
    rows = [(p.row, p.column, p.value, p.reason, p.fatal) for p in items]
    return pl.DataFrame(rows, schema=PROBLEM_SCHEMA, orient="row")
