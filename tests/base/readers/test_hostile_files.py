"""Files that are not what they say, or are built to hurt: one clear Chinese line each, exit 2, and nothing stays behind."""

from __future__ import annotations

import importlib.util
import io
import sqlite3
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from wenmai.base.readers import Limits, load_aliases, map_columns, read_sheets
from wenmai.base.readers.ole import has_filepass
from wenmai.base.values.errors import InputError

_spec = importlib.util.spec_from_file_location("ole_files", Path(__file__).with_name("ole.py"))
assert _spec is not None and _spec.loader is not None
ole = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(ole)

ROWS = "企业名称,注册地址\n" + "云岭甲文化有限公司,文澜区某路1号\n" * 9000


def book(change: Callable[[str], str] = lambda xml: xml) -> bytes:
    """A workbook with one row, its sheet's XML changed."""
    made = openpyxl.Workbook()
    made.active.append(["企业名称", "注册地址"])
    made.active.append(["云岭甲文化有限公司", "文澜区"])
    plain, out = io.BytesIO(), io.BytesIO()
    made.save(plain)
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            body = source.read(name)
            if name == "xl/worksheets/sheet1.xml":
                changed = change(body.decode())
                body = changed.encode()
            target.writestr(name, body)
    return out.getvalue()


def archive(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        for name, body in members.items():
            target.writestr(name.replace("__", "/"), body)
    return out.getvalue()


REFUSED: dict[str, tuple[bytes, str, str]] = {
    # name: (content, what is said, remedy)
    "rc4.xls": (ole.encrypted_xls(), "已加密", "去掉密码"),
    "xor.xls": (ole.encrypted_xls(ole.XOR_PASS), "已加密", "去掉密码"),
    "rc4_named.xlsx": (ole.encrypted_xls(), "已加密", "去掉密码"),
    "encrypted.xlsx": (ole.encrypted_xlsx(), "已加密", "去掉密码"),
    "encrypted_named.xls": (ole.encrypted_xlsx(), "已加密", "去掉密码"),
    "empty_book.xls": (ole.empty_xls(), "没有可用的工作表", "列名"),
    # WPS 表格 and WPS 文字 write OLE or zip containers of the same kinds.
    "et_as.xlsx": (ole.compound({"ETWorkbookStorage": b"x"}), "已损坏或格式不符", ".xlsx"),
    "wps_as.xlsx": (ole.compound({"WordDocument": b"x"}), "不是表格", ".xlsx"),
    "pdf_as.xlsx": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "PDF", "选错文件"),
    "docx_as.xlsx": (archive(**{"[Content_Types].xml": b"<x/>", "word__document.xml": b"<x/>"}), "不是 Excel 工作簿", "另存为"),
    "zip_as.xlsx": (archive(a=b"x"), "不是 Excel 工作簿", "另存为"),
    "csv_as.xlsx": (ROWS.encode(), "不是 Excel 工作簿", "另存为"),
    "cut_short.xlsx": (book()[:300], "已损坏", "重新导出"),
    "cut_end.xlsx": (book()[:-100], "已损坏", "重新导出"),
    "million_columns.xlsx": (book(lambda xml: xml.replace('r="B2"', 'r="BDWGM2"')), "列数过多（999999", "Ctrl+End"),
    "nul_head.csv": ("企业名称,注册地址\n云岭\0甲,某路\n".encode(), "二进制", "选错文件"),
    "nul_utf16.csv": ("企业名称,注册地址\n云岭\0甲,某路\n".encode("utf-16"), "二进制", "选错文件"),
    "half.xls": (ole.encrypted_xls()[:700], "已损坏或格式不符", "另存为"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_one_line_says_what_and_what_to_do(tmp_path: Path, name: str) -> None:
    content, what, remedy = REFUSED[name]
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_sheets(path)
    line = str(caught.value)
    assert name in line and what in line and remedy in line and "\n" not in line


def test_the_container_we_craft_is_one_that_readers_open() -> None:
    import python_calamine

    # Else the encrypted ones above would be refused for being broken. The same bytes without FILEPASS are not encrypted.
    assert python_calamine.CalamineWorkbook.from_object(io.BytesIO(ole.empty_xls())).sheet_names == ["Sheet1"]
    assert has_filepass(ole.encrypted_xls()) and not has_filepass(ole.empty_xls())
    assert not has_filepass(b"") and not has_filepass(ole.empty_xls()[:600])


def test_a_declared_range_of_a_million_columns_hurts_nobody(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(book(lambda xml: xml.replace('ref="A1:B2"', 'ref="A1:BDWGM1048576"')))
    (sheet,) = read_sheets(path)
    assert (sheet.frame.height, len(sheet.columns)) == (1, 2)


def test_a_null_character_far_down_is_taken_out(tmp_path: Path) -> None:
    # No database keeps it: PostgreSQL refuses the whole batch.
    path = tmp_path / "a.csv"
    path.write_bytes((ROWS + "云岭乙\0文化有限公司,某\0路\n").encode())
    (sheet,) = read_sheets(path)
    assert sheet.frame.row(-1) == (9002, "云岭乙文化有限公司", "某路", False)
    path = tmp_path / "a.json"
    path.write_text('{"企业名称": "云岭\\u0000甲", "注册地址": "某路"}\n', encoding="utf-8")
    assert read_sheets(path)[0].frame["c0"].to_list() == ["云岭甲"]


@pytest.mark.parametrize(("name", "start"), [("a.csv", "企业名称,注册地址\n云岭甲,"), ("a.txt", '{"企业名称": "')])
def test_a_line_without_end_is_refused_before_it_is_read(tmp_path: Path, name: str, start: str) -> None:
    path = tmp_path / name
    with path.open("wb") as stream:
        stream.write(start.encode())
        for _ in range(200):
            stream.write(b"x" * 1_000_000)
    with pytest.raises(InputError, match="有一行超过 16 MB"):
        read_sheets(path)


def test_only_a_long_line_is_too_long(tmp_path: Path) -> None:
    # Some 3 MB of short rows pass; one row of 3 MB somewhere among them does not pass a limit of 2 MB.
    path = tmp_path / "a.csv"
    path.write_bytes(ROWS.encode() * 6)
    assert read_sheets(path, Limits(max_line_bytes=2_000_000))[0].frame.height > 54_000
    path.write_bytes(ROWS.encode() + b"x" * 3_000_000 + b"\n" + ROWS.encode())
    with pytest.raises(InputError, match="有一行超过 2 MB"):
        read_sheets(path, Limits(max_line_bytes=2_000_000))


def test_a_list_with_short_names_only_is_told_what_is_missing(tmp_path: Path) -> None:
    # The head of the Shanghai exchange's list (listed_companies/README): no full Chinese name, no credit code.
    path = tmp_path / "a.csv"
    path.write_text("A股代码,B股代码,证券简称,扩位证券简称,公司英文全称,上市日期\n600000,-,甲乙银行,甲乙银行,A B Bank,19991110\n", "utf-8")
    (sheet,) = read_sheets(path)
    with pytest.raises(InputError) as caught:
        map_columns(sheet, load_aliases())
    line = str(caught.value)
    assert "缺“企业名称”和“统一社会信用代码”" in line and "证券简称、扩位证券简称”是简称" in line and "列名对照.tsv" in line


@pytest.mark.parametrize("name", ["rc4.xls", "encrypted.xlsx", "million_columns.xlsx", "nul_head.csv"])
def test_the_command_line_exits_with_2_and_leaves_the_database_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    import os
    import subprocess

    path = tmp_path / name
    path.write_bytes(REFUSED[name][0])
    env = {**os.environ, "WENMAI_HOME": str(tmp_path / "home"), "PYTHONPATH": "src"}
    env.pop("DATABASE_URL", None)
    command = [sys.executable, "-m", "wenmai.cli", "import", str(path)]
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    said = [line for line in done.stderr.splitlines() if name in line]
    assert done.returncode == 2 and len(said) == 1 and "Traceback" not in done.stderr
    with sqlite3.connect(tmp_path / "home" / "wenmai.sqlite3") as database:
        for table in ("registry_batch", "registry_enterprise"):
            assert database.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table
        verbs = database.execute("SELECT verb FROM events_event ORDER BY id").fetchall()
    assert verbs == [("registry.batch.received",), ("registry.batch.unreadable",)]  # the log tells, and nothing else is kept
