"""Finding what is still to be filled in: every 【…】 of a document, its footers and charts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docx
from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import qn

from wenmai.base.documents.official import OfficialDocument
from wenmai.base.documents.text import OPEN_PLACEHOLDER
from wenmai.base.values.errors import InputError

_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_CHART_VALUE = "{http://schemas.openxmlformats.org/drawingml/2006/chart}v"


def placeholders(source: str | Path | Document | OfficialDocument) -> list[str]:
    """The remaining 【…】 in reading order, repeats kept; one opened and never closed counts too.

    Raises InputError when `source` is a path that is not a readable .docx.
    """
    found: list[str] = []
    for text in _paragraph_texts(_open(source)):
        found += OPEN_PLACEHOLDER.findall(text)
    return found


def _open(source: str | Path | Document | OfficialDocument) -> Document:
    if isinstance(source, OfficialDocument):
        return source.docx
    if not isinstance(source, str | Path):
        return source
    try:
        return docx.Document(str(source))
    except Exception as error:  # python-docx lets zip, key and XML errors of many kinds through
        raise InputError(
            "打不开这份文档", where=str(source), remedy="请确认是 .docx 文件且没有损坏"
        ) from error


def _paragraph_texts(document: Document) -> Iterator[str]:
    yield from _texts(document.element)
    main = document.part
    parts = [part for part in main.package.iter_parts() if part is not main]
    for part in sorted(parts, key=lambda each: str(each.partname)):
        name = str(part.partname)
        if (
            name.startswith("/word/")
            and name.endswith(".xml")
            and not name.endswith(("styles.xml", "theme1.xml"))
        ):
            yield from _texts(parse_xml(part.blob))


def _texts(root: Any) -> Iterator[str]:
    for element in root.iter(qn("w:p"), f"{_A}p", _CHART_VALUE):
        # The fallback of an alternate content repeats the text of the choice.
        if any(parent.tag == _FALLBACK for parent in element.iterancestors()):
            continue
        if element.tag == _CHART_VALUE:
            yield element.text or ""
            continue
        leaf = qn("w:t") if element.tag == qn("w:p") else f"{_A}t"
        own = (text for text in element.iter(leaf) if next(text.iterancestors(element.tag)) is element)
        yield "".join(text.text or "" for text in own)
