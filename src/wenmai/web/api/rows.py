"""The rows behind a figure for a token, a page at a time."""

from __future__ import annotations

from typing import Any

from wenmai.base.values import NotFound
from wenmai.office.figures import queries as figure_queries
from wenmai.office.figures.models import Snapshot
from wenmai.office.figures.typed import Figure
from wenmai.office.people.rows import row_scope
from wenmai.web import figures as pages


def rows_for(figure: Figure, snapshot: Snapshot, user: Any, limit: int, offset: int) -> tuple[int, list[dict[str, Any]]]:
    """(rows altogether, this page). Errors: NotFound when the figure is no count."""
    if figure.kind != "count":
        raise NotFound(f"{figure.title}不是计数，没有明细行", remedy="请打开它的分子、分母")
    if row_scope(user).words:
        mine = pages.rows_seen(figure, snapshot, user)
        return mine.num_rows, mine.slice(min(offset, mine.num_rows), limit).to_pylist()
    total = int(figure.value or 0)
    if offset >= total:
        return total, []
    return total, figure_queries.trace(figure.id, snapshot, limit=limit, offset=offset).to_pylist()
