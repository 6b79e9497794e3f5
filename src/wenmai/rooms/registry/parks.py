"""The office's table of park names (WENMAI_HOME/园区对照.csv), and what the register says about parks."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings
from django.db.models import Count

from wenmai.base.readers.text import detect_encoding
from wenmai.base.values import InputError
from wenmai.rooms.registry.methods.parks import Parks, Proposal, propose
from wenmai.rooms.registry.models import Enterprise

HEAD = ("园区", "别名")
_MOST = 1000  # names; beyond this the column holds something else than parks, and pairs would be too many to compare


def path() -> Path:
    """Where the office keeps its table; it may be missing."""
    return Path(settings.WENMAI_HOME) / "园区对照.csv"


def load() -> Parks:
    """The table as it stands; none is an empty one. Errors: InputError names the line."""
    file = path()
    if not file.exists() or not file.stat().st_size:
        return Parks()
    # Spreadsheets save csv as GB18030 or UTF-8, as they please.
    with file.open(encoding=detect_encoding(file), newline="") as stream:
        lines = [(number, cells) for number, cells in enumerate(csv.reader(stream), 1) if any(c.strip() for c in cells)]
    if lines and tuple(c.strip() for c in lines[0][1][:2]) == HEAD:
        lines = lines[1:]
    try:
        return Parks((number, cells[0], cells[1] if len(cells) > 1 else "") for number, cells in lines)
    except InputError as error:
        raise InputError(error.message, where=f"{file.name} {error.where}", remedy=error.remedy) from None


def counts() -> dict[str, int]:
    """Standing enterprises by the park's name as it is in the register."""
    found = Enterprise.objects.filter(current=True).exclude(park=None).values_list("park").annotate(n=Count("pk")).order_by("park")
    return {park: n for park, n in found if park}


def proposals(extra: Mapping[str, int] | None = None) -> list[Proposal]:
    """What may be one park among the register's names and `extra` ones (those of a batch)."""
    names = Counter(counts())
    names.update(extra or {})
    return propose(names, load()) if len(names) <= _MOST else []


def waiting() -> dict[str, str]:
    """Names in the register for which the table has another: name → park. `services.merge_parks` applies them."""
    parks = load()
    return {name: parks.name(name) for name in counts() if parks.name(name) != name}
