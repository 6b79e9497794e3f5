"""Native bar charts in a .docx: a DrawingML chart part with its workbook, editable in Word and WPS.

Source of the element order: ISO/IEC 29500-1, 21.2 (DrawingML charts); the order matters to Word.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from docx.document import Document
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.text.paragraph import Paragraph

from wenmai.base.documents import layout
from wenmai.base.documents.text import display_width, legal
from wenmai.base.documents.workbook import SheetSpec, workbook_bytes
from wenmai.base.values.errors import InputError

_EMU_PER_MM = 36000
_WIDTH_MM = 150.0
_BAR = "4472A8"
# Bars that carry an interval are pale: the label inside them must stay legible where a short bar ends.
_PALE_BAR = "B9CDE5"
_INK = "404040"
_CHART_TYPE = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
_XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_NS_C = "http://schemas.openxmlformats.org/drawingml/2006/chart"
_NS_A = "http://schemas.openxmlformats.org/drawingml/2006/main"
_NS_WP = "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
_NS_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_CATEGORY_HEADER, _LOWER_HEADER, _UPPER_HEADER = "类别", "下限", "上限"


@dataclass(frozen=True)
class BarChart:
    """One series of bars: per category a number or None (unknown), and (lower, upper) or None."""

    title: str
    categories: tuple[str, ...]
    values: tuple[float | int | None, ...]
    axis_unit: str
    intervals: tuple[tuple[float, float] | None, ...] | None = None

    def __post_init__(self) -> None:
        count = len(self.categories)
        if not count or len(self.values) != count or (self.intervals and len(self.intervals) != count):
            raise InputError("图的类别、数值、区间个数不一致或为空", where=self.title, remedy="请逐类给出")
        for name, value, interval in zip(self.categories, self.values, self.spans, strict=True):
            numbers = [number for number in (value, *(interval or ())) if number is not None]
            if not all(math.isfinite(number) for number in numbers):
                raise InputError(f"图中“{name}”的数不是有限数", where=self.title, remedy="缺数请留空")
            if interval and value is not None and not interval[0] <= value <= interval[1]:
                raise InputError(f"图中“{name}”的区间不含其数值", where=self.title, remedy="请核对区间")

    @property
    def spans(self) -> tuple[tuple[float, float] | None, ...]:
        """The intervals, one (or None) per category."""
        return self.intervals or (None,) * len(self.categories)

    @property
    def horizontal(self) -> bool:
        """Long or many names are read more easily beside horizontal bars."""
        return len(self.categories) > 8 or max(map(display_width, self.categories)) > 5

    @property
    def height_mm(self) -> float:
        """Height that gives each horizontal bar 8 mm; columns get a fixed one."""
        return min(30 + 8.0 * len(self.categories), 200) if self.horizontal else 80.0

    @property
    def description(self) -> str:
        """The numbers in words, as the picture's alternative text."""
        pairs = (
            f"{name} {'缺' if value is None else _plain(value)}"
            for name, value in zip(self.categories, self.values, strict=True)
        )
        return legal(f"条形图：{self.title}（{self.axis_unit}）。" + "，".join(pairs))


def add_chart(document: Document, paragraph: Paragraph, spec: BarChart, number: int) -> None:
    """Put chart `number` (1, 2, ... unique in the document) into `paragraph`."""
    package = document.part.package
    workbook = Part(
        PackURI(f"/word/embeddings/Microsoft_Excel_Sheet{number}.xlsx"), _XLSX_TYPE, _workbook(spec), package
    )
    part = Part(PackURI(f"/word/charts/chart{number}.xml"), _CHART_TYPE, None, package)
    workbook_id = part.relate_to(workbook, f"{_RELATIONS}/package")
    part._blob = chart_xml(spec, workbook_id).encode("utf-8")
    chart_id = document.part.relate_to(part, f"{_RELATIONS}/chart")
    paragraph.add_run()._element.append(parse_xml(_inline(spec, chart_id, number)))


def chart_xml(spec: BarChart, workbook_id: str) -> str:
    """The chart part; its references point into the workbook that `_workbook` writes."""
    count = len(spec.categories)
    categories = "".join(
        f'<c:pt idx="{i}"><c:v>{escape(legal(name))}</c:v></c:pt>' for i, name in enumerate(spec.categories)
    )
    category_axis, value_axis = ("l", "b") if spec.horizontal else ("b", "l")
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        f'<c:chartSpace xmlns:c="{_NS_C}" xmlns:a="{_NS_A}" xmlns:r="{_RELATIONS}">'
        '<c:date1904 val="0"/><c:lang val="zh-CN"/><c:roundedCorners val="0"/><c:chart>'
        f'<c:title>{_rich(spec.title, 1200, bold=True)}<c:overlay val="0"/></c:title>'
        '<c:autoTitleDeleted val="0"/><c:plotArea><c:layout/><c:barChart>'
        f'<c:barDir val="{"bar" if spec.horizontal else "col"}"/><c:grouping val="clustered"/>'
        '<c:varyColors val="0"/><c:ser><c:idx val="0"/><c:order val="0"/>'
        f'<c:tx><c:strRef><c:f>Sheet1!$B$1</c:f><c:strCache><c:ptCount val="1"/><c:pt idx="0"><c:v>'
        f"{escape(legal(spec.axis_unit))}</c:v></c:pt></c:strCache></c:strRef></c:tx>"
        f'<c:spPr><a:solidFill><a:srgbClr val="{_PALE_BAR if spec.intervals else _BAR}"/></a:solidFill>'
        '</c:spPr><c:invertIfNegative val="0"/>'
        f"{_labels(spec)}{_error_bars(spec)}"
        f'<c:cat><c:strRef><c:f>Sheet1!$A$2:$A${count + 1}</c:f><c:strCache><c:ptCount val="{count}"/>'
        f"{categories}</c:strCache></c:strRef></c:cat>"
        f"<c:val>{_numbers('B', spec.values, spec)}</c:val></c:ser>"
        f'<c:gapWidth val="{60 if spec.horizontal else 80}"/><c:axId val="111111111"/>'
        '<c:axId val="222222222"/></c:barChart>'
        '<c:catAx><c:axId val="111111111"/><c:scaling><c:orientation val='
        f'"{"maxMin" if spec.horizontal else "minMax"}"/></c:scaling><c:delete val="0"/>'
        f'<c:axPos val="{category_axis}"/><c:numFmt formatCode="General" sourceLinked="0"/>'
        '<c:majorTickMark val="none"/><c:minorTickMark val="none"/><c:tickLblPos val="low"/>'
        f'{_line("808080")}{_text(1050)}<c:crossAx val="222222222"/><c:crosses val="autoZero"/>'
        '<c:auto val="1"/><c:lblAlgn val="ctr"/><c:lblOffset val="100"/><c:noMultiLvlLbl val="0"/></c:catAx>'
        '<c:valAx><c:axId val="222222222"/><c:scaling><c:orientation val="minMax"/>'
        f'{_minimum(spec)}</c:scaling><c:delete val="0"/><c:axPos val="{value_axis}"/>'
        f"<c:majorGridlines>{_line('D9D9D9')}</c:majorGridlines>"
        f'<c:title>{_rich("单位：" + spec.axis_unit, 1000)}<c:overlay val="0"/></c:title>'
        f'<c:numFmt formatCode="{_axis_format(spec)}" sourceLinked="0"/><c:majorTickMark val="none"/>'
        '<c:minorTickMark val="none"/><c:tickLblPos val="nextTo"/>'
        f'<c:spPr><a:ln><a:noFill/></a:ln></c:spPr>{_text(1000)}<c:crossAx val="111111111"/>'
        # With the categories reversed the value axis would move to the top; "max" keeps it at the bottom.
        f'<c:crosses val="{"max" if spec.horizontal else "autoZero"}"/>'
        '<c:crossBetween val="between"/></c:valAx><c:spPr><a:noFill/></c:spPr></c:plotArea>'
        '<c:plotVisOnly val="1"/>'
        '<c:dispBlanksAs val="gap"/></c:chart>'
        '<c:spPr><a:solidFill><a:srgbClr val="FFFFFF"/></a:solidFill><a:ln><a:noFill/></a:ln></c:spPr>'
        f'{_text(1050)}<c:externalData r:id="{workbook_id}"><c:autoUpdate val="0"/></c:externalData>'
        "</c:chartSpace>"
    )


def _workbook(spec: BarChart) -> bytes:
    columns = [_CATEGORY_HEADER, spec.axis_unit]
    rows: list[list[object]] = [list(pair) for pair in zip(spec.categories, spec.values, strict=True)]
    if spec.intervals:
        columns += [_LOWER_HEADER, _UPPER_HEADER]
        for row, interval in zip(rows, spec.intervals, strict=True):
            row += list(interval) if interval else [None, None]
    return workbook_bytes([SheetSpec("Sheet1", None, columns, rows)])


def _labels(spec: BarChart) -> str:
    # At the bar's end a label would lie on the error bar, so with intervals it stands inside the base.
    place = "inBase" if spec.intervals else "outEnd"
    return (
        f'<c:dLbls><c:numFmt formatCode="{_format(spec)}" sourceLinked="0"/><c:spPr><a:noFill/></c:spPr>'
        f'{_text(1000)}<c:dLblPos val="{place}"/><c:showLegendKey val="0"/><c:showVal val="1"/>'
        '<c:showCatName val="0"/><c:showSerName val="0"/><c:showPercent val="0"/><c:showBubbleSize val="0"/>'
        "</c:dLbls>"
    )


def _error_bars(spec: BarChart) -> str:
    if not spec.intervals:
        return ""
    up: list[float] = []
    down: list[float] = []
    for value, interval in zip(spec.values, spec.intervals, strict=True):
        known = interval is not None and value is not None
        up.append(interval[1] - value if known and interval and value is not None else 0)
        down.append(value - interval[0] if known and interval and value is not None else 0)
    return (
        '<c:errBars><c:errBarType val="both"/><c:errValType val="cust"/><c:noEndCap val="0"/>'
        f"<c:plus>{_literal(up)}</c:plus><c:minus>{_literal(down)}</c:minus>"
        f'<c:spPr><a:ln w="12700"><a:solidFill><a:srgbClr val="{_INK}"/></a:solidFill></a:ln></c:spPr>'
        "</c:errBars>"
    )


def _literal(numbers: list[float]) -> str:
    points = "".join(f'<c:pt idx="{i}"><c:v>{_plain(n)}</c:v></c:pt>' for i, n in enumerate(numbers))
    return (
        f'<c:numLit><c:formatCode>General</c:formatCode><c:ptCount val="{len(numbers)}"/>{points}</c:numLit>'
    )


def _numbers(column: str, values: tuple[float | int | None, ...], spec: BarChart) -> str:
    points = "".join(
        f'<c:pt idx="{i}"><c:v>{_plain(value)}</c:v></c:pt>'
        for i, value in enumerate(values)
        if value is not None
    )
    return (
        f"<c:numRef><c:f>Sheet1!${column}$2:${column}${len(values) + 1}</c:f><c:numCache><c:formatCode>"
        f'{_format(spec)}</c:formatCode><c:ptCount val="{len(values)}"/>{points}</c:numCache></c:numRef>'
    )


def _minimum(spec: BarChart) -> str:
    """Bars of amounts start at zero; an automatic axis that does not would exaggerate the differences."""
    negative = any(value is not None and value < 0 for value in spec.values) or any(
        span is not None and span[0] < 0 for span in spec.spans
    )
    return "" if negative else '<c:min val="0"/>'


def _format(spec: BarChart) -> str:
    whole = all(value is None or float(value).is_integer() for value in spec.values)
    if whole:
        return "#,##0"
    places = max(len(_plain(value).partition(".")[2]) for value in spec.values if value is not None)
    return "#,##0." + "0" * min(places, 2)


def _axis_format(spec: BarChart) -> str:
    """Ticks as short as they can be; thousands are separated once the bars reach them."""
    largest = max((abs(value) for value in spec.values if value is not None), default=0)
    return "#,##0" if largest >= 1000 else "General"


def _plain(number: float) -> str:
    return str(int(number)) if float(number).is_integer() else format(round(number, 10), ".10f").rstrip("0")


def _line(colour: str) -> str:
    return f'<c:spPr><a:ln w="6350"><a:solidFill><a:srgbClr val="{colour}"/></a:solidFill></a:ln></c:spPr>'


def _face(size: int, bold: bool) -> str:
    return (
        f'sz="{size}" b="{int(bold)}"><a:solidFill><a:srgbClr val="{_INK}"/></a:solidFill>'
        f'<a:latin typeface="{layout.LATIN}"/><a:ea typeface="{layout.HEI if bold else layout.FANGSONG}"/>'
    )


def _text(size: int) -> str:
    return (
        f"<c:txPr><a:bodyPr/><a:lstStyle/><a:p><a:pPr><a:defRPr {_face(size, False)}</a:defRPr></a:pPr>"
        '<a:endParaRPr lang="zh-CN"/></a:p></c:txPr>'
    )


def _rich(text: str, size: int, *, bold: bool = False) -> str:
    return (
        f"<c:tx><c:rich><a:bodyPr/><a:lstStyle/><a:p><a:pPr><a:defRPr {_face(size, bold)}</a:defRPr>"
        f'</a:pPr><a:r><a:rPr lang="zh-CN" {_face(size, bold)}</a:rPr><a:t>{escape(legal(text))}</a:t></a:r>'
        "</a:p></c:rich></c:tx>"
    )


def _inline(spec: BarChart, chart_id: str, number: int) -> str:
    width, height = round(_WIDTH_MM * _EMU_PER_MM), round(spec.height_mm * _EMU_PER_MM)
    return (
        f'<w:drawing xmlns:w="{_NS_W}" xmlns:wp="{_NS_WP}" xmlns:a="{_NS_A}" xmlns:r="{_RELATIONS}">'
        f'<wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{width}" cy="{height}"/>'
        f'<wp:docPr id="{number}" name="图{number}" descr={quoteattr(spec.description)}/>'
        f'<wp:cNvGraphicFramePr/><a:graphic><a:graphicData uri="{_NS_C}">'
        f'<c:chart xmlns:c="{_NS_C}" r:id="{chart_id}"/></a:graphicData></a:graphic></wp:inline></w:drawing>'
    )
