"""Which roles may take which kind of action. One function, one reason; rooms call it with their own action names."""

from __future__ import annotations

from typing import Any

from wenmai.office.people.models import Role

Verdict = tuple[bool, str]

WRITERS = frozenset({Role.ADMIN, Role.EDITOR})
DECIDERS = frozenset({Role.EDITOR, Role.REVIEWER})


def allow(user: Any, roles: frozenset[Role], action: str) -> Verdict:
    """(allowed, reason). `user` None means the command line, run by the machine's owner."""
    if user is None:
        return True, "命令行"
    if not getattr(user, "is_active", False) or not getattr(user, "is_authenticated", False):
        return False, f"请先登录再{action}"
    if user.role in roles:
        return True, user.get_role_display()
    names = "、".join(sorted(Role(r).label for r in roles))
    return False, f"{action}需要角色：{names}；当前角色：{user.get_role_display()}"
