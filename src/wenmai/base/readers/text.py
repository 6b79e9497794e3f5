"""Delimited text and one-record-a-line text: encoding, delimiter, unbalanced quotes, dict and JSON lines."""

from __future__ import annotations

import ast
import codecs
import contextlib
import csv
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any

from wenmai.base.values.errors import InputError

from .guard import refuse
from .model import Limits, ReadProblem, Sheet
from .table import Record, build_sheet

_CHUNK = 1 << 20
_FIELD_LIMIT = 1 << 17
_LINES = 20_000
_COMMON = (
    "的公司有限企业業名称稱代码碼注册冊登记記地址日期经經营營范範围圍区區市省县縣路号號文化台臺北一人在中"
)
_BINARY = frozenset(range(0, 9)) | frozenset(range(14, 27)) | frozenset(range(28, 32))


def read_text(path: Path, known: Callable[[str], bool], limits: Limits, is_name: Callable[[str], bool]) -> Sheet:
    """One sheet from a text file of any of the accepted encodings and delimiters.

    Errors: InputError for binary content, undecodable bytes, no head, no rows.
    """
    encoding = detect_encoding(path)
    with path.open("r", encoding=encoding, newline="") as stream:
        sample = stream.read(200_000)
    if sum(sample.count(chr(code)) for code in _BINARY) > len(sample) // 500:
        raise refuse(path, "内容不是文本，是二进制数据", "请核对是否选错文件，或重新导出为 .xlsx")
    problems: list[ReadProblem] = []
    start = sample.lstrip()[:1]
    # A JSON array may stand in one line; in any other table a line is a row, and no row is as long as this.
    if start != "[" and _has_long_line(path, limits.max_line_bytes):
        raise refuse(
            path, f"有一行超过 {limits.max_line_bytes / 1e6:.0f} MB，不是一行一户的表格",
            "请核对导出时的换行设置，或重新导出为 .xlsx",
        )  # fmt: skip
    sheet = None
    if start in {"{", "["}:
        sheet = _read_objects(path, encoding, known, limits, is_name, problems)
    if sheet is None:
        problems.clear()
        delimiter = sniff_delimiter(sample, path.suffix.lower())
        with path.open("r", encoding=encoding, newline="") as stream:
            records = csv_records(stream, delimiter, problems)
            sheet = build_sheet(path, path.stem, records, known, limits, is_name, problems)
    if sheet is None:
        raise refuse(
            path, "没有找到表头，或表头下没有数据行", "请保留一行列名（如 企业名称、统一社会信用代码）再导入"
        )
    return sheet


def _has_long_line(path: Path, most: int) -> bool:
    """Whether any line (ended by LF or CR) is longer than `most` bytes (at least one chunk); keeps nothing of it."""
    if path.stat().st_size <= most:
        return False
    run = 0
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            ends = [at for at in (chunk.find(b"\n"), chunk.find(b"\r")) if at >= 0]
            if not ends:
                run += len(chunk)
            elif run + min(ends) > most:
                return True
            else:
                run = len(chunk) - 1 - max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
            if run > most:
                return True
    return False


def detect_encoding(path: Path) -> str:
    """The first of utf-8-sig, utf-16 (by BOM), gb18030, big5 that decodes the whole file strictly.

    Where both gb18030 and big5 do, the one whose text holds clearly more everyday characters is taken.
    Errors: InputError with the line of the first bytes that are not UTF-8.
    """
    with path.open("rb") as stream:
        start = stream.read(65_536)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        if _decodes(path, "utf-16") is None:
            return "utf-16"
        raise refuse(path, "UTF-16 文本不完整", "请用 WPS 重新导出为 .xlsx")
    if b"\0" in start:
        raise refuse(path, "内容不是文本，是二进制数据", "请核对是否选错文件，或重新导出为 .xlsx")
    bad_line = _decodes(path, "utf-8-sig")
    if bad_line is None:
        return "utf-8-sig"
    fitting = [encoding for encoding in ("gb18030", "big5") if _decodes(path, encoding) is None]
    if not fitting:
        raise refuse(
            path, f"第 {bad_line} 行附近有认不出的字节，编码混杂或文件损坏", "请用 WPS 打开核对后另存为 .xlsx"
        )
    if len(fitting) == 2 and _everyday(start, "big5") > 2 * _everyday(start, "gb18030") + 5:
        return "big5"
    return fitting[0]


def _decodes(path: Path, encoding: str) -> int | None:
    """None when the whole file decodes; otherwise the 1-based line of the first failure."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    lines = 1
    with path.open("rb") as stream:
        while True:
            chunk = stream.read(_CHUNK)
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeError as error:
                at = error.start if isinstance(error, UnicodeDecodeError) else 0
                return lines + chunk.count(b"\n", 0, at)
            if not chunk:
                return None
            lines += chunk.count(b"\n")


def _everyday(start: bytes, encoding: str) -> int:
    counts = Counter(start.decode(encoding, "ignore"))
    return sum(counts[char] for char in _COMMON)


def sniff_delimiter(sample: str, suffix: str) -> str:
    """Which of comma, tab, semicolon and bar cuts the sample into the steadiest number of cells (> 1)."""
    lines = sample.splitlines()[:60]
    if len(sample) >= 200_000:
        lines = lines[:-1] or lines
    best, best_score = ("\t" if suffix in {".tsv", ".tab"} else ","), 0.0
    for delimiter in (",", "\t", ";", "|"):
        sizes = [len(row) for row in _quiet_csv(lines, delimiter) if row]
        if not sizes:
            continue
        size, times = Counter(sizes).most_common(1)[0]
        if size < 2:
            continue
        score = times / len(sizes) * (1 + min(size, 12) / 12)
        if score > best_score + 0.05:
            best, best_score = delimiter, score
    return best


def _quiet_csv(lines: list[str], delimiter: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(lines, delimiter=delimiter)
    except csv.Error:
        return


def csv_records(stream: Iterable[str], delimiter: str, problems: list[ReadProblem]) -> Iterator[Record]:
    """Records of delimited text with the row number a spreadsheet shows (a quoted line break is one row).

    A quote never closed would swallow the rows after it: when a record spans lines that are whole rows
    by themselves, its lines are read one by one and the row is reported.
    """
    return chain.from_iterable(_csv_blocks(iter(stream), delimiter, problems))


def _csv_blocks(
    stream: Iterator[str], delimiter: str, problems: list[ReadProblem]
) -> Iterator[Iterable[Record]]:
    """Blocks of lines; one in which every line is a record is parsed at once, any other with care."""
    number, usual = 0, 0
    while lines := list(islice(stream, _LINES)):
        rows: list[list[str]] = []
        if lines[-1].count('"') % 2 == 0:
            with contextlib.suppress(csv.Error):
                rows = list(csv.reader(lines, delimiter=delimiter))
        if len(rows) == len(lines):
            records: list[Record] = list(zip(range(number + 1, number + len(rows) + 1), rows, strict=True))
        else:
            records = list(_careful(lines, stream, delimiter, number, usual, problems))
        if records:
            number = records[-1][0]
            usual = usual or next((len(row) for _, row in records if len(row) > 1), 0)
        yield records


def _careful(
    lines: list[str],
    stream: Iterator[str],
    delimiter: str,
    number: int,
    usual: int,
    problems: list[ReadProblem],
) -> Iterator[Record]:
    """The records of `lines`, and of further lines of `stream` where the last record runs on into them."""
    taken: list[str] = []
    left = len(lines)

    def feed() -> Iterator[str]:
        for line in chain(lines, stream):
            taken.append(line)
            yield line

    reader = csv.reader(feed(), delimiter=delimiter)
    while left > 0:
        taken.clear()
        row: list[str] | None = None
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            row = None
        left -= len(taken)
        if row is not None and (len(taken) < 2 or not _swallowed(taken, delimiter, usual)):
            number += 1
            usual = usual or (len(row) if len(row) > 1 else 0)
            yield number, row
            continue
        reason = "引号不成对，本行起按原文逐行读取，请核对"
        problems.append(ReadProblem(number + 1, "", taken[0].strip()[:200] if taken else "", reason))
        for line in list(taken):
            number += 1
            yield number, _plain(line, delimiter)


def _plain(line: str, delimiter: str) -> list[str]:
    """One physical line by itself; quotes are taken literally when they do not pair."""
    line = line.rstrip("\r\n")
    if line.count('"') % 2:
        return line.split(delimiter)
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return line.split(delimiter)


def _swallowed(lines: list[str], delimiter: str, usual: int) -> bool:
    if usual < 2:
        return len(lines) > 50
    whole = sum(1 for line in lines[1:] if len(_plain(line, delimiter)) >= usual)
    return whole >= 1 and whole * 2 >= len(lines) - 1


def _read_objects(
    path: Path, encoding: str, known: Callable[[str], bool], limits: Limits, is_name: Callable[[str], bool], problems: list[ReadProblem]
) -> Sheet | None:
    """Sheet from one JSON object or Python dict literal a line, or one JSON array; else None."""
    objects: list[tuple[int, dict[str, str]]] = []
    tried = 0
    with path.open("r", encoding=encoding) as stream:
        for number, line in enumerate(stream, 1):
            if not (line := line.strip().rstrip(",")):
                continue
            tried += 1
            found = _object(line)
            if found is not None:
                objects.append((number, found))
            else:
                problems.append(ReadProblem(number, "", line[:200], "这一行不是完整的记录，读不出", True))
                if tried >= 20 and len(objects) * 2 < tried:
                    break
            if len(objects) > limits.max_rows:
                raise refuse(path, f"行数超过上限 {limits.max_rows} 行", "请拆成几个文件")
    if not objects or len(objects) * 2 < tried:
        problems.clear()
        array = _array(path, encoding)
        if not array:
            return None
        objects = list(enumerate(array, 1))
    keys = list(dict.fromkeys(key for _, found in objects for key in found))
    if not keys:
        return None
    records = ((number, [found.get(key, "") for key in keys]) for number, found in objects)
    head: list[Record] = [(0, keys)]
    heading = frozenset(keys)

    def known_key(clean: str) -> bool:
        return known(clean) or clean in heading

    return build_sheet(path, path.stem, _chain(head, records), known_key, limits, is_name, problems)


def _chain(head: list[Record], records: Iterator[Record]) -> Iterator[Record]:
    yield from head
    yield from records


def _object(line: str) -> dict[str, str] | None:
    value: Any = None
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        if len(line) < 1_000_000:
            try:
                value = ast.literal_eval(line)
            except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
                return None
    return _texts(value) if isinstance(value, dict) else None


def _array(path: Path, encoding: str) -> list[dict[str, str]] | None:
    if path.stat().st_size > 200_000_000:
        return None
    try:
        value = json.loads(path.read_text(encoding))
    except (ValueError, RecursionError):
        return None
    if isinstance(value, dict):
        value = next((v for v in value.values() if isinstance(v, list)), None)
    if not isinstance(value, list) or not value or not all(isinstance(item, dict) for item in value):
        return None
    return [_texts(item) for item in value]


def _texts(value: dict[Any, Any]) -> dict[str, str]:
    return {_scalar(key): _scalar(item) for key, item in value.items()}


def _scalar(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, bool | int):
        return str(value) if abs(value) < 10**30 else ""
    if isinstance(value, float):
        return f"{value:.15g}"
    try:
        return json.dumps(value, ensure_ascii=False, default=str).encode("utf-8", "replace").decode()
    except (TypeError, ValueError, RecursionError):
        return repr(value).encode("utf-8", "replace").decode()


csv.field_size_limit(max(csv.field_size_limit(), _FIELD_LIMIT))

__all__ = ["InputError", "csv_records", "detect_encoding", "read_text", "sniff_delimiter"]
