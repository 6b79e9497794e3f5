"""Making logins, and changing what a login is: its role, whether it is in use, its password."""

from __future__ import annotations

import secrets
from typing import Any

from django.db import transaction

from wenmai.base.values import InputError, Refused
from wenmai.office.people import factors, policy, signals
from wenmai.office.people.models import INSIDE, Assignment, Delegation, Role, User
from wenmai.office.people.organisations import may_manage
from wenmai.office.people.permissions import conflict, roles_of


def create_user(name: str, role: str, demo: bool = False, actor: Any = None) -> tuple[User, str]:
    """A new login with a random password, which is returned once, kept only as a hash, and changed at the first login."""
    _require(actor)
    if role not in Role.values:
        raise InputError(f"没有角色“{role}”", remedy="可选：" + "、".join(Role.values))
    name = name.strip()
    if not name or len(name) > 150 or any(c.isspace() for c in name):
        raise InputError("账号名为空、过长或含空格")
    if User.objects.filter(username=name).exists():
        raise InputError(f"账号 {name} 已存在")
    password = secrets.token_urlsafe(12)
    with transaction.atomic():
        user = User.objects.create_user(name, password=password, role=role, is_demo=demo, must_change=not demo)
        policy.remember(user)
        signals.user_created.send(sender=User, user=user, actor=actor)
    return user, password


def _require(actor: Any) -> None:
    allowed, reason = may_manage(actor)
    if not allowed:
        raise Refused(reason)


def _not_oneself(user: User, actor: Any) -> None:
    if actor is not None and actor.pk == user.pk:
        raise Refused("不能改自己的账号", remedy="请由另一位系统管理员办理")


def _tell(verb: str, user: User, payload: dict[str, Any], actor: Any) -> None:
    signals.access_changed.send(sender=User, verb=verb, subject=f"user:{user.username}", payload=payload, actor=actor)


def _keeps_an_administrator(user: User) -> None:
    """Somebody must remain who can give access."""
    others = User.objects.filter(role=Role.ADMIN, is_active=True).exclude(pk=user.pk)
    if user.role == Role.ADMIN and user.is_active and not others.exists():
        raise Refused("这是最后一位系统管理员", remedy="请先另设一位系统管理员")


def set_role(user: User, role: str, actor: Any = None) -> User:
    """Change the role that a person holds in their own right."""
    _require(actor)
    _not_oneself(user, actor)
    if role not in Role.values:
        raise InputError(f"没有角色“{role}”", remedy="可选：" + "、".join(Role.values))
    own = user.organisation
    if own is not None and own.kind not in INSIDE and role != Role.READER:
        raise Refused(f"{own.get_kind_display()}的账号不能有办内角色")
    others = {r for r, how in roles_of(user).items() if how != "本人"}
    clash = conflict(frozenset({role, *others}))
    if clash:
        raise Refused(clash, remedy="请先结束与之冲突的任职或委托")
    with transaction.atomic():
        if role != Role.ADMIN:
            _keeps_an_administrator(user)
        was, user.role = user.role, role
        user.save(update_fields=["role"])
        _tell("people.role.changed", user, {"from": was, "to": role}, actor)
    if hasattr(user, "_wenmai_roles"):
        del user._wenmai_roles
    return user


def set_enabled(user: User, enabled: bool, actor: Any = None) -> User:
    """Take a login out of use, or back. Out of use it ends at once in every browser; what it lent is not effective."""
    _require(actor)
    _not_oneself(user, actor)
    with transaction.atomic():
        if not enabled:
            _keeps_an_administrator(user)
        user.is_active = enabled
        user.save(update_fields=["is_active"])
        _tell("people.user.enabled" if enabled else "people.user.disabled", user, {}, actor)
    return user


def reset_password(user: User, actor: Any = None) -> str:
    """A new one-time password, returned once; every browser is logged out, the second factor stays."""
    _require(actor)
    _not_oneself(user, actor)
    password = secrets.token_urlsafe(12)
    with transaction.atomic():
        user.set_password(password)
        user.must_change = True
        user.save(update_fields=["password", "must_change"])
        _tell("people.password.reset", user, {}, actor)
    return password


def remove_factor(user: User, actor: Any = None) -> None:
    """For somebody who lost the device: the next login needs the password only."""
    _require(actor)
    _not_oneself(user, actor)
    factors.remove(user, actor)


def standing_of(user: User) -> dict[str, Any]:
    """Assignments and delegations of a person, newest first, for pages."""
    return {
        "assignments": Assignment.objects.filter(user=user).select_related("organisation").order_by("-since", "-pk"),
        "lent": Delegation.objects.filter(giver=user).select_related("taker").order_by("-pk")[:50],
        "borrowed": Delegation.objects.filter(taker=user).select_related("giver").order_by("-pk")[:50],
    }
