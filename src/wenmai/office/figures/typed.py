"""Typed figures: a value never travels without its unit, lane, scope, period, vintage and provider.

An indicator is declared once by a room: an Ibis predicate over a snapshot table, so that the same expression counts
the rows and lists them. Shares name their numerator and denominator; intervals come from the declaring room. Indicators
that only some snapshots have (a site's own scopes) are derived from the facts kept with the snapshot, so an old snapshot
is always read with its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

import ibis

from wenmai.base.values import NotFound

LANE_REGISTER = "行政记录"
FIRMS = "企业法人"
# What is counted when the register does not tell firms from branches and self-employed: the coverage gate's check `unit`.
UNIT_GATE, UNTYPED = "unit", "登记主体（单位类型不全）"
Predicate = Callable[[Any], Any]


@dataclass(frozen=True)
class Indicator:
    """What is counted. `by` splits the count over the known values of a column; `unit_type` says which units: 企业法人
    only as far as the register can tell, so a figure of a snapshot whose unit gate is shut says so instead."""

    id: str
    title: str
    table: str
    predicate: Predicate
    definition: str
    unit: str = "家"
    unit_type: str = FIRMS
    scope: str = "登记名录"
    lane: str = LANE_REGISTER
    publishable: str = "内部"
    version: int = 1
    by: str | None = None
    parts_of: str | None = None
    gate: str | None = None
    # The gate that must be open for a zero to be said: with no status at all, "none struck off" is not known.
    zero_needs: str | None = None


@dataclass(frozen=True)
class Share:
    """A share in percent of one count in another."""

    id: str
    title: str
    numerator: str
    denominator: str
    decimals: int = 1
    gate: str | None = None


@dataclass(frozen=True)
class Figure:
    """A published value with everything that qualifies it. `value` None is unknown, never zero."""

    id: str
    title: str
    value: float | int | None
    unit: str
    kind: str
    lane: str
    scope: str
    unit_type: str
    period: str
    vintage: str
    provider: str
    publishable: str
    snapshot: int
    definition: str
    table: str | None = None
    numerator: str | None = None
    denominator: str | None = None
    decimals: int = 0
    low: float | None = None
    high: float | None = None
    group: str | None = None
    parts_of: str | None = None
    blocked: str | None = None
    extra: dict[str, Any] = field(default_factory=dict)

    def text(self) -> str:
        """The value as printed, without its unit; unknown is said in words."""
        if self.value is None:
            return "—（未采集）"
        return f"{self.value:.{self.decimals}f}" if self.decimals else f"{self.value:.0f}"

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


_indicators: dict[str, Indicator] = {}
_shares: dict[str, Share] = {}
Deriver = Callable[[dict[str, Any]], Iterable[Indicator | Share]]
_derivers: list[Deriver] = []


def declare(*items: Indicator | Share) -> None:
    """Put indicators into the dictionary (from a room's AppConfig.ready)."""
    for item in items:
        if isinstance(item, Indicator):
            _indicators[item.id] = item
        else:
            _shares[item.id] = item


def indicators() -> dict[str, Indicator]:
    return dict(_indicators)


def derive(function: Deriver) -> None:
    """Declare indicators that follow from a snapshot's facts; they must depend on nothing else."""
    if function not in _derivers:
        _derivers.append(function)


def dictionary(facts: dict[str, Any] | None = None) -> tuple[dict[str, Indicator], dict[str, Share]]:
    """The indicators and shares of a snapshot with these facts: the declared ones, then the derived."""
    known, shares = dict(_indicators), dict(_shares)
    for function in _derivers:
        for item in function(facts or {}):
            if item.id in known or item.id in shares:
                raise ValueError(f"{item.id}: 编号重复")
            if isinstance(item, Indicator):
                known[item.id] = item
            else:
                shares[item.id] = item
    return known, shares


@dataclass(frozen=True)
class Context:
    """What qualifies every figure of one computation."""

    snapshot: int
    period: str
    vintage: str
    provider: str
    blocked: dict[str, str]  # gate id → why its sentences may not be said
    facts: dict[str, Any] = field(default_factory=dict)  # of the snapshot; derived indicators follow from them


def compute(tables: dict[str, Any], context: Context) -> dict[str, Figure]:
    """All declared figures over Ibis tables, in order of declaration.

    Each indicator is one aggregate; a split one is one group-by. A figure whose gate is closed keeps its value for
    the checker but carries the reason in `blocked`, and no sentence may use it.
    """
    known, shares = dictionary(context.facts)
    figures: dict[str, Figure] = {}
    plain: dict[str, list[Indicator]] = {}
    for indicator in known.values():
        if indicator.table in tables and indicator.by is None:
            plain.setdefault(indicator.table, []).append(indicator)
    counts: dict[str, int] = {}
    for name, items in plain.items():
        table = tables[name]
        aggregates = {f"n{i}": _true(item.predicate(table)).sum() for i, item in enumerate(items)}
        row = table.aggregate(**aggregates).to_pyarrow().to_pylist()[0]
        counts.update({item.id: int(row[f"n{i}"] or 0) for i, item in enumerate(items)})
    for indicator in known.values():
        if indicator.table not in tables:
            continue
        if indicator.by is None:
            figures[indicator.id] = _figure(indicator, counts[indicator.id], context)
            continue
        for group, count in _grouped(tables[indicator.table], indicator):
            figure_id = f"{indicator.id}.{group}"
            figures[figure_id] = _figure(indicator, count, context, figure_id, group)
    for share in shares.values():
        _add_share(figures, share, context, known)
    return figures


def _true(expression: Any) -> Any:
    return expression.fill_null(False).cast("int64")


def _grouped(table: Any, indicator: Indicator) -> list[tuple[str, int]]:
    rows = table.filter(indicator.predicate(table).fill_null(False))
    result = rows.group_by(indicator.by).aggregate(n=rows.count()).order_by(indicator.by).to_pyarrow().to_pylist()
    return [(str(r[indicator.by]) if r[indicator.by] is not None else "未载", int(r["n"])) for r in result]


def _units(indicator: Indicator, context: Context) -> str:
    """Which units the figure counts, as the coverage gate allows to call them."""
    return UNTYPED if indicator.unit_type == FIRMS and UNIT_GATE in context.blocked else indicator.unit_type


def _figure(
    indicator: Indicator, value: int, context: Context, figure_id: str | None = None, group: str | None = None
) -> Figure:
    title = indicator.title if group is None else f"{indicator.title}：{group}"
    unknown = context.blocked.get(indicator.zero_needs or "") if not value else None
    return Figure(
        id=figure_id or indicator.id, title=title, value=None if unknown else value, unit=indicator.unit, kind="count",
        lane=indicator.lane, scope=indicator.scope, unit_type=_units(indicator, context), period=context.period,
        vintage=context.vintage, provider=context.provider, publishable=indicator.publishable,
        snapshot=context.snapshot, definition=f"{indicator.definition}（指标第 {indicator.version} 版）",
        table=indicator.table, group=group, parts_of=indicator.parts_of,
        blocked=context.blocked.get(indicator.gate or "") or unknown,
    )  # fmt: skip


def _add_share(figures: dict[str, Figure], share: Share, context: Context, known: dict[str, Indicator]) -> None:
    """A share takes its qualifiers from its parts, which must agree: unlike scopes do not divide."""
    pairs = [(share.numerator, share.denominator, share.id, share.title)]
    prefix = share.numerator + "."
    if share.numerator in known and known[share.numerator].by:
        pairs = [
            (f, share.denominator, f"{share.id}.{f[len(prefix):]}", f"{share.title}：{f[len(prefix):]}")
            for f in figures if f.startswith(prefix)
        ]  # fmt: skip
    for numerator, denominator, figure_id, title in pairs:
        top, bottom = figures.get(numerator), figures.get(denominator)
        if top is None or bottom is None:
            continue
        if (top.lane, top.scope, top.period, top.vintage, top.unit) != (
            bottom.lane, bottom.scope, bottom.period, bottom.vintage, bottom.unit,
        ):  # fmt: skip
            raise ValueError(f"{figure_id}: 分子与分母口径不同")
        value = None if not bottom.value or top.value is None else round(100 * top.value / bottom.value, share.decimals)
        figures[figure_id] = Figure(
            id=figure_id, title=title, value=value, unit="%", kind="share", lane=top.lane, scope=top.scope,
            unit_type=top.unit_type, period=top.period, vintage=top.vintage, provider=top.provider,
            publishable=top.publishable, snapshot=top.snapshot, definition=f"{top.title} ÷ {bottom.title}",
            numerator=numerator, denominator=denominator, decimals=share.decimals, group=top.group,
            blocked=top.blocked or bottom.blocked or context.blocked.get(share.gate or ""),
        )  # fmt: skip


def row_filter(figure_id: str, facts: dict[str, Any] | None = None) -> tuple[str, Predicate]:
    """(table, predicate) whose rows a count consists of, in a snapshot with these facts."""
    known = dictionary(facts)[0]
    if figure_id in known and known[figure_id].by is None:
        return known[figure_id].table, known[figure_id].predicate
    for indicator in known.values():
        prefix = indicator.id + "."
        if indicator.by and figure_id.startswith(prefix):
            group = figure_id[len(prefix) :]
            return indicator.table, _group_predicate(indicator, group)
    raise NotFound(f"没有编号为 {figure_id} 的数字", remedy="用 wenmai figures 查看全部编号")


def _group_predicate(indicator: Indicator, group: str) -> Predicate:
    def predicate(table: Any) -> Any:
        column = table[indicator.by]
        same = column.isnull() if group == "未载" else column.cast("string") == ibis.literal(group)
        return indicator.predicate(table) & same

    return predicate
