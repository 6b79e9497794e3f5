"""Rules of the checker on printed lines and tables: every number bound, every name, unit and frame the figure's own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from wenmai.office.figures.methods.checker_text import UNIT, printed_number
from wenmai.office.figures.methods.checker_types import (
    CheckedFigure,
    CheckedReport,
    Findings,
    Grid,
    Line,
    Relation,
    Span,
    dimension,
    error,
    warning,
)
from wenmai.office.figures.methods.numerals import Reading, readings

# Words by which a text claims another statistical frame or kind of unit than the figures have.
_FRAMES = re.compile(
    "规模以上|规上|限额以上|统计口径|统计年报|统计名录库?|经济普查|监测口径|监测表|调查口径|税务口径|经营地口径|产业活动单位|法人单位|个体工商户|个体户"
)
# A clause that sets itself apart from another frame may name it.
_APART = re.compile("不可比|不可相加|不同于|不含|不包括")
_GROWTH = re.compile("同比|环比|较上年|比上年|较去年|翻[一两三]番")
_DATE = re.compile(r"\d{4}\s*年(?:\d{1,2}月(?:\d{1,2}日)?)?|\d{4}-\d{2}-\d{2}|\d{1,2}月\d{1,2}日|\d{1,2}月(?:底|初|中旬|份)")
_LABELS = re.compile(r"^\s*(?:附件：)?\s*(?:\d+[.．、]|（\d+）)|第[\d一二三四五六七八九十]+|附件\s*\d+|[（《〔]\d{4}[）》〕]|《[^》]*》|“[^”]{1,12}”")
# A Chinese numeral counts something only before a measure (三百家), else it is a word (一批, 三是, 居前三位).
_MEASURE = re.compile("^(?:万|亿)?(?:家|户|元|人|个百分点|倍|%|条|件|亩|名|平方米)")
# What may stand before an indicator's name without making another indicator of it (规上文化企业 is another one).
_NEUTRAL = re.compile("(?:^|[，。；：、（]|全区|我区|本区|区内|辖区|现有|共有|目前|截至目前|初步识别|识别|其中|另有|拥有|有|的)$")
_LINK = re.compile("^(?:企业|单位|数量|总数|家数)?(?:已|共|共计|合计|达到?|为|约|有|近|超过?|突破|总数|共有|已有)*$")
_TOTAL_ROW = re.compile("合计|总计")
_HEAD_UNIT = re.compile("（([^（）]+)）$")


@dataclass(frozen=True)
class _Text:
    """A line as one text, with where its spans begin."""

    text: str
    spans: list[tuple[int, Span]]


def _text(line: Line) -> _Text:
    spans, at = [], 0
    for span in line:
        spans.append((at, span))
        at += len(span.text)
    return _Text("".join(span.text for span in line), spans)


def check_lines(report: CheckedReport, figures: Mapping[str, CheckedFigure]) -> Findings:
    """Findings of all lines and tables."""
    before, behind = _vocabulary(figures, "names"), _vocabulary(figures, "trailing")
    for line in report.lines:
        known = _text(line)
        yield from _bound(known.spans, known.text, figures)
        yield from _names(known, figures, before, behind)
        yield from _unbound(known, figures, report.banned)
        yield from _listed(known, figures, report.relations)
    for grid in report.grids:
        yield from _grid(grid, figures, before)
        yield from _complete(grid, figures, report.relations)


def _vocabulary(figures: Mapping[str, CheckedFigure], which: str) -> re.Pattern[str] | None:
    words = {word for figure in figures.values() for word in getattr(figure, which)}
    return re.compile("|".join(re.escape(w) for w in sorted(words, key=lambda w: (-len(w), w)))) if words else None


# ------------------------------------------------------------------------ lines


def _bound(spans: Sequence[tuple[int, Span]], text: str, figures: Mapping[str, CheckedFigure], unit: str | None = None) -> Findings:
    """Printed numbers against their figures, printed qualifiers against what they repeat."""
    for at, span in spans:
        if span.quoted and span.text != (span.expected or ""):
            yield error("quoted_text", (), f"写作“{span.text}”，所据为“{span.expected}”")
        if span.figure_id is None:
            continue
        figure = figures.get(span.figure_id)
        if figure is None:
            yield error("unknown_figure", (span.figure_id,), f"引用的数字不在本报告中：“{span.text}”")
            continue
        after = text[at + len(span.text) :]
        found = list(printed_number(text[:at], span.text, after, figure, span.part, unit))
        numbers = list(readings(span.text))
        silent = unit is None and not found and figure.value is not None and not (numbers and numbers[-1].unit)
        tail = span.text[numbers[-1].end :] + after if numbers else after
        if silent and not (span.part == "low" or tail.lstrip("余多").startswith(figure.unit) or _converted(tail, figure)):
            yield error("unit_missing", (figure.id,), f"“{span.text}”后没有单位“{figure.unit}”")
        yield from found


def _converted(tail: str, figure: CheckedFigure) -> bool:
    match = UNIT.match(tail)
    return bool(match and match.group() and dimension(match.group())[1] == dimension(figure.unit)[1])


def _names(known: _Text, figures: Mapping[str, CheckedFigure], before: re.Pattern[str] | None, behind: re.Pattern[str] | None) -> Findings:
    """The name nearest to a number, in its own clause, has to be the figure's."""
    text, start = known.text, 0
    for at, span in known.spans:
        figure = figures.get(span.figure_id or "")
        if figure is None:
            continue
        end = at + len(span.text)
        if before is not None and figure.names:
            clause = re.split("[。；]", text[start:at])[-1]
            found = [m.group() for m in before.finditer(clause)]
            if found and found[-1] not in figure.names:
                yield error("label", (figure.id,), f"“{found[-1]}”后写了“{span.text}”，该数是{figure.names[0]}")
        if behind is not None and figure.trailing:
            clause = re.split("[，。；、）]|\\d", text[end:])[0]
            said = behind.search(clause)
            if said and said.group() not in figure.trailing:
                yield error("label", (figure.id,), f"“{span.text}”后写作“{said.group()}”，该数是{figure.trailing[0]}")
        start = end


def _unbound(known: _Text, figures: Mapping[str, CheckedFigure], banned: Mapping[str, str]) -> Findings:
    """Numbers bound to nothing; words of another frame; words the coverage gate forbids."""
    shown = "\n".join(f"{f.lane} {f.scope} {f.unit_type}" for f in figures.values())
    for at, span in known.spans:
        if span.figure_id is not None or span.quoted:
            continue
        report = warning if span.authored else error
        for number in _counting(span.text):
            said = _around(span.text, number)
            conflict = _conflict(span.text, number, figures) if span.authored else None
            if conflict is not None:
                text = f"作者写“{said}”，报告所挂数字为{conflict.value}{conflict.unit}（{conflict.names[0]}）"
                yield error("conflicting_number", (conflict.id,), text)
            yield report("unbound_number", (), f"【未挂数字】“{said}”没有挂接数字")
        for word, reason in banned.items():
            if word in span.text:
                yield report("banned_word", (), f"不得写“{word}”：{reason}")
        if span.authored:
            continue
        if _GROWTH.search(span.text):
            yield error("unbound_growth", (), f"写有变化而没有挂接增速：“{span.text[:20]}”")
        yield from _frames(known, at, span, figures, shown)


def _frames(known: _Text, at: int, span: Span, figures: Mapping[str, CheckedFigure], shown: str) -> Findings:
    cited = {name for _, s in known.spans if s.figure_id if s.figure_id in figures for name in figures[s.figure_id].names}
    for match in _FRAMES.finditer(span.text):
        word, place = match.group(), at + match.start()
        clause_start = max(known.text.rfind(mark, 0, place) for mark in "，。；（") + 1
        rest = re.split("[。；，]", known.text[place + len(word) :])[0]
        clause = known.text[clause_start : place + len(word)] + rest
        own = any(word in name and name in known.text[max(0, place - 10) : place + 20] for name in cited)
        if word not in shown and not own and not _APART.search(clause):
            yield error("foreign_frame", (), f"写有“{word}”，所引数字不是这一口径")


def _counting(text: str) -> Iterator[Reading]:
    """Numbers of a text that state a quantity: not dates, editions, list numbers or words with a numeral in them."""
    taken = [match.span() for pattern in (_DATE, _LABELS) for match in pattern.finditer(text)]
    for number in readings(text):
        if any(a <= number.start < b for a, b in taken):
            continue
        if number.arabic or number.unit or _MEASURE.match(text[number.end :]):
            yield number


def _around(text: str, number: Reading) -> str:
    start = max((text.rfind(mark, 0, number.start) for mark in "，。；、：（"), default=-1) + 1
    match = UNIT.match(text[number.end :])
    return text[max(start, number.start - 14) : number.end + (len(match.group()) if match else 0)]


def _conflict(text: str, number: Reading, figures: Mapping[str, CheckedFigure]) -> CheckedFigure | None:
    """The figure of the same name whose value an author's number contradicts."""
    match = UNIT.match(text[number.end :])
    unit = number.unit or (match.group() if match else "")
    start = max((text.rfind(mark, 0, number.start) for mark in "，。；：、（"), default=-1) + 1
    clause = text[start : number.start]
    for figure in figures.values():
        if figure.kind != "count" or figure.value is None or dimension(unit)[1] != dimension(figure.unit)[1]:
            continue
        for name in figure.names:
            place = clause.rfind(name)
            if place < 0 or not _LINK.match(clause[place + len(name) :]) or not _NEUTRAL.search(clause[:place] or ""):
                continue
            said = text[number.start : number.end] + text[number.end :]
            if list(printed_number(clause, said[: number.end - number.start], said[number.end - number.start :], figure)):
                return figure
            return None
    return None


def _listed(known: _Text, figures: Mapping[str, CheckedFigure], relations: Sequence[Relation]) -> Findings:
    """A sentence that breaks a total into parts gives all that are not zero."""
    starts = [0, *(m.end() for m in re.finditer("。", known.text)), len(known.text) + 1]
    for begin, end in pairwise(starts):
        cited: set[str] = {s.figure_id for at, s in known.spans if s.figure_id and begin <= at < end}
        wholes = {*cited, *(figures[c].denominator_id for c in cited if c in figures)}
        for relation in relations:
            given = [p for p in relation.part_ids if p in cited]
            if not relation.listed or not given:
                continue
            if relation.total_id in wholes:
                yield from _missing(relation, cited, figures)
            elif len(given) > 1:
                yield error("total_missing", (relation.total_id, *given), f"列了“{relation.name}”的各部分，没有写合计数")


def _missing(relation: Relation, cited: set[str], figures: Mapping[str, CheckedFigure]) -> Findings:
    missing = tuple(p for p in relation.part_ids if p in figures and figures[p].value and p not in cited)
    if missing:
        names = "、".join((figures[p].names or (p,))[0] for p in missing[:5])
        yield error("part_missing", (relation.total_id, *missing), f"“{relation.name}”只列了一部分，缺{names}")


# ----------------------------------------------------------------------- tables


def _grid(grid: Grid, figures: Mapping[str, CheckedFigure], before: re.Pattern[str] | None) -> Findings:
    units = [(m.group(1) if (m := _HEAD_UNIT.search(name)) else None) for name in grid.columns]
    for row in grid.rows:
        label = "".join(s.text for s in row[1 if grid.columns[0] == "序号" and len(row) > 1 else 0])
        printed = {s.figure_id for cell in row for s in cell if s.figure_id}
        strays = tuple(s.about for cell in row for s in cell if s.about and printed and s.about not in printed)
        if strays:
            yield error("row_mixed", strays, f"“{grid.title}”的“{label}”一行混有另一个数字的说明")
        for column, cell in enumerate(row):
            known = _text(cell)
            for at, span in known.spans:
                yield from _bound([(at, span)], known.text, figures, units[column])
                figure = figures.get(span.figure_id or "")
                if figure is not None and figure.names and column and not _TOTAL_ROW.search(label):
                    said = before.search(label) if before else None
                    if said and said.group() == label and label not in figure.names:
                        yield error("label", (figure.id,), f"“{grid.title}”的“{label}”一行写了{figure.names[0]}的数")
    yield from _numbering(grid)
    yield from _column_sums(grid)


def _complete(grid: Grid, figures: Mapping[str, CheckedFigure], relations: Sequence[Relation]) -> Findings:
    """A table that lists parts of a total lists all of them, by name or in a sum such as 其余."""
    cited = {s.figure_id for row in grid.rows for cell in row for s in cell if s.figure_id}
    for relation in relations:
        summed = {p for r in relations if r.total_id in cited and r is not relation and r.total_id != relation.total_id for p in r.part_ids}
        given = [p for p in relation.part_ids if p in cited]
        if relation.exhaustive and relation.disjoint and not relation.bridge and len(given) > 2:
            yield from _missing(relation, cited | summed, figures)


def _numbering(grid: Grid) -> Findings:
    """序号 runs 1, 2, 3 …; no row stands twice."""
    rows = ["\t".join("".join(s.text for s in cell) for cell in row) for row in grid.rows]
    for row in sorted({r for r in rows if rows.count(r) > 1}):
        yield error("row_repeated", (), f"“{grid.title}”中“{row.split(chr(9))[0]}”一行重复")
    if grid.columns[0] == "序号":
        numbers = ["".join(s.text for s in row[0]) for row in grid.rows]
        if numbers != [str(n) for n in range(1, len(numbers) + 1)]:
            yield error("row_missing", (), f"“{grid.title}”的序号不连续，有行缺失或重复")


def _column_sums(grid: Grid) -> Findings:
    """The rows above 合计 add to it, as printed; rounded shares within half a last digit a row."""
    total = next((i for i, row in enumerate(grid.rows) if _TOTAL_ROW.search("".join(s.text for s in row[0]))), None)
    if not total:
        return
    for column in range(1, len(grid.columns)):
        cells = ["".join(s.text for s in row[column]) for row in grid.rows[: total + 1]]
        numbers = [list(readings(cell)) for cell in cells]
        if any(len(n) != 1 for n in numbers):
            continue
        values, step = [n[0].value for n in numbers], min(n[0].step for n in numbers)
        room = Fraction(0) if step == 1 else step / 2 * len(values)
        if abs(sum(values[:-1], Fraction(0)) - values[-1]) > room:
            text = f"“{grid.title}”的“{grid.columns[column]}”一列，各行之和{float(sum(values[:-1])):g}与合计{cells[-1]}不符"
            yield error("column_total", (), text)
