"""Put values into cells of a finished .xlsx and leave every other byte of it alone.

A workbook that is loaded and saved again by a library loses what the library does not know (charts, drawings, controls,
extended formats). So only the `<c>` elements that are filled are written anew, with their style kept; all other parts of
the package are copied as they are.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import lxml.etree as etree  # type: ignore[import-untyped]

from wenmai.base.documents.text import legal
from wenmai.base.values import InputError

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
Value = Decimal | str


def fill(data: bytes, values: Mapping[tuple[str, str], Value]) -> bytes:
    """The workbook with (sheet, address) → value put in. Formula cells are refused; formulas are recomputed on opening."""
    with zipfile.ZipFile(io.BytesIO(data)) as source:
        parts = {item.filename: source.read(item) for item in source.infolist()}
        infos = source.infolist()
    book_path = _book(parts)
    sheets = _sheets(parts, book_path)
    by_sheet: dict[str, dict[str, Value]] = {}
    for (sheet, address), value in values.items():
        if sheet not in sheets:
            raise InputError(f"模板里没有工作表“{sheet}”")
        by_sheet.setdefault(sheet, {})[address] = value
    for sheet, cells in by_sheet.items():
        parts[sheets[sheet]] = _sheet(parts[sheets[sheet]], cells, sheet)
    if by_sheet:
        parts[book_path] = _recompute(parts[book_path])
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for info in infos:
            target.writestr(info, parts[info.filename], compress_type=info.compress_type)
    return out.getvalue()


def _parse(xml: bytes) -> Any:
    return etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False))


def _print(root: Any) -> bytes:
    found: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return found


def _book(parts: Mapping[str, bytes]) -> str:
    root = _parse(parts["_rels/.rels"])
    for one in root:
        if str(one.get("Type", "")).endswith("/officeDocument"):
            return str(one.get("Target")).lstrip("/")
    raise InputError("模板不是 Excel 工作簿")


def _sheets(parts: Mapping[str, bytes], book: str) -> dict[str, str]:
    """Sheet name → part name."""
    folder, file = posixpath.split(book)
    related = {r.get("Id"): r.get("Target") for r in _parse(parts[f"{folder}/_rels/{file}.rels"])}
    found = {}
    for one in _parse(parts[book]).iter(f"{{{MAIN}}}sheet"):
        target = str(related.get(one.get(f"{{{RELATED}}}id"), ""))
        path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
        if path in parts:
            found[str(one.get("name"))] = path
    return found


def _split(address: str) -> tuple[int, int]:
    found = re.fullmatch(r"([A-Z]{1,3})([1-9]\d{0,6})", address)
    if found is None:
        raise InputError(f"单元格“{address}”不对")
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    return int(found[2]), column


def _sheet(xml: bytes, cells: Mapping[str, Value], sheet: str) -> bytes:
    root = _parse(xml)
    rows = root.find(f"{{{MAIN}}}sheetData")
    if rows is None:
        raise InputError(f"“{sheet}”不是普通工作表")
    for address, value in cells.items():
        cell = _cell(rows, address)
        if cell.find(f"{{{MAIN}}}f") is not None:
            raise InputError("要填的格里是公式", where=f"{sheet}!{address}", remedy="公式格由 Excel 自己算，请把占位写在别的格")
        for child in list(cell):
            cell.remove(child)
        for name in ("t", "cm", "vm"):
            cell.attrib.pop(name, None)
        if isinstance(value, Decimal):
            etree.SubElement(cell, f"{{{MAIN}}}v").text = f"{value:f}"
        elif value:
            cell.set("t", "inlineStr")
            text = etree.SubElement(etree.SubElement(cell, f"{{{MAIN}}}is"), f"{{{MAIN}}}t")
            text.text = legal(value)
    return _print(root)


def _cell(rows: Any, address: str) -> Any:
    """The `<c>` of an address, made in its place when the sheet has none."""
    number, column = _split(address)
    row = None
    place = len(rows)
    for at, one in enumerate(rows):
        here = int(one.get("r", at + 1))
        if here == number:
            row = one
            break
        if here > number:
            place = at
            break
    if row is None:
        row = etree.Element(f"{{{MAIN}}}row", r=str(number))
        rows.insert(place, row)
    place = len(row)
    for at, one in enumerate(row):
        here = _split(str(one.get("r")))[1] if one.get("r") else at + 1
        if here == column:
            return one
        if here > column:
            place = at
            break
    cell = etree.Element(f"{{{MAIN}}}c", r=address)
    row.insert(place, cell)
    return cell


def _recompute(xml: bytes) -> bytes:
    root = _parse(xml)
    found = root.find(f"{{{MAIN}}}calcPr")
    if found is None:
        after = [root.find(f"{{{MAIN}}}{name}") for name in ("definedNames", "externalReferences", "sheets")]
        found = etree.Element(f"{{{MAIN}}}calcPr")
        next(a for a in after if a is not None).addnext(found)
    found.set("fullCalcOnLoad", "1")
    return _print(root)
