"""Anything may arrive: every parser and every reader gives a value, rows or an InputError, nothing else."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl
from hypothesis import given, settings
from hypothesis import strategies as st

from wenmai.base.readers import PROBLEM_SCHEMA, load_aliases, map_columns, normalise, read_sheets, reconcile
from wenmai.base.readers.book import cell_text
from wenmai.base.readers.header import clean_title, find_head, is_label
from wenmai.base.readers.values import parse_capital, parse_currency, parse_date, parse_industry, parse_status
from wenmai.base.values.errors import InputError

ALIASES = load_aliases()
SUFFIXES = [".csv", ".tsv", ".txt", ".json", ".xlsx", ".xlsm", ".xls", ".et", ""]
HEAD = "企业名称,统一社会信用代码,注册日期,注册资本,经营状态,企业类型,行业,地址,经营范围,曾用名,行业代码\n"
PIECES = st.sampled_from(
    [*list('0123456789.-/年月日万亿元美()（）,"\n\t;| R公司合计注：街道镇，、E+\x1f²٣'), "９", "2019", "N/A"]
)
MESSY = st.one_of(st.text(max_size=40), st.lists(PIECES, max_size=14).map("".join))


def _book() -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["企业名称", "注册资本"])
    book.active.append(["甲", 5])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


BOOK = _book()
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def assert_rows_or_one_refusal(content: bytes, suffix: str) -> None:
    """Read, map, normalise; rows in = rows out + rejected. InputError is the only way out."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"a{suffix}"
        path.write_bytes(content)
        try:
            sheets = read_sheets(path)
            for sheet in sheets:
                mapping = map_columns(sheet, ALIASES)
                result = normalise(sheet, mapping, dt.date(2024, 1, 1))
                reconcile(sheet, mapping, result)
                assert dict(result.problems.schema) == PROBLEM_SCHEMA
                rows = set(sheet.frame["row"].to_list())
                rejected = rows & set(result.problems.filter("fatal")["row"].to_list())
                assert sheet.frame.height == result.frame.height + len(rejected)
        except InputError as error:
            assert "\n" not in str(error) and path.name in str(error)


@settings(max_examples=300, deadline=None)
@given(MESSY, st.one_of(st.none(), MESSY), st.sampled_from([None, "USD"]))
def test_value_parsers_never_raise(text: str, unit: str | None, currency: str | None) -> None:
    day, reason = parse_date(text, dt.date(2024, 1, 1))
    assert (day is None) != (reason is None)
    amount, _, why = parse_capital(text, unit, currency)
    assert (amount is None) != (why is None)
    assert parse_status(text) in {None, "存续", "吊销", "注销", "迁出", "停业", "其他"}
    words, code = parse_industry(text)
    assert code is None or (1 <= len(code) <= 4 and code.isascii())
    assert words is None or words
    assert parse_currency(text) is None or len(parse_currency(text) or "") == 3


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(MESSY, max_size=6), max_size=8))
def test_head_finding_never_raises(rows: list[list[str]]) -> None:
    head = find_head(rows, ALIASES.known)
    assert head is None or 0 <= head.first <= head.last < len(rows)
    for row in rows:
        for cell in row:
            assert isinstance(is_label(cell), bool) and isinstance(clean_title(cell)[0], str)


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(st.floats(), st.integers(), st.booleans(), st.dates(), st.datetimes(), st.times(), st.none())
)
def test_every_cell_becomes_text(cell: object) -> None:
    assert isinstance(cell_text(cell), str)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400), st.sampled_from(SUFFIXES))
def test_random_bytes(content: bytes, suffix: str) -> None:
    assert_rows_or_one_refusal(content, suffix)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(MESSY, max_size=13), max_size=8), st.sampled_from(["utf-8", "gb18030", "utf-16"]))
def test_random_rows_under_a_real_head(rows: list[list[str]], encoding: str) -> None:
    text = HEAD + "\n".join(",".join(row) for row in rows)
    assert_rows_or_one_refusal(text.encode(encoding, "replace"), ".csv")


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(BOOK) - 1), st.binary(min_size=1, max_size=30))
def test_a_workbook_with_overwritten_bytes(at: int, patch: bytes) -> None:
    assert_rows_or_one_refusal(BOOK[:at] + patch + BOOK[at + len(patch) :], ".xlsx")


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=2000))
def test_random_ole_containers(content: bytes) -> None:
    assert_rows_or_one_refusal(OLE + content, ".xls")


@settings(max_examples=60, deadline=None)
@given(st.lists(MESSY, min_size=1, max_size=6))
def test_random_object_lines(lines: list[str]) -> None:
    assert_rows_or_one_refusal("\n".join("{'Name': '" + line + "'}" for line in lines).encode("utf-8", "replace"), ".txt")
