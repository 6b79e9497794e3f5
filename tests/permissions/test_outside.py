"""The outside site: every address × every visitor, whose rows come back; and that nothing from there writes a record."""

from __future__ import annotations

import datetime as dt
import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import get_resolver

from wenmai.base.values import Refused
from wenmai.office.events.models import Event
from wenmai.office.people import organisations
from wenmai.office.people.models import Consent
from wenmai.rooms.portal import services
from wenmai.rooms.portal.models import InboxItem, Publication


def _sibling(name: str) -> Any:
    key = f"permissions_{name}"
    if key not in sys.modules:
        spec = importlib.util.spec_from_file_location(key, Path(__file__).with_name(f"{name}.py"))
        assert spec and spec.loader
        sys.modules[key] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[key])
    return sys.modules[key]


table, world = _sibling("table"), _sibling("world")
pytestmark = pytest.mark.django_db


@pytest.fixture
def here(home: Path, db: None, tmp_path: Path, outside_site: None) -> Any:
    cache.clear()
    return world.build(tmp_path)


def client(here: Any, visitor: str) -> Client:
    made = Client()
    if visitor != "anonymous":
        made.force_login(here.people[visitor])
    return made


def names() -> dict[str, str]:
    return table.access._names(get_resolver().url_patterns)


def page(answer: Any) -> str:
    return (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode("utf-8", "replace")


# Whose rows each visitor may see on "mine": 甲 consented to the bank, 乙 to another kind of its data.
SEES = {"enterprise-a": "a", "enterprise-b": "b", "operator-a": "a", "finance": "a", "college": "", "association": ""}


def test_every_address_is_declared_and_the_office_is_not_there(here: Any) -> None:
    assert set(names()) == set(table.OUTSIDE_TABLE)
    for address in ("/enterprises/", "/batches/", "/events/", "/accounts/", "/inbox/", "/publications/", "/figures/", "/jobs/"):
        assert client(here, "enterprise-a").get(address).status_code == 404, address


def test_rows_of_the_outside_site(here: Any) -> None:
    """甲's objects are asked for by every visitor: the status as declared, and never a row of somebody else's."""
    for visitor, owner in SEES.items():
        text = page(client(here, visitor).get("/mine/"))
        for o in "ab":
            assert (world.WORD[o] in text.split("<main")[1]) == (o == owner), (visitor, o)
    wrong = []
    for visitor in table.OUTSIDE_VISITORS:
        for name, (method, by_visitor) in table.OUTSIDE_TABLE.items():
            address = here.address(names()[name], "a") or "/" + names()[name].replace("<int:ask_id>", "1")
            browser = client(here, visitor)
            answer = getattr(browser, method)(address)
            if answer.status_code != by_visitor[visitor]:
                wrong.append((visitor, name, answer.status_code, by_visitor[visitor]))
            text = page(answer)
            allowed = SEES.get(visitor, "")
            for owner in "ab":
                # Whoever is not the owner's own login sees no inbox item, consent or return of it, and no row but as consented.
                may = owner == allowed if visitor.startswith(("enterprise", "operator")) else (owner == allowed and name == "mine")
                if not may and world.WORD[owner] in text:
                    wrong.append((visitor, name, f"含 {owner} 的行"))
            if "未公开的草稿" in text or "不应见到的正文" in text:
                wrong.append((visitor, name, "草稿外泄"))
            if method == "post" and name != "logout" and client(here, visitor).get(address).status_code not in (302, 405):
                wrong.append((visitor, name, "GET"))
    assert wrong == [], "\n" + "\n".join(map(str, wrong))


def test_what_is_published_is_seen_by_all_and_a_draft_by_nobody(here: Any) -> None:
    assert "公开通知" in page(client(here, "anonymous").get("/"))
    draft = here.shared["held"]
    for visitor in table.OUTSIDE_VISITORS[:-2]:
        assert client(here, visitor).get(f"/notices/{draft}/").status_code == 404
        assert client(here, visitor).get(f"/notices/{draft}/file").status_code == 404
    out = here.shared["<int:publication_id>"]
    services.withdraw(int(out), "有误", here.people["reviewer"])
    assert client(here, "anonymous").get(f"/notices/{out}/").status_code == 404
    assert client(here, "anonymous").get(f"/notices/{out}/file").status_code == 404


def test_consent_ends_with_its_withdrawal(here: Any) -> None:
    assert world.WORD["a"] in page(client(here, "finance").get("/mine/"))
    given = here.owned["a"]["<int:consent_id>"]
    assert client(here, "enterprise-b").post(f"/consents/{given}/withdraw").status_code == 404
    assert client(here, "enterprise-a").post(f"/consents/{given}/withdraw").status_code == 302
    assert world.WORD["a"] not in page(client(here, "finance").get("/mine/"))
    today = dt.date.today()
    form = {"organisation": here.people["college"].organisation_id, "what": "名录", "since": today, "until": today + dt.timedelta(days=1)}
    client(here, "enterprise-b").post("/consents/give", form)
    assert world.WORD["b"] in page(client(here, "college").get("/mine/"))
    street = here.people["street-a"].organisation_id
    before = Consent.objects.count()
    client(here, "enterprise-b").post("/consents/give", {**form, "organisation": street})
    assert Consent.objects.count() == before


def test_one_door_for_each_zone(here: Any) -> None:
    """The password of an office login opens nothing here, and the refusal is in the log; an outside one opens."""
    for name in ("editor", "enterprise-a"):
        here.people[name].set_password("correct-horse-battery")
        here.people[name].save()
    refused = Client().post("/login", {"username": "editor", "password": "correct-horse-battery"})
    assert refused.status_code == 200 and "办内账号不在对外服务站点登录" in page(refused)
    assert Event.objects.filter(verb="people.login.failed", subject="user:editor").count() == 1
    browser = Client()
    assert browser.post("/login", {"username": "enterprise-a", "password": "correct-horse-battery"}).headers["Location"] == "/mine/"
    assert browser.get("/mine/").status_code == 200
    organisations.set_active(here.people["enterprise-a"].organisation_id, False, here.people["admin"])
    assert browser.get("/mine/").status_code == 302


def test_a_session_of_the_office_does_not_hold_here(here: Any, settings: Any) -> None:
    """Both sites keep sessions in one table: the key of one, sent as the other's cookie, opens nothing."""
    settings.ZONE, settings.ROOT_URLCONF = "office", "wenmai.web.urls"
    office = client(here, "reader")
    key = office.session.session_key
    settings.ZONE, settings.ROOT_URLCONF = "outside", "wenmai.web.outside_urls"
    browser = Client()
    browser.cookies["wenmai_outside"] = key
    assert browser.get("/mine/").status_code == 302


def _records() -> dict[str, list[Any]]:
    """Every row of the office's own rooms, as stored."""
    labels = ("registry", "classification", "figures", "records", "briefing")
    return {m.__name__: list(m.objects.order_by("pk").values()) for m in apps.get_models() if m._meta.app_label in labels}


def test_nothing_from_outside_writes_a_record(here: Any) -> None:
    """A correction lands in the inbox; sent, taken up and accepted, it has changed no row of the office's rooms."""
    before = _records()
    assert sum(map(len, before.values())) > 50
    paper = SimpleUploadedFile("证明.pdf", b"%PDF-1.4 proof")
    answer = client(here, "enterprise-a").post(
        "/sent/send", {"kind": "correction", "field": "address", "proposed": "新地址1号", "body": "已搬迁", "title": "", "file": paper}
    )
    made = InboxItem.objects.get(kind="correction")
    assert answer.headers["Location"] == f"/sent/{made.pk}/" and (made.before, made.proposed) == ("文昌街道1号", "新地址1号")
    services.take_up(made.pk, here.people["reviewer"])
    assert "办理中" in page(client(here, "enterprise-a").get(f"/sent/{made.pk}/"))
    services.settle(made.pk, True, "已核实", here.people["reviewer"])
    assert "已采纳" in page(client(here, "enterprise-a").get(f"/sent/{made.pk}/"))
    assert _records() == before
    with pytest.raises(Refused, match="已办结"):
        services.settle(made.pk, False, "再退", here.people["reviewer"])


@pytest.mark.parametrize(("name", "data"), [("a.exe", b"MZ"), ("a.pdf", b"MZ"), ("a.docm", b"PK\x03\x04"), ("a", b"%PDF")])
def test_files_that_are_not_what_they_say_are_refused(here: Any, name: str, data: bytes) -> None:
    before = InboxItem.objects.count()
    form = {"kind": "message", "title": "t", "body": "b", "file": SimpleUploadedFile(name, data)}
    assert client(here, "finance").post("/sent/send", form).status_code == 400
    assert InboxItem.objects.count() == before


def test_the_inbox_does_not_overflow(here: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MAX_OPEN", 2)
    browser = client(here, "finance")
    statuses = [browser.post("/sent/send", {"kind": "message", "title": "t", "body": "b"}).status_code for _ in range(3)]
    assert statuses == [302, 302, 400]


def test_another_person_approves_what_was_read(here: Any) -> None:
    """Two pairs of eyes on the same text: not the drafter, not the administrator, not another text; figures 可公开 only."""
    people = here.people
    with pytest.raises(Refused, match="未标为可公开"):
        services.draft("t", "b", ["units.total"], actor=people["editor"])
    made = services.draft("t", "b", actor=people["editor"])
    with pytest.raises(Refused, match="起草人"):
        services.approve(made.pk, made.digest, people["editor"])
    for who in ("admin", "reader", "auditor", "street-editor", "enterprise-a"):
        with pytest.raises(Refused):
            services.approve(made.pk, made.digest, people[who])
    with pytest.raises(Refused, match="不一致"):
        services.approve(made.pk, "0" * 64, people["reviewer"])
    Publication.objects.filter(pk=made.pk).update(body="换过的正文")
    with pytest.raises(Refused, match="不一致"):
        services.approve(made.pk, made.digest, people["reviewer"])


def test_a_figure_that_lost_its_mark_does_not_go_out(here: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from wenmai.office.figures import queries, snapshots

    real = queries.figures(snapshots.latest())
    mark = "可公开"
    monkeypatch.setattr(services.figure_queries, "figures", lambda s: {k: replace(f, publishable=mark, blocked=None) for k, f in real.items()})
    made = services.draft("t", "b", ["units.total"], actor=here.people["editor"])
    assert (made.figures[0]["id"], made.figures[0]["text"]) == ("units.total", "6")
    mark = "内部"
    with pytest.raises(Refused, match="已不是可公开"):
        services.approve(made.pk, made.digest, here.people["reviewer"])
    mark = "可公开"
    services.approve(made.pk, made.digest, here.people["reviewer"])
    assert "登记主体" in page(client(here, "anonymous").get(f"/notices/{made.pk}/"))
