"""Making logins."""

from __future__ import annotations

import secrets
from typing import Any

from django.db import transaction

from wenmai.base.values import InputError
from wenmai.office.people import signals
from wenmai.office.people.models import Role, User


def create_user(name: str, role: str, demo: bool = False, actor: Any = None) -> tuple[User, str]:
    """A new login with a random password, which is returned once and kept only as a hash."""
    if role not in Role.values:
        raise InputError(f"没有角色“{role}”", remedy="可选：" + "、".join(Role.values))
    name = name.strip()
    if not name or len(name) > 150 or any(c.isspace() for c in name):
        raise InputError("账号名为空、过长或含空格")
    if User.objects.filter(username=name).exists():
        raise InputError(f"账号 {name} 已存在")
    password = secrets.token_urlsafe(12)
    with transaction.atomic():
        user = User.objects.create_user(name, password=password, role=role, is_demo=demo)
        signals.user_created.send(sender=User, user=user, actor=actor)
    return user, password
