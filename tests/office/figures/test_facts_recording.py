"""Recording at the edges: chunks, what the coverage gate allows a figure to be called, who may fetch a slip, one moment."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import ibis
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from wenmai.office.figures import facts, sources, typed
from wenmai.office.figures.facts import NewFact
from wenmai.office.figures.models import Fact, Lane, Mark, Source
from wenmai.office.figures.typed import Context, Indicator
from wenmai.office.people.models import Role, User


def area(when: str, value: str, **more: Any) -> NewFact:
    return NewFact("area", "本区", "SC06", when, value, "亿元", Lane.BUREAU, "全口径", **more)


@pytest.mark.django_db
def test_a_place_that_comes_again_in_a_later_chunk_is_returned(dictionary: None, bureau: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts, "CHUNK", 2)
    outcome = facts.record([area("2021", "1"), area("2022", "2"), area("2021", "9"), area("2023", "3")], bureau)
    assert [word for word, _ in outcome.rows] == ["新增", "新增", "退回", "新增"] and "报了两次" in outcome.rows[2][1]
    assert [int(f.value or 0) for f in Fact.objects.filter(period="2021")] == [1]


@pytest.mark.django_db
def test_a_place_that_comes_unchanged_and_then_changed_is_returned(dictionary: None, bureau: Source) -> None:
    facts.record([area("2021", "1")], bureau)
    outcome = facts.record([area("2021", "1"), area("2021", "9")], bureau)
    assert [word for word, _ in outcome.rows] == ["未变", "退回"]
    assert Fact.objects.count() == 1


def test_units_of_unknown_type_are_not_called_firms(monkeypatch: pytest.MonkeyPatch) -> None:
    """Practice.md: the coverage gate blocks; without unit types it says 登记主体 where it would say 企业法人."""
    one = Indicator("t.firms", "企业", "units", lambda t: t.a, "试")
    other = Indicator("t.rows", "记录", "units", lambda t: t.a, "试", unit_type="名录记录")
    share = typed.Share("t.share", "占比", "t.firms", "t.firms")
    monkeypatch.setattr(typed, "_indicators", {i.id: i for i in (one, other)})
    monkeypatch.setattr(typed, "_shares", {share.id: share})
    monkeypatch.setattr(typed, "_derivers", [])
    tables = {"units": ibis.memtable({"a": [True, False]})}
    open_ = Context(1, "期", "版", "单位", {})
    found = typed.compute(tables, open_)
    assert [found[i].unit_type for i in ("t.firms", "t.rows", "t.share")] == ["企业法人", "名录记录", "企业法人"]
    shut = typed.compute(tables, replace(open_, blocked={"unit": "单位类型不明"}))
    assert [shut[i].unit_type for i in ("t.firms", "t.rows", "t.share")] == ["登记主体（单位类型不全）", "名录记录", "登记主体（单位类型不全）"]
    assert typed.compute(tables, replace(open_, blocked={"street": "x"}))["t.firms"].unit_type == "企业法人"


@pytest.mark.django_db
def test_a_slip_with_a_secret_figure_is_for_those_who_may_see_it(dictionary: None, home: Path) -> None:
    digest, _ = sources.keep_slip(SimpleUploadedFile("单.pdf", b"%PDF-1.4 stamped").chunks(), "单.pdf")
    source = Source.objects.create(provider="统计部门", slip_digest=digest)
    clients = {}
    for role in (Role.READER, Role.EDITOR, Role.AUDITOR):
        clients[role] = Client()
        clients[role].force_login(User.objects.create_user(role, role=role))
    facts.record([area("2021", "1")], source)
    assert {r: c.get(f"/fact-sources/{source.pk}/slip").status_code for r, c in clients.items()} == dict.fromkeys(clients, 200)
    facts.record([area("2022", "2", mark=Mark.SECRET)], source)
    expected = {Role.READER: 403, Role.EDITOR: 200, Role.AUDITOR: 200}
    assert {r: c.get(f"/fact-sources/{source.pk}/slip").status_code for r, c in clients.items()} == expected
    linked = {r: f"/fact-sources/{source.pk}/slip" in c.get(f"/fact-sources/{source.pk}/").content.decode() for r, c in clients.items()}
    assert linked == {Role.READER: False, Role.EDITOR: True, Role.AUDITOR: True}
