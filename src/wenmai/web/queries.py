"""Reads for the dashboard and the log."""

from __future__ import annotations

import logging
from typing import Any

from ibis.common.exceptions import IbisError

from wenmai.base.values import WenmaiError
from wenmai.office.figures import snapshots
from wenmai.office.figures.models import Snapshot
from wenmai.office.figures.typed import Figure
from wenmai.office.people.rows import row_scope
from wenmai.web import warm

log = logging.getLogger(__name__)
SHARED = frozenset({"可公开", "内部"})


def missing_files(snapshot: Snapshot) -> str:
    """Why the rows of a snapshot cannot be opened here, or ""."""
    gone = [t for t in snapshot.tables if not (snapshots.folder(snapshot.pk) / f"{t}.parquet").exists()]
    return f"快照 {snapshot.pk} 的数据文件（{'、'.join(gone)}）不在本机，请从备份恢复 snapshots 目录" if gone else ""


def figures_of(snapshot: Snapshot | None) -> tuple[dict[str, Figure], str]:
    """(figures, why there are none)."""
    if snapshot is None:
        return {}, "还没有快照"
    if absent := missing_files(snapshot):
        return {}, absent
    try:
        return warm.figures(snapshot), ""
    except WenmaiError as error:
        return {}, str(error)
    except (AttributeError, IbisError):
        # A snapshot keeps the columns it was written with; what is counted today may need others.
        log.exception("snapshot %s", snapshot.pk)
        return {}, f"快照 {snapshot.pk} 由较早的程序发布，缺少现在统计所需的列，不能重算；当时出具的文稿不受影响"


def figures_for(user: Any, snapshot: Snapshot | None) -> tuple[dict[str, Figure], str]:
    """`figures_of` for a person: district totals are for everybody inside, but what is 不得外传 is not for who sees only a
    part of the rows (a street)."""
    found, why = figures_of(snapshot)
    if row_scope(user).everything:
        return found, why
    return {k: f for k, f in found.items() if f.publishable in SHARED}, why


def majors(figures: dict[str, Figure]) -> list[dict[str, Any]]:
    """The classes of the count by major, largest first, with the width of their bar in percent of the largest."""
    found = [f for f in figures.values() if f.id.startswith("culture.major.") and f.kind == "count"]
    found.sort(key=lambda f: (-(f.value or 0), f.id))
    top = max((f.value or 0 for f in found), default=0) or 1
    return [{"figure": f, "share": figures.get(f"culture.major.share.{f.group}"), "width": round(100 * (f.value or 0) / top, 1)} for f in found]


def of_scope(figures: dict[str, Figure], scope: str, limit: int = 12) -> list[Figure]:
    """The plain counts of one scope, in their order; none when no scope is chosen."""
    return [f for f in figures.values() if scope and f.scope == scope and f.group is None and f.kind == "count"][:limit]
