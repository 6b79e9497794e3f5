"""`OfficialDocument`: a GB/T 9704-2012 text with headings, tables, native charts, annexes, signature."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph
from docx.text.run import Run as DocxRun

from wenmai.base.documents import chart, layout, tables
from wenmai.base.documents.package import normalised, write_atomic
from wenmai.base.documents.text import PLACEHOLDER, display_width, legal

AUTHOR = "文脉"
PLACEHOLDER_FILL = "FFF2CC"
_FIXED_MOMENT = dt.datetime(2000, 1, 1)
_NUMERALS = "零一二三四五六七八九"
_HEADING1_NUMBER = re.compile(r"^[一二三四五六七八九十]+、")
_HEADING2_NUMBER = re.compile(r"^（[一二三四五六七八九十]+）")


@dataclass(frozen=True)
class Run:
    """A stretch of text in a paragraph.

    `placeholder`: something still to be filled in; it is put in 【】 and shaded. `figure_id`: the figure the
    text prints; it becomes a bookmark in the file, and a visible mark when the document marks its figures.
    """

    text: str
    bold: bool = False
    placeholder: bool = False
    figure_id: str | None = None


class OfficialDocument:
    """Build a document top to bottom, then `save`.

    `moment` is the date in the file's properties (never the clock: equal content gives equal bytes).
    `mark_figures` prints each figure's id behind it in superscript: for the 核数稿, not the 送阅稿.
    """

    def __init__(
        self,
        title: str,
        subtitle: str | None = None,
        *,
        moment: dt.datetime | None = None,
        mark_figures: bool = False,
    ) -> None:
        self.docx = docx.Document()
        self._mark_figures = mark_figures
        self._counts = [0, 0]
        self._bookmarks: dict[str, int] = {}
        self._drawings = 0
        layout.prepare(self.docx)
        self._properties(title, moment or _FIXED_MOMENT)
        self._add_title(title, subtitle)

    # ------------------------------------------------------------------ text

    def heading1(self, text: str) -> None:
        """First level, 黑体. "一、" is put before the text unless it brings its own number."""
        match = _HEADING1_NUMBER.match(text)
        self._counts = [self._counts[0] + 1, 0]
        label = "" if match else f"{chinese_numeral(self._counts[0])}、"
        self._write(self.docx.add_paragraph(style="Heading 1"), label + text, layout.HEI)

    def heading2(self, text: str, body: str | Sequence[Run] | None = None) -> None:
        """Second level, 楷体. "（一）" is put before the text unless it brings its own number.

        With `body` the paragraph runs on behind the heading, which is how a 情况汇报 usually sets it.
        """
        match = _HEADING2_NUMBER.match(text)
        self._counts[1] += 1
        label = "" if match else f"（{chinese_numeral(self._counts[1])}）"
        if body is None:
            self._write(self.docx.add_paragraph(style="Heading 2"), label + text, layout.KAI)
            return
        paragraph = self._body_paragraph()
        self._write(paragraph, label + text, layout.KAI)
        self._write(paragraph, body, layout.FANGSONG)

    def paragraph(self, text: str | Sequence[Run]) -> None:
        """A body paragraph with a first-line indent of two characters; 【…】 in plain text is shaded too."""
        self._write(self._body_paragraph(), text, layout.FANGSONG)

    def keep_with_next(self) -> None:
        """The last paragraph written stays on a page with what follows it."""
        self.docx.paragraphs[-1].paragraph_format.keep_with_next = True

    # ------------------------------------------------------- tables and charts

    def table(
        self,
        columns: Sequence[str],
        rows: Sequence[Sequence[str]],
        widths_mm: Sequence[float] | None = None,
        caption: str | None = None,
        align: Sequence[str] | None = None,
    ) -> None:
        """A ruled table of fixed widths (mm, at most 156 together); the header repeats on every page.

        `align`: "left", "center" or "right" per column; without it number columns go right, others left.
        Raises InputError when a row has another length than `columns` or the widths do not fit.
        """
        if caption:
            paragraph = self.docx.add_paragraph()
            layout.set_leading(paragraph, layout.LEADING_PT)
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
            paragraph.paragraph_format.keep_with_next = True
            self._write(paragraph, caption, layout.HEI, tables.CAPTION_PT)
        tables.add_table(self.docx, columns, rows, widths_mm, align, self._write)
        self._spacer()

    def bar_chart(
        self,
        title: str,
        categories: Sequence[str],
        values: Sequence[float | int | None],
        axis_unit: str,
        intervals: Sequence[tuple[float, float] | None] | None = None,
    ) -> None:
        """A native bar chart whose numbers can be edited in Word or WPS; `None` is drawn as no bar.

        `intervals`: (lower, upper) per category, drawn as error bars. Raises InputError on unequal lengths or
        an interval that does not contain its value.
        """
        self._drawings += 1
        spec = chart.BarChart(
            title, tuple(categories), tuple(values), axis_unit, tuple(intervals or ()) or None
        )
        paragraph = self.docx.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.line_spacing = 1.0
        layout.off_grid(paragraph)
        chart.add_chart(self.docx, paragraph, spec, self._drawings)
        self._spacer()

    # ------------------------------------------------------ annexes, signature

    def annex_break(self, label: str, title: str | None = None) -> None:
        """Start an annex on a new page: `label` (附件1) in 黑体 at the top left, then its centred title."""
        self._counts = [0, 0]
        paragraph = self.docx.add_paragraph()
        paragraph.paragraph_format.page_break_before = True
        paragraph.paragraph_format.keep_with_next = True
        self._write(paragraph, label, layout.HEI)
        if title:
            self._write_title(title)
            self._spacer()

    def signature(self, org: str, date_text: str) -> None:
        """署名, 成文日期 without seal (7.3.5.2): two characters free right, the date begins two later."""
        org_width, date_width = display_width(org), display_width(date_text)
        org_right = 2.0
        date_right = org_right + org_width - 2 - date_width
        if date_right < 2:
            # The date is the longer one: it takes the two characters, the office moves left instead.
            date_right = 2.0
            org_right = date_right + date_width + 2 - org_width
        self.docx.add_paragraph().paragraph_format.keep_with_next = True
        for text, right in ((org, org_right), (date_text, date_right)):
            paragraph = self.docx.add_paragraph()
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            layout.set_indent(paragraph, right=max(right, 0.0))
            paragraph.paragraph_format.keep_with_next = text is org
            self._write(paragraph, text, layout.FANGSONG)

    # ------------------------------------------------------------------ output

    def to_bytes(self) -> bytes:
        """The .docx; the same calls give the same bytes."""
        buffer = io.BytesIO()
        self.docx.save(buffer)
        return normalised(buffer.getvalue())

    def save(self, path: str | Path) -> None:
        """Write the .docx atomically; raises InputError when the place cannot be written."""
        write_atomic(Path(path), self.to_bytes())

    # ---------------------------------------------------------------- internals

    def _properties(self, title: str, moment: dt.datetime) -> None:
        core = self.docx.core_properties
        core.author = core.last_modified_by = AUTHOR
        core.title, core.comments, core.language = legal(title), "", "zh-CN"
        core.created = core.modified = moment
        core.revision = 1
        # The template's thumbnail and program properties describe somebody else's machine.
        relations = self.docx.part.package.rels
        for key, relation in list(relations.items()):
            if relation.reltype.endswith(("/thumbnail", "/extended-properties")) or (
                relation.reltype == RELATIONSHIP_TYPE.CUSTOM_PROPERTIES
            ):
                del relations[key]

    def _add_title(self, title: str, subtitle: str | None) -> None:
        self._write_title(title)
        if subtitle:
            paragraph = self.docx.add_paragraph()
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
            self._write(paragraph, subtitle, layout.KAI)
        self.docx.add_paragraph()

    def _write_title(self, title: str) -> None:
        paragraph = self.docx.add_paragraph(style="Title")
        self._write(paragraph, title, layout.TITLE_FACE, layout.TITLE_PT)

    def _body_paragraph(self) -> Paragraph:
        paragraph = self.docx.add_paragraph()
        layout.set_indent(paragraph, first=2)
        return paragraph

    def _spacer(self) -> None:
        paragraph = self.docx.add_paragraph()
        layout.set_leading(paragraph, 10)
        layout.off_grid(paragraph)

    def _write(
        self, paragraph: Paragraph, text: str | Sequence[Run], face: str, size: float = layout.BODY_PT
    ) -> None:
        """Add `text` to the paragraph; plain text is cut at its 【…】 so that they are shaded."""
        for run in split_placeholders(text) if isinstance(text, str) else text:
            content = legal(run.text)
            if run.placeholder and not content.startswith("【"):
                content = f"【{content}】"
            start = self._open_bookmark(paragraph, run.figure_id) if run.figure_id else None
            if run.placeholder:
                self._add_run(paragraph, content, face, size, run.bold, shaded=True)
            else:
                for piece in split_placeholders(content):
                    self._add_run(paragraph, piece.text, face, size, run.bold, shaded=piece.placeholder)
            if start is not None:
                self._close_bookmark(paragraph, start)
                if self._mark_figures:
                    mark = self._add_run(paragraph, f"[{run.figure_id}]", face, size, False, shaded=False)
                    mark.font.superscript = True

    @staticmethod
    def _add_run(
        paragraph: Paragraph, text: str, face: str, size: float, bold: bool, *, shaded: bool
    ) -> DocxRun:
        run = paragraph.add_run(text)
        layout.set_font(run, face, size, bold=bold)
        if shaded:
            layout.shade(run, PLACEHOLDER_FILL)
        return run

    def _open_bookmark(self, paragraph: Paragraph, figure_id: str) -> str:
        """Bookmarks keep a figure findable after the text was edited; names take 40 word characters."""
        stem = "fig_" + re.sub(r"\W", "_", figure_id)[:30]
        self._bookmarks[stem] = self._bookmarks.get(stem, 0) + 1
        times = self._bookmarks[stem]
        element = OxmlElement("w:bookmarkStart")
        number = str(sum(self._bookmarks.values()))
        element.set(qn("w:id"), number)
        element.set(qn("w:name"), stem if times == 1 else f"{stem}__{times}")
        paragraph._element.append(element)
        return number

    @staticmethod
    def _close_bookmark(paragraph: Paragraph, number: str) -> None:
        element = OxmlElement("w:bookmarkEnd")
        element.set(qn("w:id"), number)
        paragraph._element.append(element)


def split_placeholders(text: str) -> list[Run]:
    """Cut plain text into runs at its 【…】."""
    runs: list[Run] = []
    position = 0
    for match in PLACEHOLDER.finditer(text):
        if match.start() > position:
            runs.append(Run(text[position : match.start()]))
        runs.append(Run(match.group(), placeholder=True))
        position = match.end()
    if position < len(text) or not runs:
        runs.append(Run(text[position:]))
    return runs


def chinese_numeral(number: int) -> str:
    """1..99 in Chinese, as headings count: 一, 十, 十一, 二十."""
    tens, units = divmod(number, 10)
    if not 1 <= number <= 99:
        raise ValueError(number)
    return ("" if tens == 0 else "十" if tens == 1 else f"{_NUMERALS[tens]}十") + (
        _NUMERALS[units] if units else ""
    )
