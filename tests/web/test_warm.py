"""Figures are counted when a snapshot is published, and read from a file by every process after that."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from wenmai.office.figures import queries as figure_queries
from wenmai.office.figures import snapshots
from wenmai.rooms.registry import services
from wenmai.web import warm

pytestmark = pytest.mark.django_db(transaction=True)


def test_published_figures_are_kept_and_equal_a_fresh_count(home: Path, csv_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    services.import_file(csv_file)
    snapshot = snapshots.publish()
    assert warm.path_of(snapshot).exists()  # after commit, without anybody asking
    fresh = figure_queries.figures(snapshot)
    warm._memory.clear()
    monkeypatch.setattr(figure_queries, "figures", lambda *_: pytest.fail("counted again"))
    kept = warm.figures(snapshot)
    assert {k: f.as_dict() for k, f in kept.items()} == {k: f.as_dict() for k, f in fresh.items()}
    assert list(kept) == list(fresh) and len(kept) > 20


def test_opening_a_figure_counts_nothing_anew(home: Path, csv_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that has just started reads the file; the rows of one figure are opened without counting all."""
    services.import_file(csv_file)
    snapshot = snapshots.publish()
    warm._memory.clear()
    figure_queries._cache.clear()
    monkeypatch.setattr(figure_queries.typed, "compute", lambda *_: pytest.fail("counted again"))
    assert warm.figures(snapshot)["units.total"].value == 3
    assert figure_queries.trace("units.total", snapshot).num_rows == 3


def test_another_program_or_a_broken_file_counts_anew(home: Path, csv_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    services.import_file(csv_file)
    snapshot = snapshots.publish()
    path = warm.path_of(snapshot)
    path.write_text('[{"id": "rows.total"}]', encoding="utf-8")
    warm._memory.clear()
    assert warm.stored(snapshot) is None and warm.figures(snapshot)["rows.total"].value == 4
    monkeypatch.setattr(warm, "program", lambda: "another")
    assert warm.stored(snapshot) is None


def test_a_failing_count_does_not_undo_the_snapshot(home: Path, csv_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    services.import_file(csv_file)
    monkeypatch.setattr(warm, "figures", lambda *_: shutil.rmtree("/nonexistent/nothing"))
    assert snapshots.publish().complete
