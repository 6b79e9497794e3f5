"""Failed logins: five from one address lock the account there, twenty from anywhere lock it, a hundred lock an address."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.test import Client

from wenmai.office.people import throttle
from wenmai.office.people.client import networks
from wenmai.office.people.models import Role, User

PASSWORD = "correct-horse-battery"
RIGHT = {"username": "editor", "password": PASSWORD}
WRONG = {"username": "editor", "password": "wrong"}


@pytest.fixture(autouse=True)
def editor(home: Any, db: None, settings: Any) -> User:
    # The slow hash of passwords is not what is tested here.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return User.objects.create_user("editor", password=PASSWORD, role=Role.EDITOR)


def locked(answer: Any) -> bool:
    return "已锁定 10 分钟" in answer.content.decode()


def test_five_failures_lock_the_account_at_this_address() -> None:
    """The sixth attempt is refused even with the right password; another address is not affected."""
    client = Client()
    for _ in range(5):
        assert not locked(client.post("/login", WRONG))
    assert locked(client.post("/login", RIGHT))
    assert locked(client.post("/login", {**RIGHT, "username": " EDITOR "}))
    assert client.post("/login", RIGHT, REMOTE_ADDR="192.0.2.9").status_code == 302


def test_twenty_failures_from_anywhere_lock_the_account() -> None:
    client = Client()
    for number in range(20):
        assert not locked(client.post("/login", WRONG, REMOTE_ADDR=f"192.0.2.{number // 4}"))
    assert locked(client.post("/login", RIGHT, REMOTE_ADDR="192.0.2.200"))


def test_a_hundred_failures_lock_the_address() -> None:
    client = Client()
    for number in range(100):
        assert not locked(client.post("/login", {"username": f"guess{number}", "password": "x"}))
    assert locked(client.post("/login", RIGHT))
    assert client.post("/login", RIGHT, REMOTE_ADDR="192.0.2.9").status_code == 302


def test_a_forged_header_does_not_open_the_lock(settings: Any) -> None:
    """Without a trusted proxy the header is not an address; behind one, each client has its own count."""
    client = Client()
    for number in range(5):
        client.post("/login", WRONG, headers={"X-Forwarded-For": f"192.0.2.{number}"})
    assert locked(client.post("/login", RIGHT, headers={"X-Forwarded-For": "192.0.2.77"}))
    settings.TRUSTED_PROXIES = networks("127.0.0.1")
    assert client.post("/login", RIGHT, headers={"X-Forwarded-For": "192.0.2.77"}).status_code == 302


def test_failures_are_forgotten_after_success_and_after_ten_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client()
    for _ in range(2):
        for _ in range(4):
            client.post("/login", WRONG)
        assert client.post("/login", RIGHT).status_code == 302
        client.logout()
    for _ in range(5):
        client.post("/login", WRONG)
    assert locked(client.post("/login", RIGHT))
    now = throttle.time.time()
    monkeypatch.setattr(throttle.time, "time", lambda: now + throttle.LOCKED_SECONDS + 1)
    assert client.post("/login", RIGHT).status_code == 302


def test_parallel_attempts_do_not_slip_through() -> None:
    """Of 40 attempts at once, five are let through to the password."""
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda _: throttle.attempt("editor", "192.0.2.1"), range(40)))
    assert found.count("") == 5


def test_outside_organisations_do_not_log_in_here(editor: User) -> None:
    """The password is right, the door is not: told where to go, and written down as a refusal."""
    from wenmai.office.events.models import Event
    from wenmai.office.people.models import Organisation, OrgKind

    editor.organisation = Organisation.objects.create(name="示例银行", kind=OrgKind.FINANCE)
    editor.save()
    answer = Client().post("/login", RIGHT)
    assert "对外服务站点" in answer.content.decode() and "_auth_user_id" not in answer.wsgi_request.session
    assert list(Event.objects.values_list("verb", "subject")) == [("people.login.failed", "user:editor")]
