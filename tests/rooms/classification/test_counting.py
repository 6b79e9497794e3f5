"""What the interval of a snapshot takes from rows: decisions are sure, what was left 待核定 stays open, reviews are labels."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from wenmai.rooms.classification.counting import _arrays, interval_facts

pytestmark = pytest.mark.django_db


def units(path: Path, decided: dict[int, str]) -> Path:
    """200 units whose text says nothing certain; `decided`: row → a person's outcome."""
    n = 200
    prob = np.linspace(0.02, 0.6, n)
    table = pa.table(
        {
            "key": [f"k{i:03d}" for i in range(n)],
            "probability": prob,
            "decided_by": ["人工核定" if i in decided else "初步识别" for i in range(n)],
            "outcome": [decided.get(i, "待核定") for i in range(n)],
            "excluded": pa.array([None] * n, pa.string()),
        }
    )
    pq.write_table(table, path)
    return path


def test_what_a_person_left_open_is_no_certain_no(tmp_path: Path) -> None:
    rows = pq.read_table(units(tmp_path / "u.parquet", {3: "待核定", 4: "非文化", 5: "全部计入类"}))
    prob, decided = _arrays(rows)
    assert not decided[3] and prob[3] == pytest.approx(0.02 + 3 * 0.58 / 199)
    assert decided[4] and prob[4] == 0 and decided[5] and prob[5] == 1


def test_reviews_are_labels_of_the_shipped_models_bins(tmp_path: Path) -> None:
    none = interval_facts({"units": units(tmp_path / "a.parquet", {})})["interval"]
    some = interval_facts({"units": units(tmp_path / "b.parquet", {10: "非文化", 20: "待核定", 150: "全部计入类", 160: "部分计入类"})})["interval"]
    assert np.array(none["counts"]).sum() == 0
    assert np.array(some["counts"]).sum(axis=0).tolist() == [3.0, 2.0]
    assert len(some["counts"]) == len(some["edges"]) + 1
