"""Figures kept beside the snapshots: computed once when a snapshot is published, read from a file by every process.

A file is named by snapshot, digest and program: a snapshot never changes, but another program may count differently.
"""

from __future__ import annotations

import hashlib
import json
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

import wenmai
from wenmai.office.figures import queries as figure_queries
from wenmai.office.figures.models import Snapshot
from wenmai.office.figures.typed import Figure

KEEP_FILES = 40
_memory: dict[Path, dict[str, Figure]] = {}


@lru_cache(maxsize=1)
def program() -> str:
    """A digest of the program's own source."""
    digest = hashlib.sha256()
    for path in sorted(Path(wenmai.__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def path_of(snapshot: Snapshot) -> Path:
    return Path(settings.WENMAI_HOME) / "cache" / "figures" / f"{snapshot.pk:06d}-{snapshot.digest[:16]}-{program()}.json"


def stored(snapshot: Snapshot) -> dict[str, Figure] | None:
    """The figures as they were kept; None when they were not, or the file is broken."""
    path = path_of(snapshot)
    if path not in _memory:
        try:
            found = {d["id"]: Figure(**d) for d in json.loads(path.read_text(encoding="utf-8"))}
        except (OSError, ValueError, TypeError, KeyError):
            return None
        if len(_memory) > 8:
            _memory.clear()
        _memory[path] = found
        figure_queries.prime(snapshot, found)
    return _memory[path]


def _keep(path: Path, found: dict[str, Figure]) -> None:
    try:
        text = json.dumps([f.as_dict() for f in found.values()], ensure_ascii=False)
    except TypeError:  # a figure carries what JSON cannot give back unchanged: count again next time
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}.part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)
    for old in sorted(path.parent.glob("*.json"), key=lambda p: p.stat().st_mtime)[:-KEEP_FILES]:
        old.unlink(missing_ok=True)


def figures(snapshot: Snapshot) -> dict[str, Figure]:
    """All figures of a snapshot, from memory, file, or counted now and kept."""
    found = stored(snapshot)
    if found is None:
        found = figure_queries.figures(snapshot)
        _keep(path_of(snapshot), found)
    return dict(found)


def follow(event: Any) -> None:
    """Handler of a published snapshot: count before the first reader asks."""
    snapshot = Snapshot.objects.filter(pk=int(event.subject.partition(":")[2]), complete=True).first()
    if snapshot is not None:
        figures(snapshot)
