"""口径对账桥 between two snapshots: why every enterprise came into the count of cultural enterprises or left it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from wenmai.base.values import NotFound
from wenmai.office.figures import snapshots
from wenmai.office.figures.methods.bridge import Bridge, unit_bridge
from wenmai.office.figures.models import Snapshot
from wenmai.rooms.classification.models import DecidedBy, Outcome

IDENTIFIED = (Outcome.WHOLE.value, Outcome.PARTIAL.value)
NEW, ADDED, REVIEWED, CHANGED = "新设", "迁入或补录", "人工核定", "识别变化"
GONE, MOVED, ABSENT, REMOVED, DOUBTFUL, OTHER = "注销吊销", "迁出", "名录不再载", "核定剔除", "转待核定", "登记信息变更"
ORDER = (NEW, ADDED, REVIEWED, CHANGED, GONE, MOVED, ABSENT, REMOVED, DOUBTFUL, OTHER)
MEANINGS = {
    NEW: "上次快照没有，登记日期在上次数据截至日之后", ADDED: "上次快照没有而登记在前，或上次已迁出、在区外",
    REVIEWED: "上次在册而未计入，由人工核定计入", CHANGED: "在册，系统识别的结果变了", GONE: "登记状态转为注销或吊销",
    MOVED: "登记状态转为迁出，或登记地改到区外", ABSENT: "本次快照没有这一家（批次撤销或归并）", REMOVED: "由人工核定为非文化",
    DOUBTFUL: "证据不足，转为待核定", OTHER: "单位类型、状态等登记信息更改使其进出分析范围",
}  # fmt: skip
_COLUMNS = ("key", "name", "registered_on", "excluded", "outcome", "decided_by")


@dataclass(frozen=True)
class Unit:
    """An enterprise as one snapshot has it."""

    name: str | None
    registered_on: dt.date | None
    excluded: str | None
    outcome: str | None
    decided_by: str | None


def joined_because(before: Unit | None, now: Unit, before_day: dt.date | None) -> str:
    """Why a unit is counted now and was not: one reason, the first that holds.

    before: the unit in the older snapshot, None when it had none; before_day: the day the older data go up to."""
    if before is None:
        fresh = before_day is not None and now.registered_on is not None and now.registered_on > before_day
        return NEW if fresh else ADDED
    if before.excluded in ("迁出", "区外"):
        return ADDED
    if before.excluded is not None:
        return OTHER
    return REVIEWED if now.decided_by == DecidedBy.PERSON else CHANGED


def left_because(now: Unit | None) -> str:
    """Why a unit was counted and is not any more."""
    if now is None:
        return ABSENT
    if now.excluded is not None:
        return {"注销吊销": GONE, "迁出": MOVED, "区外": MOVED}.get(now.excluded, OTHER)
    if now.outcome == Outcome.PENDING:
        return DOUBTFUL
    return REMOVED if now.decided_by == DecidedBy.PERSON else CHANGED


@dataclass(frozen=True)
class SnapshotBridge:
    """The bridge between two snapshots with the names of its units; `before_day` None: the older data have no date, so a
    new registration cannot be told from one that was added late."""

    old: Snapshot
    new: Snapshot
    bridge: Bridge
    names: dict[str, str]
    before_day: dt.date | None


def bridge(was: set[str], are: set[str], before: Mapping[str, Unit], now: Mapping[str, Unit], before_day: dt.date | None) -> Bridge:
    """start + Σ lines = end. was, are: keys that each snapshot counts; before, now: what each has of those that moved."""
    return unit_bridge(was, are, lambda k: joined_because(before.get(k), now[k], before_day), lambda k: left_because(now.get(k)), ORDER)


def between(old_id: int, new_id: int) -> SnapshotBridge:
    """The bridge from one complete snapshot to another; the older is put first whichever way they are named."""
    first, second = sorted((old_id, new_id))
    found = {s.pk: s for s in Snapshot.objects.filter(pk__in=(first, second), complete=True)}
    missing = [str(n) for n in (first, second) if n not in found]
    if missing:
        raise NotFound(f"没有快照 {'、'.join(missing)}", remedy="请在“数字”页查看有哪些快照")
    old, new = found[first], found[second]
    first_table, second_table = _table(old), _table(new)
    was, are = _counted(first_table), _counted(second_table)
    moved = was ^ are
    before, now = _units(first_table, moved), _units(second_table, moved)
    day = as_of(old)
    made = bridge(was, are, before, now, day)
    return SnapshotBridge(old, new, made, {k: (now.get(k) or before[k]).name or k for k in moved}, day)


def as_of(snapshot: Snapshot) -> dt.date | None:
    """The day that a snapshot's data go up to, None when the batches did not say."""
    try:
        return dt.date.fromisoformat(str(snapshot.facts.get("as_of") or ""))
    except ValueError:
        return None


def _table(snapshot: Snapshot) -> pl.DataFrame:
    try:
        return pl.read_parquet(snapshots.folder(snapshot.pk) / "units.parquet", columns=list(_COLUMNS))
    except (OSError, pl.exceptions.PolarsError) as error:
        raise NotFound(f"快照 {snapshot.pk} 的文件读不出", remedy="请从备份恢复快照目录，或换一个快照") from error


def _counted(table: pl.DataFrame) -> set[str]:
    """Keys of culture.identified: analysed, and wholly or partly counted."""
    return set(table.filter(pl.col("excluded").is_null() & pl.col("outcome").is_in(IDENTIFIED))["key"])


def _units(table: pl.DataFrame, keys: set[str]) -> dict[str, Unit]:
    rows = table.filter(pl.col("key").is_in(list(keys))).iter_rows(named=True)
    return {r["key"]: Unit(r["name"], _day(r["registered_on"]), r["excluded"], r["outcome"], r["decided_by"]) for r in rows}


def _day(value: Any) -> dt.date | None:
    return value.date() if isinstance(value, dt.datetime) else value
