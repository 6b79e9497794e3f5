"""Sheet + mapping -> canonical enterprise rows, and all that could not be taken as it stood."""

from __future__ import annotations

import datetime as dt
from functools import partial

import polars as pl

from wenmai.base.standards import uscc

from .columns import code_columns, distinct_map, first_known, half_width, streets, unit_type
from .model import CANONICAL_SCHEMA, NOT_DATA, PROBLEM_SCHEMA, Mapping, Normalised, Sheet
from .values import parse_capital, parse_currency, parse_date, parse_industry, parse_status

LOST = "代码被存成了数字，末几位已丢失，请将该列设为文本格式后重新导出"
_BLOCK = 50_000
_PLAIN = ("province", "district", "operating_address", "park")


class _Work:
    """One block of rows: its cells, the columns made so far, the problems met so far."""

    def __init__(self, sheet: Sheet, mapping: Mapping, data: pl.DataFrame) -> None:
        self.sheet, self.mapping, self.data = sheet, mapping, data
        self.out: dict[str, pl.Series] = {"row": data.get_column("row")}
        self.problems: list[pl.DataFrame] = []

    def positions(self, field: str) -> list[int]:
        return self.mapping.fields.get(field, [])

    def title(self, field: str) -> str:
        return "、".join(self.sheet.columns[at].clean for at in self.positions(field))

    def note(
        self, mask: pl.Series, column: str, value: pl.Series, reason: str | pl.Series, fatal: bool = False
    ) -> None:
        """One problem for every row where `mask` holds."""
        mask = (
            mask.fill_null(False) & ~self.data.get_column("note_row") if not fatal else mask.fill_null(False)
        )
        if not mask.any():
            return
        reasons = reason.filter(mask) if isinstance(reason, pl.Series) else pl.lit(reason)
        frame = pl.DataFrame({"row": self.data.get_column("row").filter(mask), "value": value.filter(mask)})
        frame = frame.with_columns(
            pl.lit(column).alias("column"), reasons.alias("reason"), pl.lit(fatal).alias("fatal"),
            pl.col("value").str.slice(0, 200),
        ).select(list(PROBLEM_SCHEMA))  # fmt: skip
        self.problems.append(frame.cast(PROBLEM_SCHEMA))  # type: ignore[arg-type]


def normalise(sheet: Sheet, mapping: Mapping, today: dt.date | None = None) -> Normalised:
    """Canonical columns (CANONICAL_SCHEMA) of every row that names an enterprise.

    Sheet rows = frame rows + rows with a fatal problem (neither name nor code; total and note rows). Values
    that cannot be read are null in the frame and stand in `problems` with the row number a person sees.
    `today` bounds the dates (default: the computer's date).
    """
    day = today or dt.date.today()
    pad = _lost_zeros(sheet.frame, mapping.fields.get("industry_code", []))
    frames, problems = [], [sheet.problems]
    for at in range(0, max(sheet.frame.height, 1), _BLOCK):  # blocks bound the memory of intermediate columns
        work = _Work(sheet, mapping, sheet.frame.slice(at, _BLOCK))
        _names(work)
        _codes(work)
        _dates(work, day)
        _status_and_type(work)
        _capital(work)
        work.out["scope"] = first_known(work.data, work.positions("scope"))
        _industry(work, pad)
        _places(work)
        frames.append(_close(work))
        problems += work.problems
    return Normalised(pl.concat(frames, rechunk=False), pl.concat(problems).sort("row", maintain_order=True))


def _names(work: _Work) -> None:
    work.out["name"] = first_known(work.data, work.positions("name"), tidy=True)
    former = first_known(work.data, work.positions("former_names"))
    work.out["former_names"] = _apply(
        former,
        half_width(pl.col("value")).str.replace_all(r"\s*[;；、，|\t\r\n]+\s*", "；").str.strip_chars("； "),
    )


def _apply(series: pl.Series, *expressions: pl.Expr) -> pl.Series:
    return pl.DataFrame({"value": series}).lazy().select(*expressions).collect().to_series()


def _codes(work: _Work) -> None:
    """credit_code: the first valid of all code columns; reg_no: its own columns, else 15 digits."""
    empty = pl.Series("code", [None] * work.data.height, dtype=pl.String)
    credit, registration, from_credit = empty, empty, empty
    for field in ("credit_code", "reg_no"):
        for at in work.positions(field):
            title = work.sheet.columns[at].clean
            codes = code_columns(work.data.get_column(f"c{at}"))
            text, code18, code15 = (codes.get_column(name) for name in ("text", "code18", "code15"))
            code18 = _first_valid(text, code18, codes.get_column("several"))
            valid = _valid(code18)
            lost = codes.get_column("lost")
            work.note(lost, title, text, LOST)
            work.note(codes.get_column("several"), title, text, "一格内有两个以上代码，取第一个有效的")
            work.note(code18.is_not_null() & ~valid, title, text, "统一社会信用代码校验不通过")
            good = _where(valid, code18)
            credit = _fill(credit, good)
            if field == "credit_code":
                odd = text.is_not_null() & code18.is_null() & code15.is_null() & ~lost
                work.note(odd, title, text, "代码位数或字符不对")
                from_credit = _fill(from_credit, code15)
            else:
                registration = _fill(registration, _where(code18.is_null() & ~lost, text))
    work.out["credit_code"] = credit.alias("credit_code")
    work.out["reg_no"] = _fill(registration, from_credit).alias("reg_no")


def _valid(codes: pl.Series) -> pl.Series:
    return pl.Series("valid", uscc.valid_mask(codes.to_list()), dtype=pl.Boolean)


def _first_valid(text: pl.Series, code18: pl.Series, several: pl.Series) -> pl.Series:
    """Where a cell holds several codes, the first that passes the check instead of simply the first."""
    rows = several.arg_true()
    if not rows.len():
        return code18
    found = text.gather(rows).str.extract_all(r"\b[0-9A-Z]{18}\b").to_list()
    chosen = [
        next((c for c, ok in zip(cs, uscc.valid_mask(cs), strict=True) if ok), next(iter(cs), None))
        for cs in found
    ]
    return code18.scatter(rows, pl.Series(chosen, dtype=pl.String))


def _where(mask: pl.Series, values: pl.Series) -> pl.Series:
    return pl.select(pl.when(mask).then(values).otherwise(None)).to_series().cast(pl.String)


def _fill(first: pl.Series, second: pl.Series) -> pl.Series:
    return pl.select(pl.coalesce(first, second)).to_series()


def _dates(work: _Work, today: dt.date) -> None:
    """registered_on: the first column in which the row has a readable date."""
    result = pl.Series("date", [None] * work.data.height, dtype=pl.Date)
    for at in work.positions("registered_on"):
        text = first_known(work.data, [at])
        text = _apply(
            text, pl.when(pl.col("value") == "0").then(None).otherwise(pl.col("value")).alias("value")
        )
        parsed = distinct_map(text, partial(parse_date, today=today), {"date": pl.Date, "reason": pl.String})
        reason = parsed.get_column("reason")
        work.note(reason.is_not_null() & result.is_null(), work.sheet.columns[at].clean, text, reason)
        result = _fill(result, parsed.get_column("date"))
    work.out["registered_on"] = result


def _status_and_type(work: _Work) -> None:
    text = first_known(work.data, work.positions("status"))
    status = distinct_map(text, parse_status, {"status": pl.String}).to_series()
    work.note(
        text.is_not_null() & status.is_null(),
        work.title("status"),
        text,
        "状态是数字代码，含义须向提供单位核实",
    )
    work.out["status"], work.out["status_text"] = status, text
    work.out["reg_type"] = first_known(work.data, work.positions("reg_type"))
    work.out["_given"] = first_known(work.data, work.positions("unit_type"))


def _capital(work: _Work) -> None:
    """capital_*: the first capital column with a readable amount in the row; else its first text."""
    size = work.data.height
    amount = pl.Series("amount", [None] * size, dtype=pl.Decimal(20, 4))
    currency = pl.Series("currency", [None] * size, dtype=pl.String)
    texts = currency
    stated = distinct_map(
        first_known(work.data, work.positions("capital_currency")), parse_currency, {"currency": pl.String}
    ).to_series()
    for at in work.positions("capital"):
        column = work.sheet.columns[at]
        text = first_known(work.data, [at])
        schema = {"amount": pl.Decimal(20, 4), "currency": pl.String, "reason": pl.String}
        unit = column.unit or work.sheet.unit
        keys = pl.select(pl.format("{}\x1f{}", text, stated.fill_null(""))).to_series()
        parsed = distinct_map(keys, partial(_keyed_capital, unit=unit), schema)
        reason, usable = parsed.get_column("reason"), amount.is_null()
        work.note(reason.is_not_null() & usable, column.clean, text, reason)
        fresh = usable & parsed.get_column("amount").is_not_null()
        currency = pl.select(
            pl.when(fresh).then(parsed.get_column("currency")).otherwise(currency)
        ).to_series()
        texts = pl.select(pl.when(fresh | texts.is_null()).then(text).otherwise(texts)).to_series()
        amount = _fill(amount, parsed.get_column("amount"))
    work.out["capital_amount"], work.out["capital_currency"], work.out["capital_text"] = (
        amount,
        currency,
        texts,
    )


def _keyed_capital(key: str, unit: str | None) -> tuple[object, str | None, str | None]:
    text, _, stated = key.rpartition("\x1f")
    return parse_capital(text, unit, stated or None)


def _industry(work: _Work, pad: bool) -> None:
    schema = {"text": pl.String, "code": pl.String}
    words = first_known(work.data, work.positions("industry_text"))
    from_words = distinct_map(words, parse_industry, schema)
    cells = first_known(work.data, work.positions("industry_code"))
    from_cells = distinct_map(cells, parse_industry, schema)
    code = from_cells.get_column("code")
    work.note(cells.is_not_null() & code.is_null(), work.title("industry_code"), cells, "行业代码认不出")
    if pad:
        short = code.str.contains(r"^[0-9]{3}$").fill_null(False)
        work.note(short, work.title("industry_code"), cells, "行业代码只有三位，按四位小类补前导零")
        code = pl.select(pl.when(short).then(pl.lit("0") + code).otherwise(code)).to_series()
    work.out["industry_text"] = _fill(from_words.get_column("text"), from_cells.get_column("text"))
    work.out["industry_code"] = _fill(code, from_words.get_column("code"))


def _lost_zeros(frame: pl.DataFrame, positions: list[int]) -> bool:
    """Whether the code column holds 4-digit classes stored as numbers, so that 0111 became 111."""
    if not positions:
        return False
    cells = frame.get_column(f"c{positions[0]}").drop_nulls().str.strip_chars()
    four = int(cells.str.contains(r"^[0-9]{4}(?:\.0+)?$").sum())
    return four > 4 * max(int(cells.str.contains(r"^[0-9]{3}(?:\.0+)?$").sum()), 1)


def _places(work: _Work) -> None:
    for field in _PLAIN:
        work.out[field] = first_known(work.data, work.positions(field), tidy=True)
    # '4403\t440307': a city's and a district's code in one cell; the finer one stays
    finer = pl.col("value").str.replace(r"^[0-9]{2,4}\D+([0-9]{6})$", "$1")
    work.out["district"] = _apply(work.out["district"], finer)
    address = first_known(work.data, work.positions("address"), tidy=True)
    given = first_known(work.data, work.positions("street"), tidy=True)
    work.out["address"] = address
    work.out["street"] = _fill(given, streets(address))


def _close(work: _Work) -> pl.DataFrame:
    """Kind of unit, rows that are no enterprise, canonical order and types."""
    columns = [series.alias(name) for name, series in work.out.items()]
    frame = pl.DataFrame(columns).with_columns(
        unit_type(*(pl.col(name) for name in ("credit_code", "reg_type", "name", "_given"))).alias(
            "unit_type"
        )
    )
    notes = work.data.get_column("note_row")
    nameless = (frame["name"].is_null() & frame["credit_code"].is_null() & frame["reg_no"].is_null()) & ~notes
    first = _apply_first(work)
    if notes.any():
        kinds = work.data.select("row").join(work.sheet.notes, on="row", how="left", maintain_order="left").get_column("kind")
        work.note(notes, "", first, kinds + NOT_DATA, fatal=True)
    work.note(nameless, work.title("name"), first, "缺名称和代码", fatal=True)
    kept = frame.select(list(CANONICAL_SCHEMA)).filter(~(notes | nameless))
    return kept.cast(CANONICAL_SCHEMA)  # type: ignore[arg-type]


def _apply_first(work: _Work) -> pl.Series:
    """The first filled cell of each row, to recognise a rejected row by."""
    cells = [pl.col(column) for column in work.data.columns if column.startswith("c")]
    return work.data.lazy().select(pl.coalesce(cells)).collect().to_series()
