"""Every ledger as data: its table, fields of the form, columns, filters, whose rows, what identifies a row in a file. Pages,
forms, imports, exports and the history are built from this, so a ledger is added by one entry."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from wenmai.office.kit.lists import Column, Filter
from wenmai.rooms.records import permissions
from wenmai.rooms.records.models.base import Record
from wenmai.rooms.records.scope import Cut

Columns = Callable[[Any, date], Sequence[Column]]


@dataclass(frozen=True)
class Kind:
    """One ledger. `columns(user, day)` because some are worked out for a day; `order` is the sort when none is asked;
    `natural` are the fields that tell a row of a file from another; `parents` fields that the address may preset."""

    slug: str
    title: str
    model: type[Record]
    fields: tuple[str, ...]
    columns: Columns
    cut: Cut
    label: Callable[[Any], str]
    filters: tuple[Filter, ...] = ()
    related: tuple[str, ...] = ()
    prefetch: tuple[str, ...] = ()
    annotate: Callable[[Any, date], Any] | None = None
    order: str = ""
    parents: tuple[str, ...] = ()
    natural: tuple[str, ...] = ()
    may: Callable[[Any], tuple[bool, str]] = permissions.may_keep
    page: Callable[[Any], str] | None = None
    back: Callable[[Any], str] | None = None
    hint: str = ""
    titles: dict[str, str] = field(default_factory=dict)
    # Titles of columns that only order the list or draw a bar; they are not exported.
    page_only: frozenset[str] = frozenset()

    def title_of(self, name: str) -> str:
        """A field as people call it."""
        column: Any = self.model._meta.get_field(name)
        return self.titles.get(name) or str(column.verbose_name)


@lru_cache(maxsize=1)
def kinds() -> dict[str, Kind]:
    """All ledgers, in the order of the index."""
    from wenmai.rooms.records import kinds_firms, kinds_space, kinds_works

    return {k.slug: k for k in (*kinds_space.KINDS, *kinds_works.KINDS, *kinds_firms.KINDS)}


@lru_cache(maxsize=1)
def _by_model() -> dict[type[Record], Kind]:
    return {k.model: k for k in kinds().values()}


def kind_of(record: Record) -> Kind:
    return _by_model()[type(record)]
