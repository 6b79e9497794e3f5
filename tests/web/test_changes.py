"""What happened after a snapshot: enterprises and decisions are counted, not batches and clicks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from wenmai.office.figures import snapshots
from wenmai.rooms.classification import services as classification
from wenmai.rooms.classification.changes import changes_since
from wenmai.rooms.registry import services
from wenmai.rooms.registry.models import Batch, Enterprise

HEAD = "企业名称,统一社会信用代码,成立日期,登记状态,企业类型,经营范围,住所\n"
BOOKS = "青禾区映山红图书有限公司,,2015-03-02,{status},有限责任公司,图书、报刊零售；出版物批发,青禾区文昌街道1号\n"
NEW = "青禾区新来影视制作有限公司{n},,2024-01-02,存续,有限责任公司,影视制作,青禾区文昌街道9号\n"


@pytest.fixture
def bring(tmp_path: Path, people: dict[str, Any]) -> Any:
    def make(text: str, name: str) -> Batch:
        path = tmp_path / name
        path.write_text(HEAD + text, encoding="utf-8")
        return services.import_file(path, actor=people["editor"])

    return make


def found() -> tuple[int, int]:
    changes = changes_since(snapshots.latest())
    assert changes["total"] == changes["enterprises"] + changes["reviews"]
    return changes["enterprises"], changes["reviews"]


def test_each_changed_enterprise_counts_once(office: Batch, bring: Any, people: dict[str, Any]) -> None:
    """One updated twice and two new ones are three; taking the two back leaves one; unchanged rows are none."""
    assert found() == (0, 0)
    bring(BOOKS.format(status="存续"), "same.csv")
    assert found() == (0, 0)
    bring(BOOKS.format(status="吊销"), "first.csv")
    bring(BOOKS.format(status="注销"), "second.csv")
    assert found() == (1, 0)
    batch = bring(NEW.format(n="甲") + NEW.format(n="乙"), "new.csv")
    assert found() == (3, 0)
    services.undo(batch.pk, people["editor"])
    assert found() == (1, 0)


def test_what_an_undo_takes_out_of_the_snapshot_counts(office: Batch, people: dict[str, Any]) -> None:
    assert Enterprise.objects.filter(current=True).count() == 3
    services.undo(office.pk, people["editor"])
    assert found() == (3, 0)


def test_decisions_count_by_enterprise(office: Batch, people: dict[str, Any]) -> None:
    """Deciding twice and taking back is one enterprise that was worked on."""
    first, second = Enterprise.objects.order_by("pk")[:2]
    for _ in range(2):
        review = classification.decide(first.key, "非文化", reason="x", actor=people["reviewer"])
    classification.withdraw(review.pk, people["reviewer"])
    assert found() == (0, 1)
    classification.decide(second.key, "非文化", reason="x", actor=people["reviewer"])
    assert found() == (0, 2)
    snapshots.publish()
    assert found() == (0, 0)


def test_without_a_snapshot_nothing_is_counted(db: None) -> None:
    assert changes_since(None)["total"] == 0
