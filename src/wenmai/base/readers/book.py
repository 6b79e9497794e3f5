"""Excel workbooks (.xlsx, .xlsm, .xls) through calamine: visible sheets, cells as a person sees them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import python_calamine as calamine

from wenmai.base.values.errors import InputError

from .guard import SAVE_AS_XLSX, refuse
from .model import Limits, ReadProblem, Sheet, problem_frame
from .table import Record, build_sheet, tidy_title

#: From here on a double no longer holds every digit that was typed (Excel keeps 15 digits).
_EXACT = 1e15


def read_book(path: Path, known: Callable[[str], bool], limits: Limits, is_name: Callable[[str], bool]) -> list[Sheet]:
    """Every visible sheet with a head and rows; sheets left out are told in the first sheet's problems.

    Errors: InputError for a damaged or encrypted book, and when no sheet can be used.
    """
    book = _open(path)
    sheets, left_out = [], []
    try:
        metadata = list(book.sheets_metadata)
        for index, meta in enumerate(metadata):
            name = tidy_title(meta.name)
            if meta.typ != calamine.SheetTypeEnum.WorkSheet:
                left_out.append(ReadProblem(0, "", name, f"“{name}”不是工作表（图表或宏表），未读入"))
                continue
            if meta.visible != calamine.SheetVisibleEnum.Visible:
                left_out.append(ReadProblem(0, "", name, f"隐藏的工作表“{name}”未读入，需要时请取消隐藏"))
                continue
            source = book.get_sheet_by_index(index)
            if not source.total_height:
                continue
            sheet = build_sheet(path, name, _records(source), known, limits, is_name)
            if sheet is None:
                left_out.append(ReadProblem(0, "", name, f"工作表“{name}”没有表头或数据行，未读入"))
            else:
                sheets.append(sheet)
    except InputError:
        raise
    except BaseException as error:  # a Rust panic arrives as a BaseException
        raise _damaged(path, error) from error
    if not sheets:
        what = "；".join(problem.reason for problem in left_out[:3]) or "工作簿是空的"
        raise refuse(
            path, f"没有可用的工作表：{what}", "请保留一行列名（如 企业名称、统一社会信用代码）和数据行"
        )
    if left_out:
        sheets[0].problems = sheets[0].problems.vstack(problem_frame(left_out))
    return sheets


def _open(path: Path) -> Any:
    try:
        with path.open("rb") as stream:
            return calamine.CalamineWorkbook.from_object(stream)
    except calamine.PasswordError as error:
        raise refuse(path, "工作簿已加密", "请输入密码打开，去掉密码后另存为 .xlsx") from error
    except BaseException as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: BaseException) -> BaseException:
    if isinstance(error, KeyboardInterrupt | SystemExit | GeneratorExit):
        return error
    return refuse(path, "工作簿已损坏或格式不符，读不出", SAVE_AS_XLSX)


def _records(source: Any) -> Iterator[Record]:
    for number, row in enumerate(source.iter_rows(), 1):
        yield number, [cell if type(cell) is str else cell_text(cell) for cell in row]


def cell_text(cell: Any) -> str:
    """The cell as text: 42.0 -> '42', a date -> ISO, True -> 'TRUE'.

    A number of 16 digits or more has lost its last digits in the file and is written with an exponent,
    so that it can be told from a code typed as text.
    """
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, int | float):
        number = float(cell)
        if number != number or number in (float("inf"), float("-inf")):
            return ""
        if abs(number) >= _EXACT:
            return f"{number:.14E}"
        return str(int(number)) if number.is_integer() else f"{number:.15g}"
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(" ", "seconds")
    if isinstance(cell, dt.date):
        return cell.isoformat()
    return str(cell)
