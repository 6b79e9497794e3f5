"""Logins in the log of actions. A name is written only when such a user exists: what was typed into the name field may
be a password. Strangers' names and addresses are kept as a mark under the site's own key: equal marks are equal names,
and nothing can be read back from one."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import transaction
from django.utils.crypto import salted_hmac

from wenmai.office.events import services as events
from wenmai.office.people import signals
from wenmai.office.people.client import client_address

STRANGER = "未登录"


def mark(text: str) -> str:
    """A short keyed hash of a name or an address."""
    return salted_hmac("wenmai.events", text, algorithm="sha256").hexdigest()[:12]


def _subject(name: str) -> str:
    known = get_user_model().objects.filter(username=name).exists()
    return f"user:{name}" if known else f"user:?{mark(name)}"


def _origin(request: Any) -> dict[str, Any]:
    return {"from": mark(client_address(request))} if request is not None else {}


def _record(verb: str, subject: str, payload: dict[str, Any], actor: Any) -> None:
    with transaction.atomic():
        events.record(verb, subject, payload, actor)


def logged_in(sender: Any, request: Any, user: Any, **_: Any) -> None:
    _record("people.login.passed", f"user:{user.username}", _origin(request), user)


def logged_out(sender: Any, request: Any, user: Any, **_: Any) -> None:
    if user is not None:  # an expired session has nobody to name
        _record("people.login.ended", f"user:{user.username}", _origin(request), user)


def login_failed(sender: Any, credentials: dict[str, Any], request: Any = None, **_: Any) -> None:
    _record("people.login.failed", _subject(str(credentials.get("username", ""))), _origin(request), STRANGER)


def login_locked(sender: Any, name: str, request: Any, limit: str, **_: Any) -> None:
    _record("people.login.locked", _subject(name), {**_origin(request), "limit": limit}, STRANGER)


def password_changed(sender: Any, user: Any, **_: Any) -> None:
    _record("people.password.changed", f"user:{user.username}", {}, user)


def user_created(sender: Any, user: Any, actor: Any, **_: Any) -> None:
    _record("people.user.created", f"user:{user.username}", {"role": user.role, "demo": user.is_demo}, actor)


def access_changed(sender: Any, verb: str, subject: str, payload: dict[str, Any], actor: Any, **_: Any) -> None:
    """Organisations, roles, delegations, consents, accounts: whoever changed them, in the transaction of the change."""
    _record(verb, subject, payload, actor)


def listen() -> None:
    """Connect once (from AppConfig.ready)."""
    for signal, handler in (
        (user_logged_in, logged_in), (user_logged_out, logged_out), (user_login_failed, login_failed),
        (signals.login_locked, login_locked), (signals.password_changed, password_changed), (signals.user_created, user_created),
        (signals.access_changed, access_changed),
    ):  # fmt: skip
        signal.connect(handler, dispatch_uid=f"wenmai.events.{handler.__name__}")
