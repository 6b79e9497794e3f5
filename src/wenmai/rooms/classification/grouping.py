"""Groups of firms that the disclosure check may split a table by: 大类, 街道, 园区, as the register and decisions stand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from wenmai.base import standards
from wenmai.office.figures import grouping
from wenmai.rooms.classification.models import Decision
from wenmai.rooms.registry.models import Enterprise


def majors(keys: Sequence[str], on: date) -> dict[str, str]:
    """Key → “01 新闻信息服务” by the small class that was decided."""
    named = {e.small_code: f"{e.major_code} {e.major_name}" for e in standards.culture_entries()}
    found: dict[str, str] = {}
    for start in range(0, len(keys), 500):
        query = Decision.objects.filter(enterprise__key__in=keys[start : start + 500]).values_list("enterprise__key", "small_code")
        found |= {key: named[small] for key, small in query if small in named}
    return found


def _of(field: str) -> grouping.Grouping:
    def group(keys: Sequence[str], on: date) -> dict[str, str]:
        found: dict[str, str] = {}
        for start in range(0, len(keys), 500):
            query = Enterprise.objects.filter(key__in=keys[start : start + 500]).exclude(**{field: None})
            found |= {key: str(value) for key, value in query.values_list("key", field)}
        return found

    return group


def register() -> None:
    """Declare them; may be called again."""
    grouping.register("文化大类", majors)
    grouping.register("街道", _of("street"))
    grouping.register("园区", _of("park"))
