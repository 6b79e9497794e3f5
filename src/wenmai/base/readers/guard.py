"""What a file is, by its bytes, and whether it may be opened; a refusal is one Chinese line with a remedy."""

from __future__ import annotations

import re
import zipfile
import zlib
from pathlib import Path

from wenmai.base.values.errors import InputError

from .model import Limits
from .ole import has_filepass

TEXT_SUFFIXES = {".csv", ".tsv", ".txt", ".json", ".jsonl", ".tab"}
BOOK_SUFFIXES = {".xlsx", ".xlsm", ".xls"}

SAVE_AS_XLSX = "请在 WPS 或 Excel 中打开后另存为 .xlsx 再导入"
_REFUSED = {
    ".et": "WPS 表格 .et 格式不能直接读",
    ".ett": "WPS 模板 .ett 格式不能直接读",
    ".wps": "WPS 文字 .wps 不是表格",
    ".dps": "WPS 演示 .dps 不是表格",
    ".doc": "Word 文档 .doc 不是表格",
    ".docx": "Word 文档 .docx 不是表格",
    ".pdf": "PDF 文件不是表格",
    ".ods": ".ods 格式不能直接读",
    ".xlsb": ".xlsb 格式不能直接读",
    ".zip": "压缩包不能直接读",
    ".rar": "压缩包不能直接读",
    ".7z": "压缩包不能直接读",
}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MAGIC = {
    b"%PDF": "内容是 PDF",
    b"\x89PNG": "内容是图片",
    b"\xff\xd8\xff": "内容是图片",
    b"Rar!": "内容是压缩包",
    b"7z\xbc\xaf": "内容是压缩包",
    b"\x1f\x8b": "内容是压缩包",
}
_CELL = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
_CHUNK = 1 << 20


def refuse(path: Path, message: str, remedy: str, sheet: str | None = None) -> InputError:
    """The InputError for a file; to be raised by the caller."""
    where = path.name if sheet is None else f"{path.name}，工作表 {sheet}"
    return InputError(message, where=where, remedy=remedy)


def kind_of(path: Path, limits: Limits) -> str:
    """'text' or 'book'. Errors: InputError for what cannot be a table, is too large, encrypted or damaged."""
    suffix = path.suffix.lower()
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            start = stream.read(8192)
    except OSError as error:
        raise refuse(path, "文件打不开或不存在", "请确认文件存在、未被其他程序占用") from error
    if suffix in _REFUSED:
        raise refuse(path, _REFUSED[suffix], _remedy(suffix))
    if suffix not in TEXT_SUFFIXES | BOOK_SUFFIXES:
        raise refuse(
            path,
            f"不认识的文件类型“{suffix or '无扩展名'}”",
            "可读 .xlsx、.xls、.csv、.tsv、.txt；" + SAVE_AS_XLSX,
        )
    if not size or not start.strip():
        raise refuse(path, "文件是空的", "请重新导出后再导入")
    if size > limits.max_bytes:
        raise refuse(
            path,
            f"文件过大（{size / 1e6:.0f} MB，上限 {limits.max_bytes / 1e6:.0f} MB）",
            "请按年份或街道拆成几个文件",
        )
    for magic, what in _MAGIC.items():
        if start.startswith(magic):
            raise refuse(path, f"{what}，与扩展名 {suffix} 不符", "请核对是否选错文件；" + SAVE_AS_XLSX)
    if start.startswith(_OLE):
        _check_ole(path, suffix)
        return "book"
    if start.startswith(b"PK"):
        if suffix in TEXT_SUFFIXES:
            raise refuse(
                path, f"内容是工作簿或压缩包，扩展名却是 {suffix}", "如是 Excel 表请把扩展名改为 .xlsx 再导入"
            )
        _check_zip(path, limits)
        return "book"
    head = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta", b"<head")):
        raise refuse(path, "内容是网页或 XML，不是真正的表格文件", SAVE_AS_XLSX)
    if suffix in {".xlsx", ".xlsm"}:
        raise refuse(path, "文件已损坏或不是 Excel 工作簿", SAVE_AS_XLSX)
    return "text"  # many systems export delimited text under the name .xls


def _remedy(suffix: str) -> str:
    if suffix in {".zip", ".rar", ".7z"}:
        return "请先解压，再导入其中的表格"
    if suffix in {".et", ".ett", ".ods", ".xlsb"}:
        return SAVE_AS_XLSX.replace("WPS 或 Excel", "WPS")
    return "请向提供单位索取 .xlsx 表格，或把其中的表格复制到 WPS 表格后另存为 .xlsx"


def _check_ole(path: Path, suffix: str) -> None:
    """An OLE container: a real .xls passes; encrypted workbooks and Word documents are refused."""
    if suffix in TEXT_SUFFIXES:
        raise refuse(
            path, f"内容是 Office 二进制文件，扩展名却是 {suffix}", "如是 Excel 表请把扩展名改为 .xls 再导入"
        )
    content = path.read_bytes()
    if "EncryptedPackage".encode("utf-16-le") in content or has_filepass(content):
        raise refuse(path, "工作簿已加密", "请在 WPS 或 Excel 中输入密码打开，去掉密码后另存为 .xlsx")
    if "WordDocument".encode("utf-16-le") in content:
        raise refuse(path, "内容是 Word 或 WPS 文字文档，不是表格", _remedy(".doc"))


def _check_zip(path: Path, limits: Limits) -> None:
    """Walk the archive once without keeping anything: declared and real sizes, checksums, cell extent."""
    damaged = "文件已损坏（压缩结构不完整）"
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            declared = sum(member.file_size for member in members)
            packed = max(path.stat().st_size, 1)
            if declared > limits.max_unpacked_bytes or (
                declared > 50_000_000 and declared / packed > limits.max_ratio
            ):
                raise refuse(
                    path,
                    f"解压后达 {declared / 1e6:.0f} MB，疑似压缩炸弹或含大片空格式，拒绝打开",
                    "请把有效区域复制到新工作簿后另存为 .xlsx",
                )
            names = {member.filename for member in members}
            if "[Content_Types].xml" not in names or not any(n.startswith("xl/") for n in names):
                raise refuse(path, "内容是压缩包，不是 Excel 工作簿", SAVE_AS_XLSX)
            for member in members:
                if member.flag_bits & 1:
                    raise refuse(path, "压缩结构已加密", "请去掉密码后另存为 .xlsx")
                _walk(path, archive, member, limits)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        ValueError,
        NotImplementedError,
        RuntimeError,
    ) as error:
        raise refuse(path, damaged, "请重新导出；或" + SAVE_AS_XLSX[1:]) from error


def _walk(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo, limits: Limits) -> None:
    """Read one member through; for a worksheet, refuse an extent that would be laid out as a huge grid."""
    is_sheet = member.filename.startswith("xl/worksheets/") and member.filename.endswith(".xml")
    seen, rows, letters = 0, 1, {b"A"}
    tail = b""
    with archive.open(member) as stream:
        while chunk := stream.read(_CHUNK):
            seen += len(chunk)
            if seen > limits.max_unpacked_bytes:
                raise refuse(path, "解压后过大，疑似压缩炸弹，拒绝打开", "请核对文件来源")
            if is_sheet:
                found = _CELL.findall(tail + chunk)
                tail = chunk[-24:]
                if found:
                    letters.update({column for column, _ in found})
                    rows = max(rows, int(found[-1][1]), int(found[0][1]))
    width = max(_column_number(letter) for letter in letters)
    if is_sheet and rows * width > limits.max_cells:
        raise refuse(
            path,
            f"工作表范围异常大（{rows} 行 × {width} 列），可能有游离单元格",
            "请删去表外的空行空列（Ctrl+End 可见末格），另存为 .xlsx 后再导入",
        )


def _column_number(letters: bytes) -> int:
    number = 0
    for byte in letters:
        number = number * 26 + byte - 64
    return number
