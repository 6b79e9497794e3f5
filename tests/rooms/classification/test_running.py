"""A run of the classifier beside people's work: decisions made meanwhile, editions of a file's codes, nothing to read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from wenmai.rooms.classification import services
from wenmai.rooms.classification.methods.classify import classify
from wenmai.rooms.classification.methods.coded import read_code
from wenmai.rooms.classification.methods.model import load_shipped
from wenmai.rooms.classification.models import DecidedBy, Decision, Outcome
from wenmai.rooms.registry.models import Enterprise


@pytest.mark.django_db
def test_a_decision_made_during_a_run_stands(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Enterprise.objects.create(key="T1", name="某市青禾粮油有限公司", scope="粮油销售")
    real = services.classify

    def slow(frame: pl.DataFrame, model: Any, **more: Any) -> pl.DataFrame:
        services.decide("T1", Outcome.WHOLE, "0711", "看过")
        return real(frame, model, **more)

    monkeypatch.setattr(services, "classify", slow)
    services.run()
    monkeypatch.undo()
    services.run(everything=True)
    decision = Decision.objects.get(enterprise__key="T1")
    assert (decision.decided_by, decision.small_code) == (DecidedBy.PERSON, "0711")


@pytest.mark.parametrize("row", [{"name": None, "scope": None}, {"name": "某市聚力有限公司", "scope": None}, {"name": "某市聚力有限公司", "scope": "  "}])
def test_nothing_to_read_is_no_reason_to_say_no(row: dict[str, str | None]) -> None:
    out = classify(pl.DataFrame([row], schema={"name": pl.Utf8, "scope": pl.Utf8}), load_shipped()).row(0, named=True)
    assert out["outcome"] == "待核定"
    assert "无经营范围" in out["evidence"]


def test_a_scope_that_names_other_trades_is_read(home: Path) -> None:
    out = classify(pl.DataFrame([{"name": "某市聚力有限公司", "scope": "钢材销售；货物运输"}]), load_shipped())
    assert out["outcome"][0] == "非文化"


@pytest.mark.parametrize(("old", "new"), [("8911", "9011"), ("8521", "8621"), ("8522", "8622"), ("8912", "9012"), ("8919", "9019")])
def test_a_number_of_the_2011_edition_is_read_as_such(old: str, new: str) -> None:
    """Correspondence by identical class name in both lists (data/standards, crosswalk); without the file's edition the same
    numbers mean other classes of 2017 or none."""
    assert read_code(old, None, "GB/T 4754-2011").code == new
    assert read_code(old, None, None).code != new or old in ("8521", "8522")


@pytest.mark.django_db
def test_a_files_edition_decides_what_its_numbers_mean(home: Path) -> None:
    codes = ["8911"] * 5 + ["8510", "8521", "8630", "8640"]
    Enterprise.objects.bulk_create(
        Enterprise(key=f"T{i}", name=f"某市{i}有限公司", scope="一般经营", industry_code=code, batch_id=1, changed_batch_id=1) for i, code in enumerate(codes)
    )
    services.run()
    first = Decision.objects.get(enterprise__key="T0")
    assert (first.edition, first.gbt_code, first.outcome) == ("GB/T 4754-2011", "9011", "全部计入类")
