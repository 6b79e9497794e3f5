"""Reading a file of facts: its tables, which columns say what, and every value in it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wenmai.base.readers import Aliases, Limits, read_sheets
from wenmai.base.readers.model import HEAD_ROW, NOTE_ROW, Sheet
from wenmai.base.values import InputError, NotFound
from wenmai.base.values.period import period
from wenmai.office.figures import entering
from wenmai.office.figures.methods.layout import CELL, FIELDS, Reading, Value, field_of, read_roles, remembered, suggest, values
from wenmai.office.figures.models import Intake
from wenmai.office.files import store

MAX_COLUMNS = 120
MAX_VALUES = 50_000
LIMITS = Limits(max_bytes=50_000_000, max_unpacked_bytes=400_000_000, max_rows=100_000, max_columns=MAX_COLUMNS, max_cells=2_000_000)
LONG_HEADS = ("指标代码", "对象类别", "对象标识", "对象名称", "时期", "数值", "单位", "来源类", "口径", "分项", "版次", "状态", "公开属性")


class _Titles(Aliases):
    """What can be a title in a table of facts, so that the head is found under title lines: field names, periods, indicators."""

    def __init__(self, names: dict[str, str]) -> None:
        super().__init__()
        self._names = names

    def __len__(self) -> int:
        return len(FIELDS) + len(self._names)  # an empty table of aliases would be passed over for the register's

    def known(self, clean: str) -> bool:
        if not clean:
            return False
        if field_of(clean) or clean in self._names:
            return True
        if clean.isdigit():
            return False  # 2024 in a first row may as well be a value
        try:
            period(clean)
        except InputError:
            return False
        return True


@dataclass(frozen=True)
class Grid:
    """One table of a file: titles, the unit in each head, rows as (row a person sees, cells), the table's own unit."""

    sheet: str
    titles: tuple[str, ...]
    units: tuple[str | None, ...]
    rows: list[tuple[int, tuple[str | None, ...]]]
    unit: str = ""
    skipped: int = 0

    @property
    def heads(self) -> list[tuple[str, str | None]]:
        return list(zip(self.titles, self.units, strict=True))

    def examples(self, at: int) -> str:
        """The first values of a column."""
        found = [row[at] for _, row in self.rows[:200] if at < len(row) and row[at]]
        return "、".join(str(v) for v in found[:3])[:60]


@dataclass
class Plan:
    """A file with how it is to be read. `from_memory`: the provider's last file was read the same way."""

    name: str
    grids: list[Grid]
    at: int
    reading: Reading
    from_memory: bool = False
    names: dict[str, str] = field(default_factory=dict)

    @property
    def grid(self) -> Grid:
        return self.grids[self.at]

    def values(self) -> list[Value]:
        """Every value of the table; InputError when there is no column of values or too many."""
        cells = sum(1 for r in self.reading.roles if r.role == CELL)
        if not cells:
            raise InputError("没有一列对应为数值", where=self.name, remedy="请在列对应中把数值所在的列选为“数值”")
        if cells * len(self.grid.rows) > MAX_VALUES:
            raise InputError(f"一次最多导入 {MAX_VALUES:,} 个数值", where=self.name, remedy="请按年份或单位拆成几个文件")
        return list(values(self.grid.rows, self.grid.titles, self.reading, self.names, entering.item_names()))


def grids_of(path: Path, name: str) -> list[Grid]:
    """The tables of a file. InputError: one Chinese line for whatever cannot be read as a table."""
    names = entering.indicator_names()
    with tempfile.TemporaryDirectory() as folder:
        # The guard looks at the ending and names the file in its message; what is kept by content has neither.
        copy = Path(folder) / (Path(name.replace("\\", "/")).name or "文件")
        shutil.copyfile(path, copy)
        sheets = read_sheets(copy, LIMITS, _Titles(names))
    return [_grid(sheet) for sheet in sheets]


def _grid(sheet: Sheet) -> Grid:
    passed = set(sheet.notes.filter(sheet.notes["kind"].is_in([NOTE_ROW, HEAD_ROW]))["row"].to_list())
    rows = [(int(row[0]), tuple(row[1:-1])) for row in sheet.frame.iter_rows() if row[0] not in passed]
    return Grid(
        sheet.sheet, tuple(c.title for c in sheet.columns), tuple(c.unit for c in sheet.columns), rows, sheet.unit or "", len(passed)
    )


def last_reading(provider: str) -> Intake | None:
    """How the provider's last file was read."""
    query = Intake.objects.filter(source__provider=provider.strip()).order_by("-pk").defer("rows")
    return query.first() if provider.strip() else None


def plan(path: Path, name: str, provider: str = "", at: int | None = None, defaults: dict[str, str] | None = None, dimension: str = "") -> Plan:
    """Read a file and suggest what its columns mean: as in the provider's last file where the titles are the same, else by
    the titles themselves. The first table with a column of values is taken unless `at` names one."""
    grids = grids_of(path, name)
    names = entering.indicator_names()
    guessed = [suggest(g.heads, names) for g in grids]
    if at is None or not 0 <= at < len(grids):
        at = next((i for i, roles in enumerate(guessed) if any(r.role == CELL for r in roles)), 0)
    grid, roles, kept = grids[at], guessed[at], False
    known = {k: v for k, v in (defaults or {}).items() if k in FIELDS and v}
    old = last_reading(provider)
    if old is not None:
        reading = read_roles(old.reading)
        if again := remembered(grid.titles, old.heads, reading):
            roles, kept = again, True
            known = {**reading.defaults, **known}
            dimension = dimension or reading.dimension
    if grid.unit and "unit" not in known:
        known["unit"] = grid.unit
    if not dimension and any(r.role == "item" for r in roles):
        dimension = "大类"
    return Plan(name, grids, at, Reading(roles, known, dimension), kept, names)


def planned(digest: str, name: str, at: int, reading: Reading) -> Plan:
    """The plan of a kept file with the reading that a person settled on."""
    path = store.path_of(digest)
    if not path.is_file():
        raise NotFound("上传的文件不在本机", remedy="请重新选择文件")
    grids = grids_of(path, name)
    if not 0 <= at < len(grids):
        raise InputError("没有这张工作表", where=name)
    width = len(grids[at].titles)
    if len(reading.roles) != width:
        raise InputError("列对应与文件的列数不符", where=name, remedy="请重新上传文件")
    return Plan(name, grids, at, reading, names=entering.indicator_names())


def template(layout: str) -> tuple[str, Sequence[str], list[list[Any]], str]:
    """(file name, heads, example rows, note) of a template to fill in."""
    if layout == "wide":
        heads = ("分项", "2023年（亿元）", "2024年（亿元）")
        rows: list[list[Any]] = [["合计", None, None], *[[f"{code} {name}", None, None] for name, code in entering.item_names()["大类"].items()]]
        note = "一列一个时期或一个指标，单位写在表头括号内；指标、来源类、口径在导入页上选；空格子不算填报，查不到的填“查无”"
        return "数据模板（宽表）.xlsx", heads, rows, note
    example = ["SC06", "区域", "本区", "", "2024年", None, "亿元", "统计部门数据", "规上", "", "", "", "内部"]
    note = "一行一个数值；没有数值的在“状态”写 查无、拒报 或 不适用；时点数写 2024年末；分项写成 大类=01"
    return "数据模板（长表）.xlsx", LONG_HEADS, [example], note
