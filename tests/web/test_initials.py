"""Search by pinyin initials. Readings are those of 现代汉语词典: 文化传媒 wén huà chuán méi, 重庆 chóng qìng, 音乐 yīn yuè."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from wenmai.office.events.models import Event
from wenmai.office.jobs import services as jobs
from wenmai.office.jobs.models import Job
from wenmai.rooms.registry import initials, services
from wenmai.rooms.registry.initials import EnterpriseInitials, initials_of
from wenmai.rooms.registry.models import Batch, Enterprise


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("文化传媒", "whcm"),
        ("重庆音乐厅", "cqyyt"),  # 重 zhòng, 乐 lè by themselves
        ("长安银行", "cayh"),  # 长 zhǎng, 行 xíng by themselves
        ("ABC（动漫）设计2号", "abcdmsj2h"),
        ("", ""),
    ],
)
def test_initials(name: str, expected: str) -> None:
    assert initials_of(name) == expected


def names(client: Any, query: str) -> set[str]:
    return {line.object.name for line in client.get("/enterprises/", {"q": query}).context["page"].lines}


@pytest.fixture
def filled(batch: Batch) -> Batch:
    # The tests' own transaction never commits, so the handler of the event is called by hand here.
    initials.follow(Event.objects.get(verb="registry.batch.published"))
    return batch


def test_search_finds_by_initials(filled: Batch, client_of: Any) -> None:
    client = client_of("reader")
    books, comics = "青禾区映山红图书有限公司", "青禾区云上动漫设计有限公司"
    assert names(client, "ysh") == names(client, "YSHTS") == {books}
    assert names(client, "dmsj") == {comics}
    assert names(client, "qhq 设计") == {comics}  # initials and a word together
    assert names(client, "zzzz") == set()
    assert names(client, "%") == set() and names(client, "y_h") == set()


def test_filling_again_changes_nothing(filled: Batch) -> None:
    event = Event.objects.get(verb="registry.batch.published")
    before = list(EnterpriseInitials.objects.order_by("pk").values_list("pk", "initials"))
    initials.follow(event)
    assert list(EnterpriseInitials.objects.order_by("pk").values_list("pk", "initials")) == before
    assert len(before) == 3


def test_a_large_batch_is_left_to_a_job(batch: Batch, client_of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(initials, "DIRECT", 2)
    initials.follow(Event.objects.get(verb="registry.batch.published"))
    assert EnterpriseInitials.objects.count() == 0 and Job.objects.get().kind == initials.JOB
    jobs.work(once=True)
    assert Job.objects.get().result == {"names": 3}
    assert len(names(client_of("reader"), "qhq")) == 3


@pytest.mark.django_db(transaction=True)
def test_publishing_fills_and_follows_a_changed_name(home: Path, tmp_path: Path) -> None:
    """The name of a known code changes: the new initials replace the old ones."""
    # A code of the national test vectors (tests/base/standards): valid, belongs to nobody here.
    from stdnum.cn import uscc

    code = "91110000600037341L"
    assert uscc.is_valid(code)
    path = tmp_path / "a.csv"
    for name, expected in (("映山红图书有限公司", "yshtsyxgs"), ("云上动漫有限公司", "ysdmyxgs")):
        path.write_text(f"企业名称,统一社会信用代码,经营范围\n{name},{code},图书零售\n", encoding="utf-8")
        services.import_file(path)
        assert Enterprise.objects.get().initials.initials == expected
