"""Reading figures: compute them for a snapshot (cached beside it by program version), and open one into its rows."""

from __future__ import annotations

from typing import Any

from wenmai.base.values import NotFound
from wenmai.office.figures import snapshots, typed
from wenmai.office.figures.models import Snapshot

# Rooms may add figures that are more than a count (an interval); given tables, context and the counts so far.
extenders: list[Any] = []
_cache: dict[tuple[int, str], dict[str, typed.Figure]] = {}


def context(snapshot: Snapshot) -> typed.Context:
    known = snapshot.facts
    return typed.Context(
        snapshot=snapshot.pk,
        period=known.get("period", "未载"),
        vintage=known.get("vintage", f"快照 {snapshot.pk}"),
        provider=known.get("provider", "未载明提供单位"),
        blocked={g["id"]: g["message"] for g in known.get("gate", []) if not g["open"]},
        facts=known,
    )


def figures(snapshot: Snapshot | None = None) -> dict[str, typed.Figure]:
    """All figures of a snapshot (the newest by default), cached by snapshot and its digest."""
    snapshot = snapshot or snapshots.latest()
    key = (snapshot.pk, snapshot.digest)
    if key not in _cache:
        tables = snapshots.connect(snapshot)
        found = typed.compute(tables, context(snapshot))
        for extend in extenders:
            found = extend(tables, snapshot, found)
        if len(_cache) > 8:
            _cache.clear()
        _cache[key] = found
    return dict(_cache[key])


def trace(figure_id: str, snapshot: Snapshot | None = None, limit: int | None = None, offset: int = 0) -> Any:
    """The rows behind a count, as an Arrow table in a fixed order; a share is traced by its two parts."""
    snapshot = snapshot or snapshots.latest()
    found = figures(snapshot).get(figure_id)
    if found is None:
        raise NotFound(f"没有编号为 {figure_id} 的数字", remedy="用 wenmai figures 查看全部编号")
    if found.kind != "count":
        if found.extra.get("parts"):
            raise NotFound(f"{figure_id} 由 {'、'.join(found.extra['parts'])} 相加", remedy="请分别打开这些数字")
        raise NotFound(
            f"{figure_id} 由 {found.numerator} ÷ {found.denominator} 计算", remedy="请分别打开这两个数字"
        ) if found.numerator else NotFound(f"{figure_id} 不是计数", remedy="请查看其依据说明")
    name, predicate = typed.row_filter(figure_id, snapshot.facts)
    table = snapshots.connect(snapshot)[name]
    rows = table.filter(predicate(table).fill_null(False)).order_by(table.columns[0])
    if limit is not None:
        rows = rows.limit(limit, offset=offset)
    return rows.to_pyarrow()


def prime(snapshot: Snapshot, found: dict[str, typed.Figure]) -> None:
    """Give this process the figures that the same program counted earlier, so that opening one does not count them all."""
    _cache.setdefault((snapshot.pk, snapshot.digest), found)
