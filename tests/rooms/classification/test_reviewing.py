"""The review queue over the register: what is in it, that it learns, groups told but not decided, and Excel out and back."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook

from wenmai.office.people.models import User
from wenmai.rooms.classification import reviewing, services
from wenmai.rooms.classification.models import Decision, Outcome, Review
from wenmai.rooms.registry.models import Enterprise

pytestmark = pytest.mark.django_db


@pytest.fixture
def register(home: Path) -> Path:
    """400 plain firms, 12 doubtful ones of which 5 were read alike, one branch and one struck off."""
    rows = [(f"某市青禾{i}粮油有限公司", "粮油销售", "企业法人", None) for i in range(400)]
    rows += [(f"某市甲{i}文化旅游发展有限公司", "会议服务；会展服务；旅游开发", "企业法人", None) for i in range(5)]
    doubtful = ("会议服务；企业管理咨询", "文艺创作；国内贸易；信息咨询", "展览服务；技术服务；国内贸易", "摄影；国内贸易；技术服务", "图书零售；百货；五金",
                "动漫设计；技术开发；国内贸易", "演出经纪；企业管理；国内贸易")  # fmt: skip
    rows += [(f"某市乙{i}有限公司", scope, "企业法人", None) for i, scope in enumerate(doubtful)]
    rows += [("某市丙有限公司分公司", doubtful[0], "分支机构", None), ("某市丁有限公司", doubtful[0], "企业法人", "注销")]
    Enterprise.objects.bulk_create(
        Enterprise(key=f"T{i:04d}", name=name, scope=scope, unit_type=kind, status=status) for i, (name, scope, kind, status) in enumerate(rows)
    )
    services.run()
    return home


def test_the_queue_holds_every_counted_unit_once_and_pages_do_not_overlap(register: Path) -> None:
    whole = reviewing.queue(1000)
    assert len(whole) == len({r["key"] for r in whole}) == 412  # neither the branch nor the one struck off
    assert [r["key"] for r in reviewing.queue(20) + reviewing.queue(20, 20)] == [r["key"] for r in whole[:40]]
    assert reviewing.queue(20, 5000) == []
    gains = [r["gain"] for r in whole]
    assert gains == sorted(gains, reverse=True)


def test_plain_rows_come_up_as_spot_checks_beside_the_doubtful_ones(register: Path) -> None:
    first = reviewing.queue(100)
    assert {r["why"] for r in first} == {"待核定", "抽查"}
    assert any(r["probability"] < 0.02 for r in first)
    pending = reviewing.queue(1000, 0, pending_only=True)
    assert [r["key"] for r in pending] == [r["key"] for r in reviewing.queue(1000) if r["why"] == "待核定"]
    assert 0 < len(pending) < 20


def test_the_queue_learns_from_reviews(register: Path) -> None:
    plain = lambda rows: sum(r["probability"] < 0.02 for r in rows)  # noqa: E731
    before = reviewing.queue(40)
    for key in Enterprise.objects.filter(scope="粮油销售").values_list("key", flat=True)[:60]:
        services.decide(key, Outcome.NO)
    after = reviewing.queue(40)
    assert plain(after) < plain(before)
    assert not {r["key"] for r in after} & set(Review.objects.values_list("key", flat=True))


def test_one_decision_tells_of_those_read_alike_and_decides_none_of_them(register: Path) -> None:
    alike = [r for r in reviewing.queue(1000) if "旅游" in r["name"]]
    assert len(alike) == 5
    assert {r["settles"] for r in alike} == {5}
    assert sum(r["gain"] > 0 for r in alike) == 1  # one of them stands in front for all
    services.decide(alike[0]["key"], Outcome.NO)
    assert Review.objects.count() == 1
    others = Decision.objects.filter(enterprise__key__in=[r["key"] for r in alike[1:]])
    assert set(others.values_list("decided_by", flat=True)) == {"初步识别"}
    left = [r for r in reviewing.queue(1000) if "旅游" in r["name"]]
    assert [r["settles"] for r in left] == [4, 4, 4, 4]


def test_a_unit_set_back_to_pending_is_not_shown_again_and_is_no_evidence(register: Path) -> None:
    first = reviewing.queue(1)[0]
    services.decide(first["key"], Outcome.PENDING)
    assert first["key"] not in {r["key"] for r in reviewing.queue(1000)}


def test_the_workbook_carries_the_order_and_comes_back(register: Path, tmp_path: Path) -> None:
    path = tmp_path / "核定.xlsx"
    assert reviewing.export_queue(path, 30) == 30
    book = load_workbook(path)
    sheet = book.worksheets[0]
    assert [c.value for c in sheet[1]] == list(reviewing.HEADS)
    shown = [(r[0].value, r[9].value, r[10].value) for r in sheet.iter_rows(min_row=2)]
    assert shown == [(r["key"], r["why"], r["settles"]) for r in reviewing.queue(30)]
    sheet.cell(2, 7, "非文化")
    sheet.cell(3, 7, "全部计入类")  # without a class: refused
    sheet.cell(4, 7, "全部计入类")
    sheet.cell(4, 8, "312")
    book.save(path)
    result = reviewing.import_reviews(path)
    assert (result["rows"], result["decided"], result["blank"]) == (30, 2, 27)
    assert [r["row"] for r in result["refused"]] == [3]
    assert dict(Review.objects.values_list("key", "small_code")) == {shown[0][0]: None, shown[2][0]: "0312"}


def test_an_empty_register_has_an_empty_queue(home: Path) -> None:
    assert reviewing.queue() == []


def test_an_old_sheet_does_not_write_over_a_newer_decision(register: Path, tmp_path: Path) -> None:
    from datetime import timedelta

    from django.utils import timezone

    sheet = tmp_path / "核定表.xlsx"
    reviewing.export_queue(sheet, 1000)
    book = load_workbook(sheet)
    rows = {r[0].value: r for r in book.active.iter_rows(min_row=2)}
    newer, same, fresh = list(rows)[:3]
    for key in (newer, same, fresh):
        rows[key][6].value = "非文化"
    book.save(sheet)
    services.decide(newer, Outcome.WHOLE, "0711", actor=User.objects.create_user("other", role="reviewer"))
    services.decide(same, Outcome.NO)
    Review.objects.update(at=timezone.now() + timedelta(minutes=5))
    result = reviewing.import_reviews(sheet)
    assert (result["decided"], result["unchanged"], len(result["refused"])) == (1, 1, 1)
    assert "导出之后" in result["refused"][0]["reason"]
    assert Decision.objects.get(enterprise__key=newer).outcome in (Outcome.WHOLE, Outcome.PARTIAL)
    again = reviewing.import_reviews(sheet)
    assert (again["decided"], again["unchanged"]) == (0, 2)
