"""What a room tells the shell about itself: its entries in the navigation, its addresses, where its jobs end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

# The order of the groups in the left navigation; only groups with an entry are shown.
GROUPS = ("总览", "名录", "分类", "汇报", "数据与设置")


@dataclass(frozen=True)
class Entry:
    """One line of the navigation. `roles` None shows it to everybody; the page itself still checks."""

    group: str
    title: str
    url_name: str
    order: int = 50
    roles: frozenset[str] | None = None

    def shown_to(self, user: Any) -> bool:
        return self.roles is None or getattr(user, "role", None) in self.roles


@dataclass(frozen=True)
class Room:
    """A room as the shell sees it. `urls` is a dotted URL module; `job_pages` maps a kind of job to the address
    of its result (given the finished job)."""

    label: str
    title: str
    urls: str
    entries: tuple[Entry, ...] = ()
    job_pages: Mapping[str, Callable[[Any], str]] = field(default_factory=dict)
    job_titles: Mapping[str, str] = field(default_factory=dict)
