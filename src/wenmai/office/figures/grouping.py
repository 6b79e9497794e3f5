"""Groups of subjects for tables: rooms that know a firm's class, street or park register how to tell it.

A grouping takes the keys of enterprises and gives key → group; a key that it does not name is put under 未分组.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from wenmai.office.figures.models import FrameSpell
from wenmai.office.people.models import SubjectKind

Grouping = Callable[[Sequence[str], date], dict[str, str]]
OTHER = "未分组"
_groupings: dict[str, Grouping] = {}


def register(name: str, function: Grouping) -> None:
    """Declare a grouping under the name that pages show."""
    _groupings[name] = function


def names() -> list[str]:
    return list(_groupings)


def groups(name: str, keys: Sequence[str], on: date) -> dict[str, str]:
    """Key → group of every key, as of a day where the grouping knows days."""
    known = _groupings[name](keys, on)
    return {key: known.get(key) or OTHER for key in keys}


def in_frame(keys: Sequence[str], on: date) -> dict[str, str]:
    """规上 frame of the day: in it or not."""
    inside: set[str] = set()
    spells = FrameSpell.objects.filter(subject__kind=SubjectKind.ENTERPRISE, entered__lte=on).exclude(left__lte=on)
    for start in range(0, len(keys), 500):
        inside |= set(spells.filter(subject__key__in=keys[start : start + 500]).values_list("subject__key", flat=True))
    return {key: "在库" if key in inside else "不在库" for key in keys}
