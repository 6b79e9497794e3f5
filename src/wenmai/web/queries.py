"""Reads for the dashboard and the log."""

from __future__ import annotations

from typing import Any

from wenmai.base.values import WenmaiError
from wenmai.office.figures import queries as figure_queries
from wenmai.office.figures.models import Snapshot
from wenmai.office.figures.typed import Figure
from wenmai.rooms.classification.models import Review
from wenmai.rooms.registry.choices import BatchState
from wenmai.rooms.registry.models import Batch


def changes_since(snapshot: Snapshot | None) -> dict[str, int]:
    """Batches published or taken back, and reviews made, after the snapshot; `total` is their sum."""
    if snapshot is None:
        return {"batches": 0, "reviews": 0, "total": 0}
    after = snapshot.created_at
    batches = Batch.objects.filter(state__in=[BatchState.PUBLISHED, BatchState.UNDONE], published_at__gt=after).count()
    reviews = Review.objects.filter(at__gt=after).count()
    return {"batches": batches, "reviews": reviews, "total": batches + reviews}


def figures_of(snapshot: Snapshot | None) -> tuple[dict[str, Figure], str]:
    """(figures, why there are none)."""
    if snapshot is None:
        return {}, "还没有快照"
    try:
        return figure_queries.figures(snapshot), ""
    except WenmaiError as error:
        return {}, str(error)


def majors(figures: dict[str, Figure]) -> list[dict[str, Any]]:
    """The classes of the count by major, largest first, with the width of their bar in percent of the largest."""
    found = [f for f in figures.values() if f.id.startswith("culture.major.") and f.kind == "count"]
    found.sort(key=lambda f: (-(f.value or 0), f.id))
    top = max((f.value or 0 for f in found), default=0) or 1
    return [{"figure": f, "share": figures.get(f"culture.major.share.{f.group}"), "width": round(100 * (f.value or 0) / top, 1)} for f in found]
