"""The office's own Excel form of a return: made per respondent, locked but for the inputs; read back with its identity checked.

Lines are found by their hidden id, not by their position, so a sheet that was sorted or got rows pushed in still reads.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
from django.core import signing
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.worksheet.datavalidation import DataValidation

from wenmai.base.readers.guard import kind_of
from wenmai.base.readers.model import Limits
from wenmai.base.values import InputError
from wenmai.base.values.period import period
from wenmai.office.figures.fact_lists import printed
from wenmai.rooms.collection.forming import earlier_periods, known_values, spec
from wenmai.rooms.collection.methods.cells import UNKNOWN
from wenmai.rooms.collection.methods.form import LEGAL, Form
from wenmai.rooms.collection.models import Return

SALT = "collection.template"
SHEET, HIDDEN = "填报表", "_wenmai"
FIRST = 7  # row of the first line
ID, NUMBER, LABEL, UNIT, VALUE, STATUS, NOTE, BEFORE, YEAR, HINT = range(1, 11)
HEADS = ("id", "编号", "指标", "计量单位", "本期数", "情况", "说明", "上期", "上年同期", "填报提示")
LIMITS = Limits(max_bytes=10_000_000, max_unpacked_bytes=60_000_000, max_cells=400_000)
MOST_ROWS = 2000
_THIN = Side(style="thin", color="999999")
_BOX = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)


def token(report: Return) -> str:
    """The identity of a return's workbook: which return, which text of the form. Signed, so it cannot be made up."""
    return signing.dumps({"r": report.pk, "f": report.round.form.digest[:16]}, salt=SALT)


def template(report: Return, raw: dict[str, dict[str, str]]) -> bytes:
    """The workbook of a return with `raw` (draft or prefill) in its inputs."""
    found, asked = spec(report.round.form), period(report.round.period)
    earlier = earlier_periods(asked)
    past = known_values(found, earlier, [report.key])
    book = openpyxl.Workbook()
    page: Any = book.active
    page.title = SHEET
    _head(page, found, report, asked.label)
    for number, line in enumerate(found.lines):
        row = FIRST + number
        typed = raw.get(line.id, {})
        year, before = ([past.get((report.key, line.id, p.code)) for p in earlier] + [None])[:2]
        values = (
            line.id, line.id, line.label, line.unit, _number(typed.get("value", "")), typed.get("status", ""), typed.get("note", ""),
            _past(before), _past(year),
            line.hint or ("" if line.required else "可不填"),
        )  # fmt: skip
        for column, value in enumerate(values, start=1):
            cell = page.cell(row, column)
            cell.border, cell.alignment = _BOX, Alignment(vertical="center", wrap_text=column in (LABEL, NOTE, HINT))
            if value not in ("", None):
                cell.value = value
                if isinstance(value, str):
                    cell.data_type = "s"  # a text that begins with = stays a text
            if column in (VALUE, STATUS, NOTE):
                cell.protection = Protection(locked=False)
                cell.fill = PatternFill("solid", fgColor="FFF8E1")
        page.cell(row, VALUE).number_format = "General"
    last = FIRST + len(found.lines) - 1
    offer = DataValidation(type="list", formula1='"' + ",".join(UNKNOWN) + '"', allow_blank=True, showErrorMessage=True)
    offer.error, offer.errorTitle = "请选 查无、拒报 或 不适用；有数时留空", "情况"
    offer.add(f"F{FIRST}:F{last}")
    page.add_data_validation(offer)
    page.protection.sheet = True
    page.protection.formatColumns = page.protection.formatRows = False
    page.freeze_panes = page.cell(FIRST, VALUE)
    page.page_setup.paperSize, page.page_setup.orientation, page.page_setup.fitToWidth, page.page_setup.fitToHeight = 9, "landscape", 1, 0
    page.sheet_properties.pageSetUpPr = openpyxl.worksheet.properties.PageSetupProperties(fitToPage=True)
    page.print_title_rows = f"{FIRST - 1}:{FIRST - 1}"
    hidden = book.create_sheet(HIDDEN)
    hidden["A1"], hidden["B1"] = "wenmai", token(report)
    hidden.sheet_state = "veryHidden"
    hidden.protection.sheet = True
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _past(fact: Any) -> str:
    if fact is None:
        return ""
    return printed(fact) if fact.value is None else f"{printed(fact)} {fact.unit}"


def _number(text: str) -> Any:
    from decimal import Decimal, InvalidOperation

    try:
        return Decimal(text) if text else None
    except InvalidOperation:
        return text


def _head(page: Any, found: Form, report: Return, label: str) -> None:
    page.cell(1, LABEL, found.title).font = Font(name="黑体", size=16, bold=True)
    page.merge_cells(start_row=1, start_column=LABEL, end_row=1, end_column=NOTE)
    page.cell(1, LABEL).alignment = Alignment(horizontal="center")
    for number, name in enumerate(LEGAL):
        if found.legal[name]:
            page.cell(1 + number, BEFORE, f"{name}：{found.legal[name]}")
    page.cell(2, NUMBER, f"填报对象：{report.name}")
    page.cell(3, NUMBER, f"报告期：{label}　截止：{report.round.due.isoformat()}")
    page.cell(4, NUMBER, "只填浅黄色格；没有数时在“情况”选 查无、拒报 或 不适用，不要填零，不要写公式")
    if found.note:
        page.cell(5, NUMBER, found.note)
    for column, head in enumerate(HEADS, start=1):
        cell = page.cell(FIRST - 1, column, head)
        cell.font, cell.border, cell.fill = Font(name="黑体"), _BOX, PatternFill("solid", fgColor="E7EDF5")
    for letter, width in zip("ABCDEFGHIJ", (4, 8, 34, 10, 16, 10, 28, 16, 16, 26), strict=True):
        page.column_dimensions[letter].width = width
    page.column_dimensions["A"].hidden = True


@dataclass
class ReadBack:
    """A returned workbook: whose it is, what is in it, where each cell stood, what could not be read (line → what and where)."""

    return_id: int
    form: str
    cells: dict[str, dict[str, str]] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)


def spool(chunks: Iterable[bytes], name: str) -> bytes:
    """The bytes of an upload after the guards (size, kind, unpacked size) have passed it."""
    suffix = Path(name.replace("\\", "/")).suffix.lower()
    if suffix not in (".xlsx", ".xlsm"):
        raise InputError("只收 .xlsx 工作簿", where=Path(name).name[:80], remedy="请用从本系统下载的模板；WPS 请另存为 .xlsx")
    with tempfile.TemporaryDirectory() as folder:
        path, size = Path(folder) / ("upload" + suffix), 0
        with path.open("wb") as target:
            for chunk in chunks:
                size += len(chunk)
                if size > LIMITS.max_bytes:
                    raise InputError("文件超过 10 MB", where=Path(name).name[:80], remedy="请只留填报表")
                target.write(chunk)
        try:
            kind_of(path, LIMITS)
        except InputError as error:
            raise InputError(error.message, where=Path(name).name[:80], remedy=error.remedy) from error
        return path.read_bytes()


def read_back(data: bytes, name: str) -> ReadBack:
    """Read a returned workbook. InputError when it is none of ours; faults of single cells are collected, not raised."""
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), data_only=False)
    except Exception as error:  # openpyxl raises whatever its parsers raise on a damaged part
        raise InputError("工作簿打不开", where=name, remedy="请用从本系统下载的模板填写后另存为 .xlsx") from error
    if HIDDEN not in book.sheetnames or SHEET not in book.sheetnames:
        raise InputError("不是从本系统下载的模板", where=name, remedy="请在报表页下载模板，填好后上传原文件，不要复制到新工作簿")
    try:
        found = signing.loads(str(book[HIDDEN]["B1"].value), salt=SALT)
        result = ReadBack(int(found["r"]), str(found["f"]))
    except (signing.BadSignature, KeyError, TypeError, ValueError) as error:
        raise InputError("模板的标识已损坏", where=name, remedy="请重新下载模板") from error
    page = book[SHEET]
    for row in page.iter_rows(min_row=1, max_row=min(page.max_row, MOST_ROWS), max_col=NOTE):
        id = str(row[ID - 1].value or "").strip()
        if not id or id == HEADS[0]:
            _stray(row, result)
            continue
        if id in result.cells:
            result.faults[id] = f"同一编号出现两行（{SHEET}!{row[ID - 1].coordinate}）"
            continue
        _row(id, row, result)
    return result


def _stray(row: Any, result: ReadBack) -> None:
    """Something typed into the input column of a row that is no line: said, not dropped."""
    cell = row[VALUE - 1]
    if cell.row >= FIRST and cell.value not in (None, ""):
        result.faults[f"{SHEET}!{cell.coordinate}"] = f"{SHEET}!{cell.coordinate} 有数，但这一行不是报表的行"


def _row(id: str, row: Any, result: ReadBack) -> None:
    raw: dict[str, str] = {}
    for name, column in (("value", VALUE), ("status", STATUS), ("note", NOTE)):
        cell = row[column - 1]
        where = f"{SHEET}!{cell.coordinate}"
        if name == "value":
            result.places[id] = where
        if cell.value is None:
            continue
        if cell.data_type == "f" or type(cell.value).__name__ in ("ArrayFormula", "DataTableFormula"):
            result.faults[id] = f"{where} 是公式，请填计算后的数"
            raw[name] = str(getattr(cell.value, "text", None) or cell.value)[:60]
            continue
        if cell.data_type == "e":
            result.faults[id] = f"{where} 是错误值 {cell.value}"
            continue
        if isinstance(cell.value, bool) or cell.is_date:
            if name == "value":
                result.faults[id] = f"{where} 是{'真假值' if isinstance(cell.value, bool) else '日期'}，不是数"
            raw[name] = str(cell.value)[:60]
            continue
        # A spreadsheet keeps 15 digits; what lies beyond is noise of binary fractions.
        raw[name] = f"{_plain(cell.value)}" if isinstance(cell.value, int | float) else str(cell.value).strip()[:200]
    result.cells[id] = raw


def _plain(value: float) -> str:
    from decimal import Decimal

    if value != value or value in (float("inf"), float("-inf")):
        return str(value)
    return f"{Decimal(f'{value:.15g}'):f}"
