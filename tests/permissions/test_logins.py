"""How long a login holds, what a password must be, the second factor. Time is moved by hand; nothing waits."""

from __future__ import annotations

import datetime as dt
import itertools
import re
import time
from pathlib import Path
from typing import Any

import pyotp
import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from wenmai.base.values import InputError, Refused
from wenmai.office.events.models import Event
from wenmai.office.people import factors, policy, services, sessions, throttle
from wenmai.office.people.models import PastPassword, RecoveryCode, Role, SecondFactor, User

pytestmark = pytest.mark.django_db
PASSWORD = "correct-horse-battery"


@pytest.fixture(autouse=True)
def _quick(home: Path, settings: Any) -> None:
    """A fast hasher: these tests set many passwords."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()


@pytest.fixture
def person() -> User:
    return User.objects.create_user("worker", password=PASSWORD, role=Role.EDITOR)


@pytest.fixture
def admin() -> User:
    return User.objects.create_user("boss", password=PASSWORD, role=Role.ADMIN)


class Clock:
    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of the sessions only."""
    made = Clock()
    monkeypatch.setattr(sessions.time, "time", made)
    return made


def log_in(person: User, password: str = PASSWORD) -> Client:
    browser = Client()
    answer = browser.post("/login", {"username": person.username, "password": password})
    assert answer.status_code == 302, answer.content.decode()
    return browser


def test_a_login_ends_when_idle_and_when_old(person: User, clock: Clock, settings: Any) -> None:
    browser = log_in(person)
    for _ in range(23):  # pages every half hour less a minute keep it until the longest time is over
        clock.now += settings.SESSION_IDLE - 60
        assert browser.get("/me").status_code == 200
    clock.now += settings.SESSION_LONGEST - 23 * (settings.SESSION_IDLE - 60)
    answer = browser.get("/me")
    assert answer.status_code == 302 and answer.headers["Location"] == "/login?next=%2Fme"
    assert "最长时限" in browser.get("/login").content.decode()
    browser = log_in(person)
    clock.now += settings.SESSION_IDLE
    assert browser.get("/me").status_code == 302
    assert "30 分钟没有操作" in browser.get("/login").content.decode()
    assert (settings.SESSION_IDLE, settings.SESSION_LONGEST) == (1800, 12 * 3600)


def test_a_progress_bar_does_not_keep_a_login_alive(person: User, clock: Clock, settings: Any) -> None:
    from wenmai.office.jobs import services as jobs

    job = jobs.enqueue("classification.run", {}, person)
    browser = log_in(person)
    for _ in range(5):
        clock.now += settings.SESSION_IDLE / 5
        last = browser.get(f"/jobs/{job.pk}/", headers={"accept": "application/json"})
    assert last.status_code == 401


def test_grave_actions_ask_for_the_password_again(person: User, clock: Clock) -> None:
    """requires_recent_login is what the rooms put on actions with money; here on a view of its own."""
    browser = log_in(person)
    view = sessions.requires_recent_login(10)(lambda request: HttpResponse("paid"))
    request = RequestFactory().get("/pay?x=1")
    request.session = browser.session
    assert view(request).content == b"paid" and sessions.recent_login(request, 10)
    clock.now += 600
    assert not sessions.recent_login(request, 10)
    assert view(request).headers["Location"] == "/me/confirm?next=%2Fpay%3Fx%3D1"
    assert browser.get("/me/factor").headers["Location"] == "/me/confirm?next=%2Fme%2Ffactor"
    wrong = browser.post("/me/confirm", {"password": "no", "next": "/me/factor"})
    assert "密码不对" in wrong.content.decode() and browser.get("/me/factor").status_code == 302
    right = browser.post("/me/confirm", {"password": PASSWORD, "next": "/me/factor"})
    assert right.headers["Location"] == "/me/factor" and browser.get("/me/factor").status_code == 200
    assert browser.post("/me/confirm", {"password": PASSWORD, "next": "https://elsewhere.example/"}).headers["Location"] == "/"


def test_guessing_at_the_confirmation_locks(person: User) -> None:
    browser = log_in(person)
    pages = [browser.post("/me/confirm", {"password": f"guess-{n}"}).content.decode() for n in range(6)]
    assert "密码不对" in pages[4] and "已锁定" in pages[5]
    assert "已锁定" in browser.post("/me/confirm", {"password": PASSWORD}).content.decode()


@pytest.mark.parametrize(("password", "why"), [
    ("short-9ch", "10"), ("password1234", "常见"), ("12345678901234", "数字"), ("xx-worker-2026", "账号名"), (PASSWORD, "最近 5 次"),
])  # fmt: skip
def test_password_policy(person: User, password: str, why: str) -> None:
    browser = log_in(person)
    page = browser.post("/me", {"old_password": PASSWORD, "new_password1": password, "new_password2": password}).content.decode()
    assert why in re.sub(r"(?s)<p class=\"hint\">.*?</p>", "", page)
    person.refresh_from_db()
    assert person.check_password(PASSWORD)


def test_the_last_five_passwords_are_refused_and_no_more(person: User) -> None:
    browser = log_in(person)
    series = [PASSWORD, *(f"quite-another-{n}" for n in range(6))]
    for old, new in itertools.pairwise(series):
        assert browser.post("/me", {"old_password": old, "new_password1": new, "new_password2": new}).status_code == 302
    assert PastPassword.objects.filter(user=person).count() == policy.KEPT
    person.refresh_from_db()
    for used in series[-5:]:
        with pytest.raises(Exception, match="最近 5 次"):
            policy.NotReused().validate(used, person)
    policy.NotReused().validate(series[0], person)
    assert PASSWORD not in "".join(PastPassword.objects.values_list("password", flat=True))


def test_a_one_time_password_is_changed_first(admin: User) -> None:
    user, password = services.create_user("fresh", Role.READER, actor=admin)
    browser = log_in(user, password)
    for address in ("/", "/enterprises/", "/jobs/"):
        assert browser.get(address).headers["Location"] == "/me"
    assert "最近 5 次" in browser.post("/me", {"old_password": password, "new_password1": password, "new_password2": password}).content.decode()
    changed = browser.post("/me", {"old_password": password, "new_password1": PASSWORD, "new_password2": PASSWORD})
    assert changed.status_code == 302 and browser.get("/jobs/").status_code == 200
    again = services.reset_password(user, admin)
    assert browser.get("/jobs/").status_code == 302  # every browser is out
    assert log_in(user, again).get("/jobs/").headers["Location"] == "/me"


def test_a_password_may_have_an_age(person: User, settings: Any) -> None:
    browser = log_in(person)
    User.objects.filter(pk=person.pk).update(password_set_at=timezone.now() - dt.timedelta(days=91))
    assert browser.get("/jobs/").status_code == 200
    settings.PASSWORD_MAX_DAYS = 90
    assert browser.get("/jobs/").headers["Location"] == "/me"


def with_factor(person: User) -> tuple[str, list[str]]:
    """(secret, recovery codes) of a second factor in force since a minute ago."""
    factor = factors.begin(person)
    secret = factors.plain(factor).replace(" ", "")
    codes = factors.confirm(person, pyotp.TOTP(secret).at(time.time() - 60), time.time() - 60)
    return secret, codes


def test_the_code_is_that_of_the_standard(person: User) -> None:
    """RFC 6238, appendix B: the secret of twenty ASCII digits gives 94287082 at 59 s; six digits of it are its end."""
    import base64

    secret = base64.b32encode(b"12345678901234567890").decode()
    SecondFactor.objects.create(user=person, secret=factors._box().encrypt(secret.encode()).decode(), confirmed_at=timezone.now())
    assert not factors.passes(person, "287083", 59)
    assert factors.passes(person, "287082", 59)
    assert not factors.passes(person, "287082", 59)  # once only


def test_login_with_a_second_factor(person: User) -> None:
    secret, _ = with_factor(person)
    browser = Client()
    first = browser.post("/login?next=/jobs/", {"username": "worker", "password": PASSWORD, "next": "/jobs/"})
    assert first.headers["Location"] == "/login/code"
    assert browser.get("/jobs/").status_code == 302  # the password alone opens nothing
    assert "不对或已用过" in browser.post("/login/code", {"code": "000000"}).content.decode()
    code = pyotp.TOTP(secret).now()
    assert browser.post("/login/code", {"code": code}).headers["Location"] == "/jobs/"
    assert browser.get("/jobs/").status_code == 200
    other = Client()
    other.post("/login", {"username": "worker", "password": PASSWORD})
    assert "不对或已用过" in other.post("/login/code", {"code": code}).content.decode()
    assert Event.objects.filter(verb="people.login.failed", subject="user:worker").count() == 2


def test_guessing_codes_locks_and_a_right_password_does_not_unlock(person: User) -> None:
    secret, _ = with_factor(person)
    for _ in range(5):
        browser = Client()
        browser.post("/login", {"username": "worker", "password": PASSWORD})
        browser.post("/login/code", {"code": "000000"})
    browser = Client()
    browser.post("/login", {"username": "worker", "password": PASSWORD})
    assert "已锁定" in browser.post("/login/code", {"code": pyotp.TOTP(secret).now()}).content.decode()
    assert throttle.locked("worker\ncode", "127.0.0.1") == "account+address"


def test_the_first_step_holds_five_minutes(person: User, monkeypatch: pytest.MonkeyPatch) -> None:
    from wenmai.office.people import views

    secret, _ = with_factor(person)
    browser = Client()
    browser.post("/login", {"username": "worker", "password": PASSWORD})
    now = time.time()
    monkeypatch.setattr(views.time, "time", lambda: now + views.PENDING_SECONDS)
    assert browser.post("/login/code", {"code": pyotp.TOTP(secret).at(now + views.PENDING_SECONDS)}).headers["Location"] == "/login"


def test_recovery_codes_work_once_and_are_not_stored(person: User) -> None:
    _, codes = with_factor(person)
    assert len(set(codes)) == factors.CODES
    assert not any(c.replace("-", "") in d for c in codes for d in RecoveryCode.objects.values_list("digest", flat=True))
    assert factors.passes(person, codes[0].upper()) and not factors.passes(person, codes[0])
    other = User.objects.create_user("other", password=PASSWORD)
    with_factor(other)
    assert not factors.passes(other, codes[1])


def test_the_secret_is_not_in_the_database(person: User, settings: Any) -> None:
    secret, _ = with_factor(person)
    assert secret not in SecondFactor.objects.get().secret
    settings.SECRET_KEY = "another"
    with pytest.raises(Refused, match="站点密钥"):
        factors.passes(person, "123456")


def test_setting_up_in_the_browser(person: User) -> None:
    browser = log_in(person)
    page = browser.get("/me/factor").content.decode()
    secret = re.search(r"密钥：<span class=\"code\">([A-Z2-7 ]+)<", page).group(1).replace(" ", "")  # type: ignore[union-attr]
    assert "<svg" in page and factors.active(person) is None
    assert "动态口令不对" in browser.post("/me/factor", {"code": "000000"}).content.decode()
    done = browser.post("/me/factor", {"code": pyotp.TOTP(secret).now()}).content.decode()
    assert "恢复码只显示这一次" in done and factors.active(person) is not None
    assert secret not in browser.get("/me/factor").content.decode()
    browser.post("/me/factor/off")
    assert factors.active(person) is None and RecoveryCode.objects.count() == 0
    verbs = list(Event.objects.filter(verb__startswith="people.factor").order_by("pk").values_list("verb", flat=True))
    assert verbs == ["people.factor.enabled", "people.factor.removed"]


def test_administrators_and_their_limits(person: User, admin: User) -> None:
    for act in (lambda: services.set_role(admin, Role.READER, admin), lambda: services.set_enabled(admin, False, admin),
                lambda: services.reset_password(admin, admin), lambda: services.set_role(person, Role.ADMIN, person)):  # fmt: skip
        with pytest.raises(Refused):
            act()
    with pytest.raises(Refused, match="最后一位"):
        services.set_enabled(admin, False)
    with pytest.raises(InputError):
        services.set_role(person, "owner", admin)
    browser = log_in(person)
    services.set_enabled(person, False, admin)
    assert browser.get("/jobs/").status_code == 302
    seen = Event.objects.filter(verb="people.user.disabled").values_list("actor", "subject").get()
    assert seen == ("boss", "user:worker")


def test_what_changes_access_is_in_the_log(admin: User, person: User) -> None:
    """Each verb of access leaves one event with who did it to whom; no password is in any."""
    from wenmai.office.people import organisations as o
    from wenmai.office.people.models import OrgKind

    today = timezone.localdate()
    office = o.add_organisation("文创办", OrgKind.OFFICE, actor=admin)
    o.place(person, office, admin)
    made = o.assign(person, Role.REVIEWER, office, today, actor=admin)
    o.end_assignment(made.pk, today, admin)
    taker = User.objects.create_user("taker")
    lent = o.delegate(person, taker, Role.EDITOR, today, today, actor=person)
    o.revoke(lent.pk, admin)
    services.set_role(person, Role.READER, admin)
    password = services.reset_password(person, admin)
    found = list(Event.objects.filter(verb__startswith="people.").order_by("pk").values_list("verb", "actor", "subject"))
    assert found == [
        ("people.organisation.added", "boss", f"organisation:{office.pk}"), ("people.user.placed", "boss", "user:worker"),
        ("people.role.assigned", "boss", "user:worker"), ("people.role.ended", "boss", "user:worker"),
        ("people.role.delegated", "worker", "user:worker"), ("people.role.revoked", "boss", "user:worker"),
        ("people.role.changed", "boss", "user:worker"), ("people.password.reset", "boss", "user:worker"),
    ]  # fmt: skip
    assert password not in str(list(Event.objects.values_list("payload", flat=True)))
