"""What a new user ran into: a document of a register that has moved on, places to fill by their Chinese name, ties."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from wenmai.base.values import NotFound, Refused
from wenmai.office.figures import queries, snapshots
from wenmai.rooms.briefing import services
from wenmai.rooms.briefing.methods import skeleton
from wenmai.rooms.briefing.methods.blocks import Num, Report
from wenmai.rooms.briefing.models import Kind, Passage
from wenmai.rooms.classification import services as classification
from wenmai.rooms.classification.changes import stale
from wenmai.rooms.registry import services as registry
from wenmai.samples.district import write_district

pytestmark = pytest.mark.django_db


@pytest.fixture
def batch(home: Path, tmp_path: Path) -> Any:
    made = registry.import_file(write_district(tmp_path, 200, seed=5)[0], provider="区市场监管局")
    classification.run()
    snapshots.publish()
    for slot in skeleton.SLOTS:
        services.fill(slot, omitted=True)
    return made


def text_of(report: Report) -> str:
    return "\n".join("".join(p if isinstance(p, str) else getattr(p, "printed", getattr(p, "text", "")) for p in b.parts) for b in report.blocks)


def test_no_clean_copy_of_a_register_that_has_moved_on(batch: Any) -> None:
    assert stale(snapshots.latest()) == ""
    services.draft(Kind.CLEAN)
    registry.undo(batch.pk)
    with pytest.raises(Refused, match="快照 1 之后名录又有变更"):
        services.draft(Kind.CLEAN)
    told = services.draft(Kind.CHECK).findings
    assert [f["severity"] for f in told if f["rule"] == "stale_snapshot"] == ["warning"]


def test_a_review_since_the_snapshot_counts_too(batch: Any) -> None:
    from wenmai.rooms.registry.models import Enterprise

    classification.decide(Enterprise.objects.filter(current=True).values_list("key", flat=True)[0], "非文化")
    assert "人工核定 1 家" in stale(snapshots.latest())
    snapshots.publish()
    assert stale(snapshots.latest()) == ""


def test_places_are_filled_by_their_chinese_name(batch: Any) -> None:
    services.fill("园区", "一个园区")
    assert Passage.objects.get(slot="parks").text == "一个园区"
    with pytest.raises(NotFound, match="可填：起草单位、园区"):
        services.fill("没有的", "x")
    services.unfill("measures")
    with pytest.raises(Refused, match=r"主要做法（作者填.*wenmai fill"):
        services.draft(Kind.CLEAN)


def test_heads_run_on_when_one_is_left_out(batch: Any) -> None:
    snapshot = snapshots.latest()
    report, _ = services.printed(Kind.CLEAN, snapshot, queries.figures(snapshot), "2026年1月1日")
    heads = ["".join(p for p in b.parts if isinstance(p, str))[0] for b in report.blocks if b.kind == "heading1"]
    assert heads == list("一二三四")[: len(heads)] and len(heads) < 4
    assert "核数稿" not in text_of(report)
    checked, _ = services.printed(Kind.CHECK, snapshot, queries.figures(snapshot), "2026年1月1日")
    assert "估计范围见核数稿" in text_of(checked)


def test_classes_that_tie_for_the_fewest_are_all_named(batch: Any) -> None:
    snapshot = snapshots.latest()
    figures = queries.figures(snapshot)
    majors = sorted((f for f in figures.values() if f.id.startswith("culture.major.") and f.kind == "count"), key=lambda f: f.value or 0)
    low = majors[0].value
    figures[majors[1].id] = dataclasses.replace(majors[1], value=low)
    report = skeleton.build(figures, snapshot.facts, "2026年1月1日")
    block = next(b for b in report.blocks if any(isinstance(p, str) and "行业分布不均衡" in p for p in b.parts))
    named = {p.figure for p in block.parts if isinstance(p, Num)}
    assert {majors[0].id, majors[1].id} <= named


def test_none_struck_off_is_not_said_without_status(home: Path, tmp_path: Path) -> None:
    """A register without any status does not know how many were struck off; what it excludes otherwise still adds up."""
    path = tmp_path / "名录.csv"
    path.write_text("企业名称,经营范围\n甲图书有限公司,图书零售\n乙图书有限公司分公司,图书零售\n", encoding="utf-8")
    registry.import_file(path, provider="区市场监管局")
    classification.run()
    snapshots.publish()
    figures = queries.figures()
    for code in ("gone", "moved"):
        found = figures[f"units.excluded.{code}"]
        assert found.value is None and "登记状态" in (found.blocked or "") and found.text() == "—（未采集）"
    assert (figures["units.total"].value, figures["units.excluded.branch"].value, figures["units.analysed"].value) == (2, 1, 1)
    assert [f for f in services.draft(Kind.DRAFT).findings if f["severity"] == "error"] == []
