"""Which roles may take which kind of action. One function, one reason; rooms call it with their own action names."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone

from wenmai.office.people.models import INSIDE, Assignment, Delegation, Organisation, OrgKind, Role

Verdict = tuple[bool, str]

WRITERS = frozenset({Role.ADMIN, Role.EDITOR})
DECIDERS = frozenset({Role.EDITOR, Role.REVIEWER})
# An auditor looks at what the others do: the role is held alone. An administrator gives access and does no business.
ACTING = frozenset({Role.EDITOR, Role.REVIEWER})


def conflict(roles: frozenset[str]) -> str | None:
    """Why a set of roles may not be held by one person, or None."""
    if Role.AUDITOR in roles and roles & (ACTING | {Role.ADMIN}):
        return "审计员不得兼任其他办理角色"
    return None


def roles_of(user: Any, on: date | None = None) -> dict[str, str]:
    """Role → how it is held on a day: the person's own, an assignment's, or another's on leave.

    A delegated role that may not be held together with an own one is not effective. Kept on the user object for the day.
    """
    day = on or timezone.localdate()
    kept: tuple[date, dict[str, str]] | None = getattr(user, "_wenmai_roles", None)
    if kept is not None and kept[0] == day:
        return kept[1]
    held: dict[str, str] = {user.role: "本人"}
    for role, name in _standing(Assignment.objects.filter(user=user), day).values_list("role", "organisation__name"):
        held.setdefault(role, name)
    own = frozenset(held)
    lent = _standing(Delegation.objects.filter(taker=user, revoked_at=None, giver__is_active=True), day).select_related("giver")
    for delegation in lent:
        if conflict(own | {delegation.role}) is None and _holds(delegation.giver, delegation.role, day):
            held.setdefault(delegation.role, f"受 {delegation.giver.username} 委托")
    user._wenmai_roles = (day, held)
    return held


def _standing(query: Any, day: date) -> Any:
    """Rows whose since ≤ day ≤ until (an open end counts)."""
    from django.db.models import Q

    return query.filter(since__lte=day).filter(Q(until=None) | Q(until__gte=day))


def _holds(user: Any, role: str, day: date) -> bool:
    """Whether a person holds a role of their own (a delegation cannot be passed on)."""
    return user.role == role or _standing(Assignment.objects.filter(user=user, role=role), day).exists()


def allow(user: Any, roles: frozenset[Role], action: str) -> Verdict:
    """(allowed, reason). `user` None means the command line, run by the machine's owner."""
    if user is None:
        return True, "命令行"
    if not getattr(user, "is_active", False) or not getattr(user, "is_authenticated", False):
        return False, f"请先登录再{action}"
    held = roles_of(user)
    for role, how in held.items():
        if role in roles:
            return True, f"{Role(role).label}（{how}）"
    names = "、".join(sorted(Role(r).label for r in roles))
    return False, f"{action}需要角色：{names}；当前角色：{'、'.join(Role(r).label for r in held)}"


def organisation_of(user: Any) -> Organisation | None:
    return getattr(user, "organisation", None)


def inside(user: Any) -> Verdict:
    """Whether a person may use the office site at all: banks, firms, colleges, operators and associations may not."""
    if user is None:
        return True, "命令行"
    own = organisation_of(user)
    if own is None or own.kind in INSIDE:
        return True, "办内"
    return False, f"{OrgKind(own.kind).label}账号请使用对外服务站点登录"


def outside(user: Any) -> Verdict:
    """Whether a person may use the outside site: people of outside organisations that are still active."""
    own = organisation_of(user)
    if own is None or own.kind in INSIDE:
        return False, "办内账号不在对外服务站点登录"
    if not own.active:
        return False, f"“{own.name}”已停用，请联系区文创办"
    return True, OrgKind(own.kind).label
