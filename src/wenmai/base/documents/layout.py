"""Page and style layer of an official document, GB/T 9704-2012 (党政机关公文格式), on python-docx.

Measured while building (LibreOffice and Word): a `linesAndChars` grid stretches lines to 13-14 characters in
LibreOffice, so the grid is `lines`; the Normal style itself must be 16 pt, and the leading exact.
"""

from __future__ import annotations

from typing import Any

from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph
from docx.text.run import Run as DocxRun

FANGSONG, HEI, KAI = "仿宋_GB2312", "黑体", "楷体_GB2312"
TITLE_FACE, SONG, LATIN = "方正小标宋简体", "宋体", "Times New Roman"

BODY_PT, TITLE_PT, FOLIO_PT = 16.0, 22.0, 14.0  # 3号, 2号, 4号
LEADING_PT = 28.95  # 22 lines in 225 mm
TITLE_LEADING_PT = 36.0
TYPE_WIDTH_MM = 156.0

_TWIPS_PER_CHARACTER = int(BODY_PT * 20)


def prepare(document: Document) -> None:
    """Turn python-docx's blank document into an A4 GB/T 9704 page with its styles and odd/even folios."""
    _language(document)
    _styles(document)
    _page(document)
    _folios(document)


def set_font(target: Any, east_asia: str, size_pt: float, *, latin: str = LATIN, bold: bool = False) -> None:
    """Set the faces and size of a run or a style; theme fonts are removed because they win over names.

    `hint=eastAsia` makes quotation marks and dashes take the Chinese face.
    """
    target.font.size = Pt(size_pt)
    target.font.bold = bold
    properties = target._element.get_or_add_rPr()
    fonts = properties.get_or_add_rFonts()
    for key in list(fonts.attrib):
        del fonts.attrib[key]
    for slot, face in (("ascii", latin), ("hAnsi", latin), ("eastAsia", east_asia), ("cs", latin)):
        fonts.set(qn(f"w:{slot}"), face)
    fonts.set(qn("w:hint"), "eastAsia")


def set_indent(
    target: Paragraph | ParagraphStyle, *, first: float = 0, left: float = 0, right: float = 0
) -> None:
    """Indents in body characters, written as characters (Word, WPS) and as twips (LibreOffice)."""
    indent = target._element.get_or_add_pPr().get_or_add_ind()
    for key in list(indent.attrib):
        del indent.attrib[key]
    for name, characters in (("firstLine", first), ("left", left), ("right", right)):
        indent.set(qn(f"w:{name}Chars"), str(round(characters * 100)))
        indent.set(qn(f"w:{name}"), str(round(characters * _TWIPS_PER_CHARACTER)))


def set_leading(
    target: Paragraph | ParagraphStyle, points: float, *, before: float = 0, after: float = 0
) -> None:
    """Exact leading and the space around, in points."""
    form = target.paragraph_format
    form.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    form.line_spacing = Pt(points)
    form.space_before, form.space_after = Pt(before), Pt(after)


def shade(run: DocxRun, fill: str) -> None:
    """Give the run a background; shading survives WPS and greyscale printing better than highlighting."""
    shading = OxmlElement("w:shd")
    shading.set(qn("w:val"), "clear")
    shading.set(qn("w:color"), "auto")
    shading.set(qn("w:fill"), fill)
    run._element.get_or_add_rPr().append(shading)


def off_grid(paragraph: Paragraph) -> None:
    """Take a paragraph off the line grid (table cells and charts have a leading of their own)."""
    properties = paragraph._element.get_or_add_pPr()
    element = OxmlElement("w:snapToGrid")
    element.set(qn("w:val"), "0")
    properties.insert_element_before(
        element, "w:spacing", "w:ind", "w:contextualSpacing", "w:jc", "w:outlineLvl", "w:rPr", "w:sectPr"
    )


def _language(document: Document) -> None:
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), "en-US")
        language.set(qn("w:eastAsia"), "zh-CN")
    for language in document.settings.element.iter(qn("w:themeFontLang")):
        language.set(qn("w:eastAsia"), "zh-CN")


def _styles(document: Document) -> None:
    normal = document.styles["Normal"]
    assert isinstance(normal, ParagraphStyle)
    set_font(normal, FANGSONG, BODY_PT)
    set_leading(normal, LEADING_PT)
    # Widow control would leave pages of 21 lines; the standard asks for 22.
    normal.paragraph_format.widow_control = False
    normal.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    for name, face in (("Heading 1", HEI), ("Heading 2", KAI)):
        style = document.styles[name]
        assert isinstance(style, ParagraphStyle)
        set_font(style, face, BODY_PT)
        style.font.color.rgb = RGBColor(0, 0, 0)
        set_leading(style, LEADING_PT)
        set_indent(style, first=2)
        style.paragraph_format.keep_with_next = True
        style.paragraph_format.keep_together = False
    title = document.styles["Title"]
    assert isinstance(title, ParagraphStyle)
    border = title._element.get_or_add_pPr().find(qn("w:pBdr"))
    if border is not None:
        border.getparent().remove(border)
    set_font(title, TITLE_FACE, TITLE_PT)
    spacing = title._element.get_or_add_rPr().find(qn("w:spacing"))
    if spacing is not None:
        spacing.getparent().remove(spacing)
    title.font.color.rgb = RGBColor(0, 0, 0)
    set_leading(title, TITLE_LEADING_PT)
    title.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    title.paragraph_format.keep_with_next = True


def _page(document: Document) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    # The folio's rule stands 7 mm under the type area: 35 mm less 7 mm less the height of 4号.
    section.header_distance, section.footer_distance = Mm(15), Mm(23)
    properties = section._sectPr
    for old in properties.findall(qn("w:docGrid")):
        properties.remove(old)
    grid = OxmlElement("w:docGrid")
    grid.set(qn("w:type"), "lines")
    grid.set(qn("w:linePitch"), str(round(LEADING_PT * 20)))
    properties.append(grid)


def _folios(document: Document) -> None:
    document.settings.odd_and_even_pages_header_footer = True
    section = document.sections[0]
    for footer, alignment in (
        (section.footer, WD_ALIGN_PARAGRAPH.RIGHT),
        (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT),
    ):
        footer.is_linked_to_previous = False
        paragraph = footer.paragraphs[0]
        # Single-page sides: odd pages right with one character free, even pages left likewise.
        odd = alignment == WD_ALIGN_PARAGRAPH.RIGHT
        set_indent(paragraph, left=0 if odd else 1, right=1 if odd else 0)
        paragraph.alignment = alignment
        set_leading(paragraph, FOLIO_PT + 2)
        for text, field in (("— ", None), (None, "PAGE"), (" —", None)):
            _folio_run(paragraph, text, field)


def _folio_run(paragraph: Paragraph, text: str | None, field: str | None) -> None:
    if text is not None:
        set_font(paragraph.add_run(text), SONG, FOLIO_PT, latin=SONG)
        return
    for kind in ("begin", "instruction", "separate", "result", "end"):
        run = paragraph.add_run()
        set_font(run, SONG, FOLIO_PT, latin=SONG)
        if kind == "instruction":
            element = OxmlElement("w:instrText")
            element.set(qn("xml:space"), "preserve")
            element.text = f" {field} "
        elif kind == "result":
            element = OxmlElement("w:t")
            element.text = "1"
        else:
            element = OxmlElement("w:fldChar")
            element.set(qn("w:fldCharType"), kind)
        run._element.append(element)
