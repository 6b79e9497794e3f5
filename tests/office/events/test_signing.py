"""Logins in the log: who came, who was refused, who was locked out; and never what a stranger typed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from wenmai.office.events.models import Event
from wenmai.office.events.services import verify_chain
from wenmai.office.people.models import Role, User
from wenmai.office.people.services import create_user

PASSWORD = "correct-horse-battery"


@pytest.fixture(autouse=True)
def editor(home: Any, db: None) -> User:
    return User.objects.create_user("editor", password=PASSWORD, role=Role.EDITOR)


def lines() -> list[tuple[str, str, str]]:
    return list(Event.objects.order_by("id").values_list("verb", "actor", "subject"))


def test_login_logout_and_password() -> None:
    client = Client()
    client.post("/login", {"username": "editor", "password": PASSWORD})
    new = {"old_password": PASSWORD, "new_password1": "another-horse-battery", "new_password2": "another-horse-battery"}
    assert client.post("/me", new).status_code == 302
    client.post("/logout")
    verbs = ("people.login.passed", "people.password.changed", "people.login.ended")
    assert lines() == [(v, "editor", "user:editor") for v in verbs]
    assert verify_chain() is None


def test_refused_logins_and_the_lock() -> None:
    """Five refusals and one lock; attempts while locked add nothing, so a stranger cannot fill the log."""
    client = Client()
    for _ in range(9):
        client.post("/login", {"username": "editor", "password": "wrong"})
    found = lines()
    assert found == [("people.login.failed", "未登录", "user:editor")] * 5 + [("people.login.locked", "未登录", "user:editor")]
    assert Event.objects.latest("id").payload["limit"] == "account+address"  # type: ignore[index]


def test_what_a_stranger_types_is_not_written() -> None:
    """A name nobody has may be a password typed into the wrong field: only a keyed mark of it is kept."""
    client = Client()
    typed = "hunter2-my-password"
    for _ in range(2):
        client.post("/login", {"username": typed, "password": "x"}, REMOTE_ADDR="198.51.100.23")
    client.post("/login", {"username": "other", "password": "x"}, REMOTE_ADDR="198.51.100.23")
    written = json.dumps(list(Event.objects.values("actor", "verb", "subject", "payload")), ensure_ascii=False)
    assert typed not in written and "198.51.100.23" not in written and "other" not in written
    subjects = [s for _, _, s in lines()]
    assert subjects[0] == subjects[1] != subjects[2] and all(s.startswith("user:?") for s in subjects)


def test_a_new_login_is_told() -> None:
    create_user("reader9", "reader")
    assert lines() == [("people.user.created", "命令行", "user:reader9")]
