"""The interval of the count and the order of the review queue."""

from __future__ import annotations

import numpy as np

from wenmai.rooms.classification.methods.interval import bin_counts, count_interval, equal_mass_edges
from wenmai.rooms.classification.methods.queue import order, variance_reduction

EDGES = (0.1, 0.5, 0.9)
COUNTS = np.array([[100, 2], [50, 15], [50, 35], [100, 98]], dtype=float)


def test_decided_rows_carry_no_doubt() -> None:
    prob = np.array([1.0] * 30 + [0.0] * 70)
    got = count_interval(prob, np.ones(100, dtype=bool), EDGES, COUNTS)
    assert (got.low, got.estimate, got.high) == (30.0, 30.0, 30.0)


def test_interval_holds_its_estimate_and_is_repeatable() -> None:
    prob = np.random.default_rng(1).uniform(0, 1, 500)
    none = np.zeros(500, dtype=bool)
    first = count_interval(prob, none, EDGES, COUNTS, seed=3)
    assert first == count_interval(prob, none, EDGES, COUNTS, seed=3)
    assert 0 <= first.low < first.estimate < first.high <= 500
    wide = count_interval(prob, none, EDGES, COUNTS, seed=3, level=0.99)
    assert wide.high - wide.low > first.high - first.low
    assert min(first.variance_calibration, first.variance_rows, first.variance_labels) > 0


def test_more_labels_narrow_the_interval() -> None:
    prob = np.full(2000, 0.3)
    none = np.zeros(2000, dtype=bool)
    few = count_interval(prob, none, EDGES, COUNTS / 5, seed=1)
    many = count_interval(prob, none, EDGES, COUNTS * 20, seed=1)
    assert many.high - many.low < few.high - few.low


def test_coverage_on_simulated_districts() -> None:
    covered = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        prob = rng.beta(0.3, 0.6, 900)
        truth = rng.uniform(size=900) < prob
        edges = equal_mass_edges(prob[:300])
        counts = bin_counts(prob[:300], truth[:300], edges)
        got = count_interval(prob[300:], np.zeros(600, dtype=bool), edges, counts, seed=seed, draws=800)
        covered += bool(got.low <= truth[300:].sum() <= got.high)
    assert covered >= 50


def test_weighted_bins_use_effective_rows() -> None:
    prob, truth = np.array([0.2, 0.2]), np.array([True, False])
    assert bin_counts(prob, truth, ()).tolist() == [[2.0, 1.0]]
    counts = bin_counts(prob, truth, (), np.array([1.0, 3.0]))
    assert np.allclose(counts, [[1.6, 0.4]])


def test_queue_prefers_rows_that_settle_many() -> None:
    prob = np.array([0.5, 0.4, 0.4, 0.4, 0.01])
    group = np.array([0, 1, 1, 1, 2])
    ranked = order(prob, group)
    assert ranked.tolist()[0] == 1  # one decision settles three rows
    assert sorted(ranked.tolist()) == [0, 1, 2, 3, 4]
    assert ranked.tolist()[-2:] == [2, 3]  # answered by the first of their group


def test_queue_prefers_ill_known_bins_and_leaves_decided_rows_out() -> None:
    prob = np.array([0.3] * 40 + [0.7] * 40)
    counts = np.array([[200.0, 60.0], [4.0, 3.0]])
    gain = variance_reduction(prob, np.arange(80), (0.5,), counts)
    assert gain[60] > gain[10]
    decided = np.arange(80) >= 40
    assert set(order(prob, None, (0.5,), counts, None, decided).tolist()) == set(range(40))
    assert order(np.zeros(0)).tolist() == []
