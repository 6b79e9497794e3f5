"""Answers to the ten questions a leader asks: what a room hands to the page. A value never travels without its scope, its
day or period, who provided it and whether it may be published; what is unknown says how it can be filled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Asked:
    """Who asks, on which day, of which snapshot and district ("" while the site has not named it)."""

    user: Any
    today: date
    snapshot: Any = None
    district: str = ""


@dataclass(frozen=True)
class Value:
    """One value as printed, with what qualifies it; `href` leads to its rows or to the page that explains it."""

    title: str
    text: str
    unit: str = ""
    lane: str = ""
    scope: str = ""
    when: str = ""
    provider: str = ""
    mark: str = ""
    href: str = ""
    note: str = ""


@dataclass(frozen=True)
class Cell:
    text: str
    href: str = ""
    numeric: bool = False


@dataclass(frozen=True)
class Grid:
    """A table of an answer. `more` leads to the list that it is the beginning of; `about` says source, scope and day."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    about: str = ""
    more: str = ""

    @property
    def columns(self) -> list[tuple[str, bool]]:
        """(head, whether its cells are numbers)."""
        first = self.rows[0] if self.rows else ()
        return [(head, at < len(first) and first[at].numeric) for at, head in enumerate(self.heads)]


@dataclass(frozen=True)
class Gap:
    """Something that is not known, and what to do about it."""

    what: str
    remedy: str
    href: str = ""


@dataclass
class Answer:
    """What one provider knows of a question. `said` is its sentence, "" when it has none."""

    said: str = ""
    values: list[Value] = field(default_factory=list)
    grids: list[Grid] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)

    def add(self, other: Answer) -> None:
        self.said = "；".join(t for t in (self.said, other.said) if t)
        self.values += other.values
        self.grids += other.grids
        self.gaps += other.gaps


# A room names its providers in its Room by the question's number (1–10).
Provider = Callable[[Asked], Answer]
