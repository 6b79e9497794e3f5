"""What a room tells the shell about itself: its entries in the navigation, its addresses, where its jobs end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from wenmai.office.kit.answers import Provider
from wenmai.office.people.permissions import roles_of

# The order of the groups in the left navigation; only groups with an entry are shown.
GROUPS = (
    "总览", "名录", "分类", "园区", "项目", "非遗", "结构", "产业链", "政策", "金融", "权益", "人才", "协同", "评估", "汇报", "数据与设置",
)  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """One line of the navigation. `roles` None shows it to everybody; the page itself still checks."""

    group: str
    title: str
    url_name: str
    order: int = 50
    roles: frozenset[str] | None = None

    def shown_to(self, user: Any) -> bool:
        return self.roles is None or bool(self.roles & set(roles_of(user)))


@dataclass(frozen=True)
class Room:
    """A room as the shell sees it. `urls` is a dotted URL module; `job_pages` maps a kind of job to the address
    of its result (given the finished job), `job_returns` to the url name where one starts again when it failed. `event_titles` are what
    the log calls the room's actions."""

    label: str
    title: str
    urls: str
    entries: tuple[Entry, ...] = ()
    job_pages: Mapping[str, Callable[[Any], str]] = field(default_factory=dict)
    job_titles: Mapping[str, str] = field(default_factory=dict)
    job_returns: Mapping[str, str] = field(default_factory=dict)
    event_titles: Mapping[str, str] = field(default_factory=dict)
    # Number of one of the ten questions → what this room answers to it.
    answers: Mapping[int, Provider] = field(default_factory=dict)
