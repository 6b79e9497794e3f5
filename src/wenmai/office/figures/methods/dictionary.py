"""指标词典: what every indicator means, in which unit, lane and scope, and from which others it is computed.

`read` turns the bytes of a CSV into entries, `validate` checks them against each other, `order` puts them so that each
comes after what it is computed from. All three are pure; `load` reads the packaged table and `load_file` a site's own.
Method page: docs/methods/indicators.md.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter
from importlib.resources import files

from wenmai.base.values.errors import InputError
from wenmai.base.values.units import Unit, unit
from wenmai.office.figures.methods.formula import EACH, Formula, Reference, check, parse, with_item

COLUMNS = (
    "code", "tier", "group", "name", "definition", "unit", "kind", "formula", "scope_default", "lanes", "owner", "frequency", "note", "stages",
    "items", "sources",
)  # fmt: skip
REQUIRED = ("code", "tier", "group", "name", "definition", "unit", "kind", "scope_default", "lanes", "owner", "frequency")
LABELS = {
    "code": "编号", "tier": "层级", "group": "组别", "name": "名称", "definition": "定义", "unit": "单位", "kind": "类型", "formula": "公式",
    "scope_default": "默认口径", "lanes": "数据来源类别", "owner": "来源部门", "frequency": "频率", "note": "说明", "stages": "版次", "items": "分项",
    "sources": "出处",
}  # fmt: skip
BUREAU, MONITORING, RECORDS = "统计部门数据", "本办监测口径", "行政记录"
LANES = (BUREAU, MONITORING, RECORDS)
TIERS = ("core60", "extended", "base")
GROUPS = ("规模", "结构", "园区", "项目", "政策", "基金", "金融", "知识产权", "人才", "孵化", "非遗", "消费", "贸易", "治理")
FLOW, STOCK, RATIO, SPLIT = "时期", "时点", "比率", "结构"
KINDS = (FLOW, STOCK, RATIO, SPLIT)
FREQUENCIES = ("月度", "季度", "年度", "普查年度", "届次", "篇次")
STAGES = ("初步核算", "最终核实", "普查修订")
PACKAGED = "指标词典"
_CODE = re.compile(r"[A-Z][A-Z0-9_]{1,29}")
_LONGEST_FORMULA = 200  # also keeps the recursive parser far from its depth limit
_LARGEST_FILE = 5_000_000


@dataclass(frozen=True)
class Entry:
    """One indicator. `row` is its row in the file as a spreadsheet numbers it."""

    code: str
    tier: str
    group: str
    name: str
    definition: str
    unit: str
    kind: str
    formula: str
    scope_default: str
    lanes: tuple[str, ...]
    owner: str
    frequency: tuple[str, ...]
    note: str
    stages: tuple[str, ...]
    items: tuple[str, ...]
    sources: tuple[str, ...]
    row: int
    file: str = PACKAGED

    @property
    def where(self) -> str:
        return f"{self.file}第{self.row}行，{self.code}"

    @property
    def measure(self) -> Unit:
        """The unit, read."""
        return unit(self.unit)

    def formula_for(self, item: str = "") -> Formula | None:
        """The formula for one item of a breakdown (大类=01), or for the total; None when the value is entered or counted.

        Raises InputError for a breakdown that the indicator does not have.
        """
        if not self.formula:
            return None
        if item and item.partition("=")[0] not in self.items:
            raise InputError(f"{self.name}没有分项“{item}”", where=self.where, remedy=f"可用的分项：{'、'.join(self.items) or '无'}")
        return with_item(_parsed(self.formula), item)


@lru_cache(maxsize=1024)
def _parsed(text: str) -> Formula:
    return parse(text)


# --- one file --------------------------------------------------------------------------------------------------


def read(data: bytes, file: str) -> tuple[Entry, ...]:
    """The entries of a CSV, each row checked by itself. InputError names file, row and column."""
    rows = list(_records(_text(data, file), file))
    if not rows:
        raise InputError("指标词典是空的", where=file, remedy="请保留表头，每个指标一行")
    header = [cell.strip() for cell in rows[0]]
    right = f"表头应为：{','.join(COLUMNS)}"
    missing = [c for c in COLUMNS if c not in header]
    if missing:
        raise InputError(f"指标词典缺少列：{'、'.join(missing)}", where=f"{file}第1行", remedy=right)
    strange = [c or "（空）" for c in header if c not in COLUMNS or header.count(c) > 1]
    if strange:
        raise InputError(f"指标词典有多余或重复的列：{'、'.join(dict.fromkeys(strange))}", where=f"{file}第1行", remedy=right)
    entries = []
    for number, cells in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            remedy = "单元格内有逗号时，整格用英文双引号括起"
            raise InputError(f"这一行有{len(cells)}格，表头有{len(header)}列", where=f"{file}第{number}行", remedy=remedy)
        entries.append(_entry(dict(zip(header, (cell.strip() for cell in cells), strict=True)), number, file))
    return tuple(entries)


def _text(data: bytes, file: str) -> str:
    remedy = "请在表格软件中另存为“CSV UTF-8（逗号分隔）”"
    if data[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        raise InputError("这是电子表格文件，不是CSV", where=file, remedy=remedy)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError("文字编码不是UTF-8", where=f"{file}第{data[: error.start].count(10) + 1}行", remedy=remedy) from None
    if "\0" in text:
        raise InputError("文件内有不可见的空字符，不是文本", where=file, remedy=remedy)
    return text


def _records(text: str, file: str) -> Iterable[list[str]]:
    # Not splitlines: it also breaks at U+2028 and its like, which are no row ends. A break inside quotes belongs to its cell.
    lines = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n").split("\n") if text.strip() else []
    reader = csv.reader((line + "\n" for line in lines), strict=True)
    try:
        yield from reader
    except csv.Error:
        raise InputError("双引号没有成对，或单元格过长", where=f"{file}第{reader.line_num}行附近", remedy="请检查该行的英文双引号") from None


def _entry(cells: Mapping[str, str], row: int, file: str) -> Entry:
    where = f"{file}第{row}行"
    for column in REQUIRED:
        if not cells[column]:
            raise InputError(f"没有填“{LABELS[column]}”（{column}）", where=where, remedy="请补填")
    if not _CODE.fullmatch(cells["code"]):
        raise InputError(f"编号“{cells['code']}”不合规则", where=where, remedy="编号以大写英文字母开头，只用大写字母、数字和下划线，2至30位")
    many = {column: _several(cells[column]) for column in ("lanes", "frequency", "stages", "items", "sources")}
    for column, allowed in (("tier", TIERS), ("group", GROUPS), ("kind", KINDS), ("lanes", LANES), ("frequency", FREQUENCIES), ("stages", STAGES)):
        for value in many.get(column, (cells[column],)):
            if value not in allowed:
                raise InputError(f"“{LABELS[column]}”（{column}）不能是“{value}”", where=where, remedy=f"可用：{'、'.join(allowed)}")
    for column in ("lanes", "frequency"):
        if not many[column]:
            raise InputError(f"没有填“{LABELS[column]}”（{column}）", where=where, remedy="请补填")
    entry = Entry(
        code=cells["code"], tier=cells["tier"], group=cells["group"], name=cells["name"], definition=cells["definition"], unit=cells["unit"],
        kind=cells["kind"], formula=cells["formula"], scope_default=cells["scope_default"], lanes=many["lanes"], owner=cells["owner"],
        frequency=many["frequency"], note=cells["note"], stages=many["stages"], items=many["items"], sources=many["sources"], row=row, file=file,
    )  # fmt: skip
    _alone(entry)
    return entry


def _several(cell: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in re.split("[;；]", cell) if part.strip()))


def _alone(entry: Entry) -> None:
    try:
        unit(entry.unit)
        if len(entry.formula) > _LONGEST_FORMULA:
            raise InputError(f"公式超过{_LONGEST_FORMULA}个字符", remedy="请拆成几个指标")
        if entry.formula and not _parsed(entry.formula).references():
            raise InputError("公式没有引用任何指标", where=f"公式“{entry.formula}”", remedy="常数请录入为一个指标，例如中类总数")
    except InputError as error:
        raise _at(entry, error) from None
    if entry.kind == SPLIT and not entry.items:
        raise InputError("类型为“结构”而没有写分项（items）", where=entry.where, remedy="请写按什么分，例如 大类")
    if entry.stages and entry.lanes != (BUREAU,):
        raise InputError("有核算版次的指标只能是统计部门数据", where=entry.where, remedy="增加值及其占比由统计部门核算反馈")
    if entry.stages and entry.kind == FLOW and entry.formula:
        raise InputError("增加值等核算总量只能录入，不能有公式", where=entry.where, remedy="请清空公式，录入上级统计部门反馈数")


def _at(entry: Entry, error: InputError) -> InputError:
    return InputError(error.message, where=f"{entry.where}，{error.where}" if error.where else entry.where, remedy=error.remedy)


# --- the entries together --------------------------------------------------------------------------------------


def units(entries: Iterable[Entry]) -> dict[str, Unit]:
    """Unit by code, as `formula.check` wants it."""
    return {entry.code: entry.measure for entry in entries}


def validate(entries: Sequence[Entry]) -> None:
    """InputError unless the entries fit each other.

    Codes are unique; every formula has the dimension of its unit; what it reads exists in every lane of the indicator,
    in the same scope unless {…} names another, with its breakdown and its accounting stages; nothing goes in a circle.
    """
    known: dict[str, Entry] = {}
    for entry in entries:
        first = known.setdefault(entry.code, entry)
        if first is not entry:
            raise InputError(f"编号{entry.code}重复", where=entry.where, remedy=f"该编号已用于{first.file}第{first.row}行“{first.name}”，请换一个")
    measures = units(entries)
    for entry in entries:
        if not entry.formula:
            continue
        formula = _parsed(entry.formula)
        try:
            check(formula, entry.measure, measures)
        except InputError as error:
            raise _at(entry, error) from None
        for ref in formula.references():
            _reference(entry, ref, known[ref.code], any(r.item == EACH for r in formula.references()))
    order(entries)


def _reference(entry: Entry, ref: Reference, read_from: Entry, stars: bool) -> None:
    """One reference of a formula against the entry it reads."""

    def refuse(what: str, remedy: str) -> InputError:
        return InputError(what, where=f"{entry.where}，公式“{entry.formula}”", remedy=remedy)

    if (ref.scope or entry.scope_default) != read_from.scope_default:
        raise refuse(
            f"{ref.text()}的口径是“{read_from.scope_default}”，公式按“{ref.scope or entry.scope_default}”取数",
            f"确需跨口径计算的，写成 {ref.code}{{{read_from.scope_default}}}",
        )
    absent = [lane for lane in entry.lanes if lane not in read_from.lanes]
    if absent:
        raise refuse(f"{ref.code}没有“{'、'.join(absent)}”的数，不同来源类别不能合算", f"请核对{entry.code}和{ref.code}的数据来源类别（lanes）")
    if read_from.stages and not entry.stages:
        raise refuse(f"{ref.code}分核算版次，而{entry.code}没有写版次", "请在版次（stages）列写明")
    wanted: tuple[str, ...]
    if ref.item and ref.item != EACH:
        wanted = (ref.item.partition("=")[0],)
        if "=" not in ref.item:
            raise refuse(f"分项“{ref.item}”没有写成 维度=取值", "例如 大类=01")
    else:
        wanted = entry.items if ref.item == EACH or not stars else ()
        if ref.item == EACH and not wanted:
            raise refuse("公式用了[*]而没有写分项（items）", "请写按什么分，例如 大类")
    lacking = [name for name in wanted if name not in read_from.items]
    if lacking:
        raise refuse(f"{ref.code}没有按“{'、'.join(lacking)}”分列", f"请核对{entry.code}和{ref.code}的分项（items）")


def order(entries: Iterable[Entry]) -> tuple[str, ...]:
    """All codes, each after those its formula reads. A circle is refused, also one through an earlier period."""
    known = {entry.code: entry for entry in entries}
    graph: TopologicalSorter[str] = TopologicalSorter()
    for entry in known.values():
        reads = _parsed(entry.formula).references() if entry.formula else []
        graph.add(entry.code, *(ref.code for ref in reads))
    try:
        found = tuple(graph.static_order())
    except CycleError as error:
        # graphlib names a circle from what is read to what reads it; people read it the other way.
        circle = list(reversed(error.args[1]))
        where = known[circle[0]].where
        raise InputError(f"公式循环引用：{' → '.join(circle)}", where=where, remedy="其中至少一个指标应改为录入") from None
    unknown = [code for code in found if code not in known]
    if unknown:
        raise InputError(f"公式用到没有定义的指标 {'、'.join(unknown)}", remedy="请先在指标词典中加上它")
    return found


# --- where they come from --------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def load() -> tuple[Entry, ...]:
    """The packaged dictionary, validated, in the order of the table."""
    entries = read(files("wenmai.office.figures").joinpath("data", "indicators.csv").read_bytes(), PACKAGED)
    validate(entries)
    return entries


def load_file(path: str) -> tuple[Entry, ...]:
    """A site's own indicators, validated together with the packaged ones, whose codes they may read but not redefine."""
    name = str(path).replace("\\", "/").rpartition("/")[2]
    try:
        with open(path, "rb") as source:
            data = source.read(_LARGEST_FILE + 1)
    except OSError:
        raise InputError("打不开指标词典文件", where=name, remedy="请核对文件是否存在、能否读取") from None
    if len(data) > _LARGEST_FILE:
        raise InputError(f"指标词典文件超过{_LARGEST_FILE // 1_000_000}MB", where=name, remedy="请核对是否选错文件")
    entries = read(data, name)
    validate((*load(), *entries))
    return entries
