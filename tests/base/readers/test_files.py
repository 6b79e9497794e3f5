"""Files of every sort: encodings, delimiters, heads, workbooks, and the one-line refusal of bad ones."""

from __future__ import annotations

import datetime as dt
import io
import json
import struct
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from wenmai.base.readers import Limits, Sheet, load_aliases, map_columns, read_sheets
from wenmai.base.values.errors import InputError

TEXT = "企业名称,统一社会信用代码,注册日期\n甲文化有限公司,914201000000000001,2019-08-01\n乙书店,,\n"


def _write(path: Path, content: str | bytes, encoding: str = "utf-8") -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def _book(path: Path, rows: list[list[Any]], merges: tuple[str, ...] = ()) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    for merge in merges:
        sheet.merge_cells(merge)
    book.save(path)
    return path


def _cells(sheet: Sheet) -> list[tuple[Any, ...]]:
    return sheet.frame.drop("note_row").rows()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "gbk"])
def test_every_encoding_gives_the_same_rows(tmp_path: Path, encoding: str) -> None:
    (sheet,) = read_sheets(_write(tmp_path / "a.csv", TEXT, encoding))
    assert _cells(sheet) == [
        (2, "甲文化有限公司", "914201000000000001", "2019-08-01"),
        (3, "乙书店", None, None),
    ]


def test_big5_is_told_from_gb18030(tmp_path: Path) -> None:
    text = "公司名稱,註冊地址\n" + "臺北文化有限公司,臺北市中正區一號\n" * 5
    (sheet,) = read_sheets(_write(tmp_path / "a.csv", text, "big5"))
    assert sheet.frame["c0"][0] == "臺北文化有限公司"


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_delimiters_are_sniffed(tmp_path: Path, delimiter: str) -> None:
    (sheet,) = read_sheets(_write(tmp_path / "a.txt", TEXT.replace(",", delimiter)))
    assert [c.clean for c in sheet.columns] == ["企业名称", "统一社会信用代码", "注册日期"]


def test_row_numbers_count_blank_lines_and_quoted_line_breaks_once(tmp_path: Path) -> None:
    text = '企业名称,经营范围\r\n\r\n甲,"设计；\r\n演出"\r\n乙,广告\r\n'
    (sheet,) = read_sheets(_write(tmp_path / "a.csv", text))
    assert _cells(sheet) == [(3, "甲", "设计；\r\n演出"), (4, "乙", "广告")]


def test_ragged_rows_keep_every_cell_and_are_reported(tmp_path: Path) -> None:
    text = "企业名称,地址,经营范围\n甲,武汉,设计,演出\n乙,宜昌\n丙,荆州,广告\n"
    (sheet,) = read_sheets(_write(tmp_path / "a.csv", text))
    assert _cells(sheet)[0] == (2, "甲", "武汉", "设计", "演出")
    assert sheet.problems["row"].to_list() == [2, 3]
    assert sheet.columns[3].title == ""


def test_an_open_quote_does_not_swallow_the_rows_after_it(tmp_path: Path) -> None:
    rows = "".join(f"公司{n},地址{n}\n" for n in range(30))
    (sheet,) = read_sheets(_write(tmp_path / "a.csv", '企业名称,地址\n"坏引号公司,某路\n' + rows))
    assert sheet.frame.height == 31
    assert sheet.frame["c0"][30] == "公司29"
    assert "引号" in sheet.problems["reason"][0]


def test_head_under_titles_and_over_two_merged_rows(tmp_path: Path) -> None:
    rows = [
        ["某区企业名录", None, None, None, None],
        ["单位：万元", None, None, None, None],
        ["企业名称", "登记信息", None, None, "营业收入（万元）"],
        [None, "统一社会信用代码", "注册资本", "地      区", None],
        ["甲公司", "91", 42.0, "渝中", 7513.0],
        ["合计", None, 42.5, None, 7513],
        ["注：数据来源于登记", None, None, None, None],
    ]
    path = _book(tmp_path / "a.xlsx", rows, ("A1:E1", "A3:A4", "B3:D3", "E3:E4"))
    (sheet,) = read_sheets(path)
    expected = [("企业名称", None), ("统一社会信用代码", None), ("注册资本", None), ("地区", None)]
    assert [(c.clean, c.unit) for c in sheet.columns] == [*expected, ("营业收入", "万元")]
    assert sheet.columns[1].title == "登记信息／统一社会信用代码"
    assert sheet.unit == "万元" and sheet.preamble[0] == "某区企业名录"
    assert _cells(sheet)[0] == (5, "甲公司", "91", "42", "渝中", "7513")
    assert sheet.frame["note_row"].to_list() == [False, True, True]


def test_cells_of_a_workbook_become_the_text_a_person_sees(tmp_path: Path) -> None:
    row = [
        "甲",
        42.0,
        0.1 + 0.2,
        dt.date(2019, 8, 1),
        dt.datetime(2019, 8, 1, 9, 30),
        True,
        914201000000000001,
    ]
    head = ["企业名称", "b", "c", "d", "e", "f", "统一社会信用代码"]
    (sheet,) = read_sheets(_book(tmp_path / "a.xlsx", [head, row]))
    assert _cells(sheet)[0] == (
        2, "甲", "42", "0.3", "2019-08-01", "2019-08-01 09:30:00", "TRUE", "9.14201000000000E+17",
    )  # fmt: skip


def test_heads_with_line_breaks_and_full_width_brackets_are_mapped(tmp_path: Path) -> None:
    head = ["企业名称", "行业\n［固定污染源名录（2017年版）］", "注册资本（万元）"]
    (sheet,) = read_sheets(_book(tmp_path / "a.xlsx", [head, ["甲", "汽车制造业36", 5]]))
    mapping = map_columns(sheet, load_aliases())
    assert mapping.fields == {"name": [0], "industry_text": [1], "capital": [2]}
    assert sheet.columns[1].title == head[1] and sheet.columns[2].unit == "万元"


@pytest.mark.parametrize("writer", [repr, lambda item: json.dumps(item, ensure_ascii=False)])
def test_one_record_a_line(tmp_path: Path, writer: Any) -> None:
    items = [{"Name": "甲", "AreaCode": "4403\t440307", "Type": 0}, {"Name": "乙", "City": None}]
    path = _write(tmp_path / "a.txt", "\n".join(writer(item) for item in items) + "\n{'Name': '坏\n")
    (sheet,) = read_sheets(path)
    assert _cells(sheet) == [(1, "甲", "4403\t440307", "0", None), (2, "乙", None, None, None)]
    assert sheet.problems.rows() == [(3, "", "{'Name': '坏", "这一行不是完整的记录，读不出", True)]


def test_sheets_left_out_are_told(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["企业名称", "地址"])
    book.active.append(["甲", "武汉"])
    hidden = book.create_sheet("旧表")
    hidden.append(["企业名称"])
    hidden.append(["乙"])
    hidden.sheet_state = "hidden"
    book.save(tmp_path / "a.xlsx")
    (sheet,) = read_sheets(tmp_path / "a.xlsx")
    assert "旧表" in sheet.problems["reason"][0]


def _zip(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def _far_cell() -> bytes:
    book = openpyxl.Workbook()
    book.active["A1"], book.active["B1"], book.active["XFD1048576"] = "企业名称", "地址", "x"
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
BOMB = _zip({"[Content_Types].xml": b"x", "xl/worksheets/sheet1.xml": bytes(60_000_000)})
BAD_FILES = {
    "a.et": (b"x", "另存为 .xlsx"),
    "a.wps": (b"x", ".xlsx"),
    "a.pdf": (b"%PDF-1.7", ".xlsx"),
    "a.doc": (OLE, ".xlsx"),
    "a.dat": (b"x", "另存为 .xlsx"),
    "encrypted.xlsx": (OLE + "EncryptedPackage".encode("utf-16-le"), "去掉密码"),
    "word.xls": (OLE + "WordDocument".encode("utf-16-le"), ".xlsx"),
    "broken.xls": (OLE, "另存为 .xlsx"),
    "broken.xlsx": (b"PK\x03\x04" + b"\x01" * 200, "重新导出"),
    "cut.xlsx": (_far_cell()[:-300], "重新导出"),
    "other.xlsx": (_zip({"a.txt": b"x"}), "另存为 .xlsx"),
    "text.xlsx": (TEXT.encode(), "另存为 .xlsx"),
    "bomb.xlsx": (BOMB, "另存为 .xlsx"),
    "far.xlsx": (_far_cell(), "Ctrl+End"),
    "page.xls": (b"<html><table></table></html>", "另存为 .xlsx"),
    "empty.csv": (b"", "重新导出"),
    "head_only.csv": ("企业名称,地址\n".encode(), "列名"),
    "no_head.csv": ("甲文化有限公司,2019-08-01,100\n乙文化有限公司,2019-08-02,200\n".encode(), "列名"),
    "binary.csv": (struct.pack("<64I", *range(64)), ".xlsx"),
    "book.csv": (BOMB, ".xlsx"),
    "bytes.csv": ("企业名称,地址\n".encode() + b"\xff\xff\xfe\x81\n", ".xlsx"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_refused_in_one_line_with_a_remedy(tmp_path: Path, name: str) -> None:
    content, remedy = BAD_FILES[name]
    with pytest.raises(InputError) as caught:
        read_sheets(_write(tmp_path / name, content))
    line = str(caught.value)
    assert name in line and remedy in line and "\n" not in line


def test_limits_refuse_and_never_cut(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.csv", TEXT)
    with pytest.raises(InputError, match="过大"):
        read_sheets(path, Limits(max_bytes=10))
    with pytest.raises(InputError, match="行数超过上限"):
        read_sheets(path, Limits(max_rows=1))
    with pytest.raises(InputError, match="打不开"):
        read_sheets(tmp_path / "none.csv")


def test_aliases_can_be_extended_and_are_checked(tmp_path: Path) -> None:
    (sheet,) = read_sheets(_write(tmp_path / "a.csv", "店招,门牌\n甲,一号\n"))
    with pytest.raises(InputError, match="店招、门牌"):
        map_columns(sheet, load_aliases())
    extra = _write(tmp_path / "own.tsv", "field\talias\tpriority\tnote\nname\t店招\t1\t\n")
    mapping = map_columns(sheet, load_aliases(extra))
    assert mapping.fields == {"name": [0]} and mapping.unmapped == [1]
    for bad, words in (("nam\t店招\n", "不存在"), ("name\n", "缺少别名"), ("name\t店招\tx\n", "不是整数")):
        with pytest.raises(InputError, match=words):
            load_aliases(_write(tmp_path / "bad.tsv", bad))


def test_several_columns_serve_one_field_in_priority_order(tmp_path: Path) -> None:
    text = "提供企业名称,提供代码匹配,企业名称,统一社会信用代码\n甲,1,乙,2\n"
    (sheet,) = read_sheets(_write(tmp_path / "a.csv", text))
    assert map_columns(sheet, load_aliases()).fields == {"name": [2, 0], "credit_code": [3, 1]}
