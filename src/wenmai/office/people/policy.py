"""Password policy beyond Django's own checks: not the person's name, none of the last few, and not older than allowed."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import MinimumLengthValidator
from django.core.exceptions import ValidationError
from django.utils import timezone

from wenmai.office.people.models import PastPassword, User

KEPT = 5
SHORTEST_NAME = 3


class LongEnough(MinimumLengthValidator):
    """Django's rule; its own message has no Chinese translation for this number form."""

    def get_error_message(self) -> str:
        return f"密码太短，至少 {self.min_length} 位"

    def get_help_text(self) -> str:
        return f"至少 {self.min_length} 位"


class NotTheName:
    """No login name, real name or organisation in the password, nor the password in one of them."""

    def validate(self, password: str, user: Any = None) -> None:
        said = password.lower()
        for name in _names(user):
            if name in said or said in name:
                raise ValidationError("密码不能包含账号名、姓名或单位名称", code="password_has_name")

    def get_help_text(self) -> str:
        return "不能包含账号名、姓名或单位名称"


def _names(user: Any) -> list[str]:
    if user is None:
        return []
    own = getattr(user, "organisation", None)
    found = (user.username, user.first_name, user.last_name, user.get_full_name(), own.name if own else "")
    return [n.lower() for n in found if len(n) >= SHORTEST_NAME]


class NotReused:
    """None of the last KEPT passwords; and the keeper of that history: Django calls `password_changed` after a save."""

    def validate(self, password: str, user: Any = None) -> None:
        if user is None or user.pk is None:
            return
        # What stands in the database, since the object may carry the new hash already.
        now = list(User.objects.filter(pk=user.pk).values_list("password", flat=True))
        past = list(PastPassword.objects.filter(user=user).order_by("-pk").values_list("password", flat=True)[:KEPT])
        if any(check_password(password, known) for known in dict.fromkeys([*now, *past])):
            raise ValidationError(f"不能与最近 {KEPT} 次用过的密码相同", code="password_reused")

    def password_changed(self, password: str, user: Any = None) -> None:
        if user is None or user.pk is None:
            return
        remember(user)

    def get_help_text(self) -> str:
        return f"不能与最近 {KEPT} 次用过的密码相同"


def remember(user: User) -> None:
    """Note the hash that stands now, and that it was set now."""
    PastPassword.objects.create(user=user, password=user.password)
    kept = PastPassword.objects.filter(user=user).order_by("-pk").values_list("pk", flat=True)[:KEPT]
    PastPassword.objects.filter(user=user).exclude(pk__in=list(kept)).delete()
    user.password_set_at = timezone.now()
    User.objects.filter(pk=user.pk).update(password_set_at=user.password_set_at)


def must_change(user: Any) -> str:
    """Why this person changes the password before anything else, or ""."""
    if user.must_change:
        return "这是一次性密码，请先更改"
    days = settings.PASSWORD_MAX_DAYS
    if days and (user.password_set_at or user.date_joined) < timezone.now() - dt.timedelta(days=days):
        return f"密码已用满 {days} 天，请更改"
    return ""
