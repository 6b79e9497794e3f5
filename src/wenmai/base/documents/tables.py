"""Ruled tables of an official document: fixed widths, repeated header, numbers right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from docx.document import Document
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm
from docx.table import _Cell, _Row

from wenmai.base.documents import layout
from wenmai.base.documents.text import display_width, is_blank_cell, is_number
from wenmai.base.values.errors import InputError

CAPTION_PT = 14.0
_MANY_COLUMNS = 6
_ALIGNMENTS = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
}
Writer = Callable[[Any, str, str, float], None]


def add_table(
    document: Document,
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    widths_mm: Sequence[float] | None,
    align: Sequence[str] | None,
    write: Writer,
) -> None:
    """Append the table; `write(paragraph, text, face, size)` puts text into a cell's paragraph.

    Raises InputError on no columns, ragged rows, widths or alignments that do not match or fit 156 mm.
    """
    _check(columns, rows, widths_mm, align)
    size = 12.0 if len(columns) <= _MANY_COLUMNS else 10.5
    widths = list(widths_mm) if widths_mm else column_widths_mm(columns, rows)
    sides = list(align) if align else column_alignments(columns, rows)
    table = document.add_table(rows=0, cols=len(columns))
    table.style = "Table Grid"
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
    _cell_margins(table)
    for index, row in enumerate([columns, *rows]):
        header = index == 0
        cells = table.add_row()
        _row_options(cells, header)
        # Row.cells walks the whole grid each time; one call per row keeps long tables linear.
        for cell, text, width, side in zip(cells.cells, row, widths, sides, strict=True):
            cell.width = Mm(width)
            _fill(cell, text, "center" if header else side, header, size, write, keep=header)


def column_alignments(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Per column: "right" when all its filled cells print quantities, "center" for 序号, else "left"."""
    result = []
    for column, name in enumerate(columns):
        if name.strip() == "序号":
            result.append("center")
            continue
        filled = [row[column] for row in rows if not is_blank_cell(row[column])]
        result.append("right" if filled and all(map(is_number, filled)) else "left")
    return result


def column_widths_mm(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[float]:
    """Widths that fill 156 mm in proportion to the widest text, between 3 and 18 characters a column."""
    needs = []
    for index, name in enumerate(columns):
        widest = max([display_width(name), *(display_width(row[index]) for row in rows)])
        needs.append(min(max(widest, 3.0), 18.0) + 1.0)
    scale = layout.TYPE_WIDTH_MM / sum(needs)
    return [round(need * scale, 2) for need in needs]


def _check(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    widths_mm: Sequence[float] | None,
    align: Sequence[str] | None,
) -> None:
    if not columns:
        raise InputError("表格没有列", remedy="请至少给出一列")
    for number, row in enumerate(rows, start=1):
        if len(row) != len(columns):
            raise InputError(
                f"表格第{number}行有{len(row)}格，表头有{len(columns)}列", remedy="请补齐或删去多余的格"
            )
    if widths_mm is not None:
        if len(widths_mm) != len(columns) or min(widths_mm) <= 0:
            raise InputError("表格列宽个数与列数不符，或有列宽不大于零", remedy="请逐列给出毫米数")
        if sum(widths_mm) > layout.TYPE_WIDTH_MM + 0.5:
            raise InputError(
                f"表格列宽合计 {sum(widths_mm):g} 毫米，超过版心 {layout.TYPE_WIDTH_MM:g} 毫米",
                remedy="请减小列宽或拆表",
            )
    if align is not None and (len(align) != len(columns) or any(side not in _ALIGNMENTS for side in align)):
        raise InputError("表格对齐方式与列数不符，或不是 left、center、right", remedy="请逐列给出")


def _cell_margins(table: Any) -> None:
    """1.5 mm left and right instead of Word's 1.9 mm: narrow number columns would wrap."""
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        element = OxmlElement(f"w:{side}")
        element.set(qn("w:w"), "85")
        element.set(qn("w:type"), "dxa")
        margins.append(element)
    properties = table._tbl.tblPr
    look = properties.find(qn("w:tblLook"))
    if look is not None:
        look.addprevious(margins)
    else:
        properties.append(margins)


def _row_options(row: _Row, header: bool) -> None:
    properties = row._tr.get_or_add_trPr()
    properties.append(OxmlElement("w:cantSplit"))
    if header:
        properties.append(OxmlElement("w:tblHeader"))


def _fill(cell: _Cell, text: str, side: str, header: bool, size: float, write: Writer, *, keep: bool) -> None:
    cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    paragraph = cell.paragraphs[0]
    layout.set_leading(paragraph, size + 6, before=2, after=2)
    layout.off_grid(paragraph)
    paragraph.alignment = _ALIGNMENTS[side]
    paragraph.paragraph_format.keep_with_next = keep
    write(paragraph, text, layout.HEI if header else layout.FANGSONG, size)
