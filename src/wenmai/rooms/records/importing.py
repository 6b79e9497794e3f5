"""Ledgers from files: a park's tenant list, projects, heritage, demands, parks. Every row has one outcome; the same file again
changes nothing; an empty cell says nothing and erases nothing."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.db import transaction

from wenmai.base.readers import Aliases, Limits, read_sheets
from wenmai.base.readers.model import HEAD_ROW, NOTE_ROW, TOTAL_ROW, Sheet
from wenmai.base.values import InputError, Refused, WenmaiError
from wenmai.office.events import services as events
from wenmai.office.files import store
from wenmai.rooms.records import importing_rows, scope, services, texts
from wenmai.rooms.records.exporters import kind_named
from wenmai.rooms.records.forms import ENTERPRISE, RecordForm
from wenmai.rooms.records.kinds import Kind
from wenmai.rooms.records.models import Intake, Investment, Lease, Park, Project

LIMITS = Limits(max_bytes=20_000_000, max_unpacked_bytes=200_000_000, max_rows=20_000, max_columns=120, max_cells=600_000)
MAX_ROWS = 5000
CREATED, REVISED, UNCHANGED, REJECTED, PASSED = "新增", "更正", "未变", "退回", "非数据行"
OUTCOMES = (CREATED, REVISED, UNCHANGED, REJECTED, PASSED)
# The ledgers that files are taken into, and other titles under which their fields come.
IMPORTED = ("parks", "leases", "projects", "heritage", "demands")
ALIASES: dict[str, dict[str, tuple[str, ...]]] = {
    "parks": {"name": ("名称", "园区"), "code": ("代码", "编码"), "area": ("总建筑面积", "建筑面积"), "lettable": ("可租面积", "可出租面积"),
              "operator": ("运营方", "运营主体", "运营单位"), "street": ("街道", "所在街道", "所属街道"), "opened": ("开园时间",)},
    "leases": {"name": ("企业", "承租企业", "单位名称", "企业全称", "入驻企业"), "since": ("起租日期", "合同开始", "租赁起始日"),
               "until": ("到期日期", "合同到期", "租赁到期日"), "ended": ("退租日期", "提前退租日"), "rent_fen": ("租金", "租金单价")},
    "projects": {"name": ("名称", "项目"), "code": ("代码", "编号", "项目编号"), "lead": ("牵头部门", "责任单位"), "total_fen": ("总投资",),
                 "began": ("开工时间",), "finish": ("计划竣工", "计划建成日期"), "trouble": ("问题", "卡点")},
    "heritage": {"name": ("名称", "项目"), "level": ("级别", "项目级别"), "category": ("类别", "项目类别"), "protector": ("保护单位名称",)},
    "demands": {"name": ("企业", "单位名称", "企业全称"), "text": ("诉求内容", "问题", "反映问题"), "kind": ("诉求类别",),
                "raised": ("走访日期", "日期"),
                "department": ("责任单位", "承办单位"), "leader": ("领导",), "due": ("期限", "完成时限")},
}  # fmt: skip
EXTRA: dict[str, dict[str, tuple[str, ...]]] = {
    "leases": {"_park": ("园区", "园区名称", "所属园区"), "_building": ("楼栋", "楼号", "栋"), "_number": ("房号", "单元", "房间", "室号"),
               "_area": ("面积", "租赁面积", "建筑面积"), "_code": ("统一社会信用代码", "信用代码")},
    "demands": {"_code": ("统一社会信用代码", "信用代码")},
}  # fmt: skip
_BRACKETS = re.compile(r"[（(][^（）()]*[）)]")
_YEARLY = re.compile(r"^(20\d\d)年(?:度)?(计划|完成)(?:投资额?)?$")
_UNITS = {"元": 100, "万元": texts.WAN, "亿元": texts.WAN * 10_000}


def bare(title: str) -> str:
    """A title without remarks in brackets, spaces and must-marks."""
    return re.sub(r"[\s*＊:：]", "", _BRACKETS.sub("", title or ""))


def titles(kind: Kind) -> dict[str, str]:
    """Bare title → field, of a ledger that files are taken into."""
    found: dict[str, str] = {}
    for name in kind.fields:
        if kind.slug == "leases" and name == "unit":
            continue
        for title in (kind.title_of(name), *ALIASES[kind.slug].get(name, ())):
            found.setdefault(bare(title), name)
    for name, names in EXTRA.get(kind.slug, {}).items():
        for title in names:
            found[bare(title)] = name
    return found


class _Titles(Aliases):
    """What can be a title, so that the head is found under title lines."""

    def __init__(self, known: Mapping[str, str]) -> None:
        super().__init__()
        self._known = known

    def known(self, clean: str) -> bool:
        return bool(clean) and (bare(clean) in self._known or bool(_YEARLY.match(bare(clean))))


@dataclass
class Taken:
    """What became of a file: rows as [row a person sees, name, outcome, reason], and columns that nothing was done with."""

    kind: Kind
    rows: list[list[Any]] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    intake: Intake | None = None

    @property
    def counts(self) -> dict[str, int]:
        return {o: sum(1 for r in self.rows if r[2] == o) for o in OUTCOMES}


def take_in(slug: str, path: Path, name: str = "", actor: Any = None, provider: str = "", park: str = "") -> Taken:
    """Read a file into a ledger in one transaction. `park` (a code) is the park of rows that name none. Errors: Refused;
    InputError when the file cannot be read or has none of the columns that are needed."""
    if slug not in IMPORTED:
        raise InputError(f"台账“{slug}”不能从文件导入", remedy="可导入：" + "、".join(IMPORTED))
    kind = kind_named(slug)
    allowed, reason = kind.may(actor)
    if not allowed:
        raise Refused(reason)
    name = Path((name or path.name).replace("\\", "/")).name or "文件"
    taken = Taken(kind)
    lines = list(_lines(kind, path, name, taken))
    default = _park(park, actor) if park else None
    with transaction.atomic():
        for row, cells in lines:
            if cells is None:
                taken.rows.append([row, "", PASSED, "合计、说明或空行"])
                continue
            try:
                with transaction.atomic():
                    outcome = _row(kind, cells, actor, default)
                taken.rows.append([row, cells.get("name", "")[:120], outcome, ""])
            except WenmaiError as error:
                taken.rows.append([row, cells.get("name", "")[:120], REJECTED, str(error)])
        digest = store.put(path)[0]
        taken.intake = Intake.objects.create(
            kind=slug, file_name=name[:255], digest=digest, provider=provider.strip()[:120], counts=taken.counts, rows=taken.rows,
            actor=actor if getattr(actor, "pk", None) else None, actor_name=getattr(actor, "username", None) or "命令行",
        )  # fmt: skip
        events.record("records.file.taken", f"intake:{taken.intake.pk}", {"kind": slug, "counts": taken.counts}, actor)
    return taken


def _lines(kind: Kind, path: Path, name: str, taken: Taken) -> Any:
    """(row, field → text), or (row, None) for rows that are no data; of the first table that has the needed columns."""
    known = titles(kind)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / name
        try:
            shutil.copyfile(path, copy)
        except OSError as error:
            raise InputError("文件打不开或不存在", where=name, remedy="请核对路径") from error
        sheets = read_sheets(copy, LIMITS, _Titles(known))
    needed = "name"
    for sheet in sheets:
        places = _places(sheet, known)
        if needed in places.values():
            break
    else:
        heads = "、".join(kind.title_of(f) for f in kind.fields if f != "unit")
        raise InputError(f"没有找到“{kind.title_of('name')}”一列", where=name, remedy=f"请用模板，或把表头写成：{heads}")
    taken.unused = [c.title for c in sheet.columns if c.position not in places and c.title]
    passed = set(sheet.notes.filter(sheet.notes["kind"].is_in([NOTE_ROW, HEAD_ROW, TOTAL_ROW]))["row"].to_list())
    rows = list(sheet.frame.iter_rows())
    if len(rows) > MAX_ROWS:
        raise InputError(f"一次最多导入 {MAX_ROWS:,} 行，这张表有 {len(rows):,} 行", where=name, remedy="请拆成几个文件")
    heads_of = {c.position: c for c in sheet.columns}
    for row in rows:
        cells = {f: str(row[at + 1]).strip() for at, f in places.items() if row[at + 1] is not None and str(row[at + 1]).strip()}
        if row[0] in passed or not cells:
            yield int(row[0]), None
            continue
        for at, f in places.items():
            if f in cells and (f in texts.FEN or f.startswith("_y")):
                cells[f] = _in_unit(cells[f], f, heads_of[at].title, sheet.unit)
        yield int(row[0]), cells


def _places(sheet: Sheet, known: Mapping[str, str]) -> dict[int, str]:
    """Column → field; the first column of a field counts. Yearly money of projects is "_y2026plan"."""
    found: dict[int, str] = {}
    for column in sheet.columns:
        title = bare(column.title)
        yearly = _YEARLY.match(title)
        name = f"_y{yearly[1]}{'plan' if yearly[2] == '计划' else 'actual'}" if yearly else known.get(title)
        if name and name not in found.values():
            found[column.position] = name
    return found


def _in_unit(text: str, name: str, title: str, sheet_unit: str | None) -> str:
    """Money in the unit that forms are written in; the unit of the head, else of the sheet, else the form's own. Rent has
    its own unit (元/㎡·月) whatever the sheet says."""
    written = texts.FEN.get(name, texts.WAN)
    if name == "rent_fen":
        return text
    inside = re.findall(r"[（(]([^（）()]*)[）)]", title or "")
    factor = next((_UNITS[u] for u in [*inside, sheet_unit or ""] if u in _UNITS), written)
    if factor == written:
        return text
    try:
        return f"{(Decimal(text.replace(',', '')) * factor / written).normalize():f}"
    except InvalidOperation:
        return text  # the form says what is wrong with it


def _park(text: str, actor: Any) -> Park:
    seen = scope.parks(actor)
    found = seen.filter(code=text).first() or seen.filter(name=text).first()
    if found is None:
        raise InputError(f"没有园区“{text}”", remedy="请先在园区台账登记，或核对园区名称")
    return found


def _row(kind: Kind, cells: dict[str, str], actor: Any, default: Park | None) -> str:
    data = dict(cells)
    if data.get("_code"):
        data["name"] = importing_rows.by_code(data["_code"], data.get("name", ""), actor)
    changed = False
    if kind.model is Lease:
        park = _park(data["_park"], actor) if data.get("_park") else default
        if park is None:
            raise InputError("没有写园区", remedy="请加“园区”一列，或从园区页面导入")
        unit, changed = importing_rows.unit_of(park, data, actor)
        data["unit"] = str(unit.pk)
    written = {n: importing_rows.written(kind, n, v) for n, v in data.items() if n in kind.fields}
    form = RecordForm(kind, actor, _with_defaults(kind, written))
    if not form.is_valid():
        said = [(f"{kind.title_of(n)}：" if n in kind.fields else "") + "、".join(map(str, e)) for n, e in form.errors.items()]
        raise InputError("；".join(said))
    values = {n: v for n, v in form.values().items() if n in written or n in ENTERPRISE.values()}
    found = importing_rows.standing(kind, form.values())
    if found is None:
        made, outcome = services.create(kind, {**{n: v for n, v in form.values().items() if v is not None}, **values}, actor), CREATED
    else:
        before = found.version
        made = services.edit(found, values, actor, "文件导入")
        outcome = REVISED if made.version != before or changed else UNCHANGED
    if kind.model is Project:
        more = _investments(made, data, actor)
        outcome = REVISED if more and outcome == UNCHANGED else outcome
    return outcome


def _with_defaults(kind: Kind, written: dict[str, str]) -> dict[str, str]:
    """What the file does not say and the ledger has a default for."""
    data = dict(written)
    for name in kind.fields:
        column: Any = kind.model._meta.get_field(name)
        if name not in data and column.choices and column.has_default():
            data[name] = str(column.get_default())
    return data


def _investments(project: Project, data: Mapping[str, str], actor: Any) -> bool:
    kind = kind_named("investments")
    years: dict[int, dict[str, int]] = {}
    for name, text in data.items():
        if name.startswith("_y"):
            years.setdefault(int(name[2:6]), {})[f"{name[6:]}_fen"] = texts.fen(f"{name[6:]}_fen", text)
    changed = False
    for year, values in years.items():
        found = Investment.objects.filter(project=project, year=year, month=None, withdrawn_at=None).first()
        if found is None:
            services.create(kind, {"project": project, "year": year, **values}, actor)
            changed = True
        else:
            changed |= services.edit(found, values, actor, "文件导入").version != found.version
    return changed


def template(slug: str) -> tuple[str, list[str], list[list[Any]], str]:
    """(file name, heads, rows, note) of a sheet to fill in."""
    kind = kind_named(slug)
    heads = [kind.title_of(n) for n in kind.fields if n not in ("unit", "visit")]
    if slug == "leases":
        heads = ["园区", "楼栋", "房号", "面积（㎡）", "企业名称", "统一社会信用代码", *heads[1:]]
    if slug == "demands":
        heads.insert(1, "统一社会信用代码")
    if slug == "projects":
        heads += ["2026年计划投资（万元）", "2026年完成投资（万元）"]
    must = "、".join(kind.title_of(n) for n in kind.fields if n != "unit" and not kind.model._meta.get_field(n).blank)  # type: ignore[union-attr]
    note = f"必填：{must}；日期写成 2026-01-31；空格子表示没有填报，不会清除已有内容"
    return f"{kind.title}导入模板.xlsx", heads, [], note
