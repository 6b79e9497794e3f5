"""A table of the monitoring lane by groups of firms, with the cells that may not be shown.

One version of the definition and one stage are read. A firm that reports under several heads counts once in a margin.
What was released before is set beside the new table (`releasing` keeps it).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from django.core.cache import cache
from django.db.models import Count, QuerySet

from wenmai.base.values import InputError, NotFound
from wenmai.base.values.period import period
from wenmai.base.values.units import unit
from wenmai.office.figures import grouping
from wenmai.office.figures.fact_queries import of_firms, once, one_stage
from wenmai.office.figures.facts import definition_for
from wenmai.office.figures.methods.disclosure import Cell, Kept, Rules, Suppression, Table, differencing, grid, merge, suppress, withheld_before
from wenmai.office.figures.models import Definition, Fact, Lane, ReleasedTable
from wenmai.office.people.models import SubjectKind

MAX_CELLS = 400
TOTAL = "合计"
ITEM = "分项："


@dataclass
class Checked:
    """A table as it would be published: row and column heads, every cell with its state. `left_out`: firms that reported
    under another version of the definition or at another stage only. `compared`: how many earlier releases it was set beside."""

    code: str
    name: str
    unit: str
    period: str
    scope: str
    rows: list[str]
    columns: list[str]
    table: Table
    found: Suppression
    firms: int
    definition: Definition
    by: str
    across: str
    stage: str
    left_out: int = 0
    compared: int = 0
    rules: Rules = field(default_factory=Rules)

    def place(self, key: str) -> str:
        """The cell's name wherever it stands: its heads without 合计."""
        return _place(key, self.by, self.across)

    def key(self, row: str, column: str) -> str:
        return f"{row}|{column}" if self.columns else row

    def heads(self) -> list[str]:
        return [*self.columns, TOTAL] if self.columns else ["数值"]

    def lines(self) -> list[tuple[str, list[str]]]:
        """(row head, keys) in the order of the page, margins last."""
        across = [*self.columns, TOTAL] if self.columns else [""]
        return [(row, [self.key(row, column) for column in across]) for row in [*self.rows, TOTAL]]

    def safe(self, key: str) -> float | str:
        """The cell as it may leave: its value, or the mark of a withheld one."""
        return "*" if key in self.found.withheld or key in self.found.unprotected else round(self.table.cells[key].value, 6)

    @property
    def publishable(self) -> bool:
        """Whether withholding protects every cell; otherwise the table has to be coarser."""
        return not self.found.unprotected


def dimensions(code: str, when: str, scope: str) -> list[str]:
    """What a table of this indicator can be split by: the item dimensions that firms reported, and the groupings."""
    items = of_firms(code, when, scope).exclude(item="").values_list("item", flat=True).distinct()[:500]
    found = sorted({item.partition("=")[0] for item in items if "=" in item})
    return [*(ITEM + name for name in found), *grouping.names()]


def choices() -> list[tuple[str, str, str]]:
    """(code, period, scope) of what firms reported on the monitoring lane, newest first; remembered until the next fact."""
    last = Fact.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    found: list[tuple[str, str, str]] | None = cache.get(f"figures.choices.{last}")
    if found is None:
        query = Fact.objects.filter(recorded_to=None, lane=Lane.MONITOR, subject__kind=SubjectKind.ENTERPRISE, value__isnull=False)
        rows = query.order_by("-ends", "definition__entry").values_list("definition__entry", "period", "scope__name").distinct()[:200]
        found = [(str(code), when, scope) for code, when, scope in rows]
        cache.set(f"figures.choices.{last}", found, 3600)
    return found


def check(code: str, when: str, scope: str, by: str, across: str = "", rules: Rules | None = None) -> Checked:
    """The table of an indicator by one or two dimensions, with the cells to withhold and what an outsider could work out.

    An item dimension reads the firms' items; a grouping reads their totals. Two item dimensions have no joint values.
    """
    span = period(when)
    offered = dimensions(code, span.code, scope)
    wrong = [name for name in (by, across) if name and name not in offered]
    if not by or wrong or by == across:
        raise InputError(f"不能按“{'、'.join(wrong) or by or '空'}”分组", remedy="可用：" + "、".join(offered))
    if by.startswith(ITEM) and across.startswith(ITEM):
        raise InputError("两个分项没有交叉数据", remedy="请一个用分项，另一个用企业分组")
    item = next((name.removeprefix(ITEM) for name in (by, across) if name.startswith(ITEM)), "")
    definition = definition_for(code, span)
    query = of_firms(code, span.code, scope)
    query = query.filter(item__startswith=f"{item}=") if item else query.filter(item="")
    under = query.filter(definition=definition)
    stage = one_stage(definition, dict(under.order_by().values_list("stage").annotate(n=Count("subject", distinct=True))))
    reported = list(under.filter(stage=stage).values_list("subject__key", "item", "value", "unit"))
    once((key, one) for key, one, *_ in reported)
    # In the unit that most firms used: withheld values are kept uncertain by at least one unit of the table.
    target = unit(Counter(u for *_, u in reported).most_common(1)[0][0] if reported else definition.unit)
    told = [(key, one, float(unit(u).to(Fraction(value), target))) for key, one, value, u in reported if value is not None]
    everybody = query.order_by().values("subject").distinct().count()
    if not told and everybody:
        raise NotFound(f"{everybody} 家都不是按现行定义（第 {definition.number} 版）报的", remedy="请补报，或批准追溯调整后补录")
    if not told:
        raise NotFound(f"{span.label}没有“{scope}”的本办监测数据", remedy="请先收齐报表")
    if any(value < 0 for _, _, value in told):
        raise InputError("有负值的指标不能用隐去单元格的办法保护", remedy="请改用营业收入等非负指标")
    keys = sorted({key for key, _, _ in told})
    row_of, column_of = _axis(by, keys, span), _axis(across, keys, span)
    cells: dict[tuple[str, str], list[tuple[str, float]]] = defaultdict(list)
    for key, one, value in told:
        part = one.partition("=")[2]
        row = part if by.startswith(ITEM) else row_of[key]
        column = (part if across.startswith(ITEM) else column_of[key]) if across else ""
        cells[row, column].append((key, value))
    rows, columns = sorted({r for r, _ in cells}), sorted({c for _, c in cells}) if across else []
    if (len(rows) + 1) * (len(columns) + 1) > MAX_CELLS:
        raise InputError(f"表有 {(len(rows) + 1) * (len(columns) + 1)} 格，一次最多 {MAX_CELLS} 格", remedy="请换较粗的分组")
    made = {place: Cell.of(values) for place, values in cells.items()}
    table = grid(rows, columns, made) if columns else _one_way(rows, {r: made[r, ""] for r in rows})
    chosen = rules or Rules()
    before = list(earlier(code, span.code, scope))
    also, keep = _beside(table, before, by, across, float(target.factor), chosen)
    found = suppress(table, chosen, also=also, keep=keep)
    return Checked(
        code, definition.name, target.name, span.label, scope, rows, columns, table, found, len(keys), definition, by, across, stage,
        everybody - len(keys), len(before), chosen,
    )  # fmt: skip


def earlier(code: str, when: str, scope: str) -> QuerySet[ReleasedTable]:
    """What was released of an indicator, however it was split, newest first."""
    return ReleasedTable.objects.filter(definition__entry=code, period=when, scope__name=scope).order_by("-pk")


def _place(key: str, by: str, across: str) -> str:
    heads = zip((by, across), key.split("|") if across else [key], strict=False)
    return " × ".join(sorted(f"{name}={head}" for name, head in heads if head != TOTAL)) or TOTAL


def _beside(
    table: Table, before: list[ReleasedTable], by: str, across: str, factor: float, rules: Rules
) -> tuple[dict[str, str], dict[str, Kept]]:  # fmt: skip
    """(cells that a difference to an earlier release would give away, cells that an earlier release withheld)."""
    keys = {_place(key, by, across): key for key in table.cells}
    now = {place: frozenset(table.cells[key].shares or ()) for place, key in keys.items()}
    also: dict[str, str] = {}
    keep: dict[str, Kept] = {}
    for release in before:
        also |= differencing(now, {p: m for p, m in release.members.items() if p in release.shown}, rules)
        for place, why in withheld_before(now, {p: m for p, m in release.members.items() if p in release.hidden}, rules).items():
            down, up = (float(x) / factor for x in release.hidden[place])
            if old := keep.get(place):
                down, up = max(down, old.down), max(up, old.up)
            keep[place] = Kept(why, down, up)
    return {keys[p]: why for p, why in also.items()}, {keys[p]: one for p, one in keep.items()}


def _axis(name: str, keys: list[str], span: Any) -> dict[str, str]:
    return grouping.groups(name, keys, span.end) if name and not name.startswith(ITEM) else {}


def _one_way(rows: list[str], cells: dict[str, Cell]) -> Table:
    return Table({**cells, TOTAL: merge(cells.values())}, [(TOTAL, tuple(rows))])
