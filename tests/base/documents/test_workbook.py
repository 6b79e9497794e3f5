"""附表 workbooks: types of cells, no formulas, print set-up, refusals."""

from __future__ import annotations

import datetime as dt
import zipfile
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from wenmai.base.documents import SheetSpec, write_workbook
from wenmai.base.values.errors import InputError


def sheet(rows: list[list[object]], columns: list[str] | None = None, **more: object) -> SheetSpec:
    names = columns or [f"列{i}" for i in range(len(rows[0]))]
    return SheetSpec(
        **{"name": "附表1", "title": "企业名录", "note": "口径：登记口径", **more}, columns=names, rows=rows
    )


def written(path: Path, *sheets: SheetSpec) -> openpyxl.Workbook:
    write_workbook(path / "a.xlsx", sheets)
    return openpyxl.load_workbook(path / "a.xlsx")


def test_codes_stay_text_and_numbers_numbers(tmp_path: Path) -> None:
    row = [
        "0110",
        "9150MA5U",
        1234,
        12.5,
        Decimal("3.25"),
        dt.date(2024, 1, 2),
        True,
        None,
        12345678901234567,
    ]
    cells = written(tmp_path, sheet([row]))["附表1"][4]
    assert [cell.value for cell in cells] == [
        "0110", "9150MA5U", 1234, 12.5, 3.25, dt.datetime(2024, 1, 2), "是", None, "12345678901234567",
    ]  # fmt: skip
    assert cells[0].number_format == "@"


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x")', "http://x.cn"]
)
def test_no_string_becomes_a_formula_or_a_link(tmp_path: Path, text: str) -> None:
    book = written(tmp_path, sheet([[text]], [text], title=text, note=text))
    with zipfile.ZipFile(tmp_path / "a.xlsx") as package:
        xml = package.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in xml and "<hyperlink" not in xml
    cell = book["附表1"]["A4"]
    assert cell.value == text and cell.data_type == "s"
    assert bool(cell.quotePrefix) == (text[0] in "=+-@\t")


def test_merged_title_with_a_formula_sign_is_text(tmp_path: Path) -> None:
    book = written(tmp_path, sheet([["a", "b"]], title="=1+1"))
    assert book["附表1"]["A1"].value == "=1+1" and book["附表1"]["A1"].data_type == "s"


def test_header_is_frozen_and_the_page_is_a4_landscape(tmp_path: Path) -> None:
    page = written(tmp_path, sheet([["a", 1]] * 3))["附表1"]
    assert page.freeze_panes == "A4"
    assert (page.page_setup.orientation, int(page.page_setup.paperSize)) == ("landscape", 9)
    assert (page.page_setup.fitToWidth or 1, page.page_setup.fitToHeight) == (1, 0)
    assert page.print_title_rows == "$3:$3"
    assert [cell.value for cell in page[3]] == ["列0", "列1"]


def test_without_title_and_note_the_header_is_the_first_row(tmp_path: Path) -> None:
    page = written(tmp_path, sheet([["a"]], title=None, note=None))["附表1"]
    assert (page["A1"].value, page["A2"].value, page.freeze_panes) == ("列0", "a", "A2")


def test_columns_are_as_wide_as_their_text_within_bounds(tmp_path: Path) -> None:
    page = written(tmp_path, sheet([["短", "一家名称相当长的文化企业", "长" * 300]]))["附表1"]
    widths = [page.column_dimensions[letter].width for letter in "ABC"]
    assert widths[0] < widths[1] < widths[2] < 50
    assert widths[1] >= 24


def test_equal_sheets_give_equal_bytes(tmp_path: Path) -> None:
    for name in "ab":
        write_workbook(tmp_path / f"{name}.xlsx", [sheet([["甲", 1]])])
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


@pytest.mark.parametrize(
    ("sheets", "message"),
    [
        ([], "没有工作表"),
        ([sheet([["a"]], name="一/二")], "名称不能用"),
        ([sheet([["a"]]), sheet([["a"]])], "名称不能用"),
        ([sheet([["a", "b"]], ["只有一列"])], "第1行有2格，表头有1列"),
        ([sheet([[float("inf")]])], "不是有限数"),
        ([sheet([["长" * 40000]])], "超过32767"),
    ],
)
def test_sheets_that_cannot_be_written_are_refused(
    tmp_path: Path, sheets: list[SheetSpec], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        write_workbook(tmp_path / "a.xlsx", sheets)
    assert list(tmp_path.iterdir()) == []
