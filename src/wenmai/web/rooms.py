"""Finding the rooms: every installed app of the house that has a room.py tells the shell of itself."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps

from wenmai.office.kit.rooms import Entry, Room
from wenmai.office.people.models import Role

SHELL_ENTRIES = (
    Entry("总览", "总览", "dashboard", 10),
    Entry("总览", "十问", "ten", 12),
    Entry("总览", "对比", "compare", 20),
    Entry("总览", "街道图", "map", 22),
    Entry("总览", "我的视图", "saved", 30),
    Entry("汇报", "数字", "figures", 10),
    Entry("数据与设置", "后台任务", "jobs", 10),
    Entry("数据与设置", "操作日志", "events", 20, frozenset({Role.ADMIN.value, Role.AUDITOR.value})),
    Entry("数据与设置", "我的账号", "profile", 30),
    Entry("数据与设置", "委托", "delegations", 40),
    Entry("数据与设置", "授权", "consents", 50, frozenset({Role.ADMIN.value, Role.EDITOR.value, Role.AUDITOR.value})),
    Entry("数据与设置", "单位", "organisations", 60, frozenset({Role.ADMIN.value, Role.AUDITOR.value})),
    Entry("数据与设置", "接口令牌", "tokens", 80, frozenset({Role.ADMIN.value, Role.AUDITOR.value})),
    Entry("数据与设置", "账号", "accounts", 70, frozenset({Role.ADMIN.value, Role.AUDITOR.value})),
)


@lru_cache(maxsize=1)
def rooms() -> tuple[Room, ...]:
    """The rooms that exist, in the order of INSTALLED_APPS."""
    found = []
    for config in apps.get_app_configs():
        if config.name.startswith(("wenmai.office.", "wenmai.rooms.")) and find_spec(f"{config.name}.room"):
            found.append(import_module(f"{config.name}.room").room)
    return tuple(found)


def entries() -> list[Entry]:
    """All lines of the navigation, the shell's and the rooms'."""
    return [*SHELL_ENTRIES, *(e for r in rooms() for e in r.entries)]
