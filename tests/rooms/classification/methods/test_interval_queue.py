"""The interval of the count and the order of the review queue."""

from __future__ import annotations

import numpy as np
import pytest

from wenmai.rooms.classification.methods import queue
from wenmai.rooms.classification.methods.interval import (
    bin_counts,
    calibration_bins,
    count_interval,
    equal_mass_edges,
    even_doubt_edges,
    posterior,
    updated_counts,
)  # fmt: skip
from wenmai.rooms.classification.methods.queue import groups, order, ranking, signature

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


def test_edges_of_equal_doubt_part_the_doubtful_rows() -> None:
    prob = np.r_[np.full(9000, 0.001), np.linspace(0.05, 0.95, 1000)]
    edges = even_doubt_edges(prob)
    assert len(edges) == len(set(edges)) <= 9
    place = np.searchsorted(edges, prob, side="right")
    share = np.bincount(place, weights=np.sqrt(prob * (1 - prob)))
    assert share[1:].max() / share.sum() < 0.11  # the plain rows cannot be parted: they are alike
    assert np.bincount(place)[1:].max() < 300
    assert even_doubt_edges(np.zeros(0)) == ()
    assert even_doubt_edges(np.full(50, 0.3)) == ()


def test_reviews_are_labels_of_their_bin_and_one_signature_is_one_label() -> None:
    prob, truth = np.array([0.05, 0.3, 0.3, 0.3]), np.array([False, True, True, False])
    assert (updated_counts(EDGES, COUNTS, prob, truth) - COUNTS).tolist() == [[1, 0], [3, 2], [0, 0], [0, 0]]
    once = updated_counts(EDGES, COUNTS, prob, truth, np.array([0, 1, 1, 2])) - COUNTS
    assert once.tolist() == [[1, 0], [2, 1], [0, 0], [0, 0]]
    assert updated_counts(EDGES, COUNTS, np.zeros(0), np.zeros(0, dtype=bool)).tolist() == COUNTS.tolist()


def test_calibration_bins_use_reviews_only_where_the_model_brings_no_labels() -> None:
    prob = np.r_[np.full(50, 0.01), np.linspace(0.1, 0.9, 50), np.nan]
    decided = np.arange(101) % 10 == 0
    truth = np.nan_to_num(prob) > 0.5
    edges, counts = calibration_bins((), (), prob, decided, truth)
    assert edges == even_doubt_edges(prob[:-1])
    assert counts.sum(axis=0).tolist() == [10.0, 2.0]  # the row without a probability is no evidence
    edges, counts = calibration_bins((0.5,), ((7, 1), (9, 8)), prob, decided, truth)
    assert (edges, counts.tolist()) == ((0.5,), [[7.0, 1.0], [9.0, 8.0]])


def test_reviews_in_the_order_of_the_queue_narrow_the_interval_and_it_still_covers() -> None:
    covered, narrower = 0, 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        prob = np.clip(rng.beta(0.15, 0.9, 1500), 0.001, 0.999)
        truth = rng.uniform(size=1500) < prob
        none = np.zeros(1500, dtype=bool)
        edges, counts = calibration_bins((), (), prob, none, truth)
        before = count_interval(prob, none, edges, counts, seed=seed, draws=500)
        seen = none.copy()
        seen[order(prob, None, edges, counts)[:150]] = True
        after_counts = updated_counts(edges, counts, prob[seen], truth[seen])
        after = count_interval(np.where(seen, truth, prob), seen, edges, after_counts, seed=seed, draws=500)
        narrower += after.high - after.low < 0.6 * (before.high - before.low)
        covered += bool(after.low <= truth.sum() <= after.high)
    assert narrower == 40
    assert covered >= 34


def variance_by_simulation(prob: np.ndarray, edges: tuple[float, ...], counts: np.ndarray, looked: np.ndarray, draws: int = 3000) -> float:
    """Oracle: rates and truth drawn, the reviewed rows shown, the variance of what is left computed from the updated Beta
    of each bin; mean over the draws. Without the error of labels."""
    rng = np.random.default_rng(5)
    known = posterior(prob, edges, counts)
    left = np.zeros(draws)
    for d in range(draws):
        for b in range(len(known.alpha)):
            seen, open_ = int(np.sum(looked & (known.place == b))), int(np.sum(~looked & (known.place == b)))
            yes = rng.binomial(seen, rng.beta(known.alpha[b], known.beta[b]))
            a, c = known.alpha[b] + yes, known.beta[b] + seen - yes
            mean, total = a / (a + c), a + c
            left[d] += open_**2 * mean * (1 - mean) / (total + 1) + open_ * mean * (1 - mean) * total / (total + 1)
    return float(left.mean())


def test_gains_add_up_to_the_expected_fall_of_the_variance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "label_slopes", lambda rate: (0 * rate, 0 * rate))
    prob = np.random.default_rng(3).beta(0.4, 0.8, 300)
    none = np.zeros(300, dtype=bool)
    found = ranking(prob, None, EDGES, COUNTS / 10)
    for looks in (1, 20, 120):
        looked = none.copy()
        looked[found.order[:looks]] = True
        fall = variance_by_simulation(prob, EDGES, COUNTS / 10, none) - variance_by_simulation(prob, EDGES, COUNTS / 10, looked)
        assert found.gain[:looks].sum() == pytest.approx(fall, rel=0.03)


def test_no_other_batch_of_the_same_length_is_expected_to_do_better() -> None:
    """Brute force over all ways to share 12 looks among three bins."""
    prob = np.r_[np.full(110, 0.02), np.full(15, 0.3), np.full(8, 0.7)]
    edges, counts = (0.1, 0.5), np.array([[10.0, 0.0], [3.0, 1.0], [0.0, 0.0]])
    found = ranking(prob, None, edges, counts)
    chosen = np.bincount(np.searchsorted(edges, prob[found.order[:12]], side="right"), minlength=3)
    # All gains of a bin in its own order: how much m looks there bring.
    place = np.searchsorted(edges, prob[found.order], side="right")
    brings = [np.r_[0.0, np.cumsum(found.gain[place == b])] for b in range(3)]
    best = max(
        (brings[0][i] + brings[1][j] + brings[2][12 - i - j], (i, j, 12 - i - j))
        for i in range(13) for j in range(13 - i) if 12 - i - j <= 8
    )  # fmt: skip
    assert best[0] == pytest.approx(found.gain[:12].sum())
    assert tuple(chosen) == best[1]
    assert chosen.min() > 0  # neither only the doubtful rows nor only the large bin


def test_queue_prefers_rows_that_settle_many() -> None:
    prob = np.array([0.5, 0.4, 0.4, 0.4, 0.01])
    found = ranking(prob, np.array([0, 1, 1, 1, 2]))
    assert found.order[0] in (1, 2, 3)  # one decision settles three rows
    assert sorted(found.order.tolist()) == [0, 1, 2, 3, 4]
    assert found.settles.tolist()[0] == 3
    assert set(found.order[-2:]) < {1, 2, 3}  # answered by the first of their group
    assert found.gain[-2:].tolist() == [0.0, 0.0]


def test_a_large_bin_of_plain_rows_is_worth_looks() -> None:
    prob = np.r_[np.full(3000, 0.01), np.full(100, 0.5)]
    first = ranking(prob, None, (0.1,), np.zeros((2, 2))).order[:40]
    assert (first < 3000).sum() >= 10
    known = ranking(prob, None, (0.1,), np.array([[2000.0, 10.0], [0.0, 0.0]])).order[:40]
    assert (known < 3000).sum() < (first < 3000).sum()


def test_queue_prefers_ill_known_bins_and_leaves_decided_rows_out() -> None:
    prob = np.array([0.3] * 40 + [0.7] * 40)
    counts = np.array([[200.0, 60.0], [4.0, 3.0]])
    assert (order(prob, None, (0.5,), counts)[:15] >= 40).all()
    decided = np.arange(80) >= 40
    assert set(order(prob, None, (0.5,), counts, None, decided).tolist()) == set(range(40))
    assert order(np.zeros(0)).tolist() == []


def test_within_a_bin_the_order_is_the_lot_not_the_row() -> None:
    prob = np.linspace(0.2, 0.4, 200)
    lot = np.random.default_rng(8).permutation(200)
    found = ranking(prob, None, (0.5,), np.zeros((2, 2)), lot=lot)
    assert found.order.tolist() == np.argsort(lot).tolist()
    assert (np.diff(found.gain) <= 1e-9).all()


def test_signatures_are_what_was_read_without_the_score() -> None:
    one = '[{"kind":"名称","text":"广告","class":"7259","weight":4.2},{"kind":"词条","text":"会议服务","class":"7289","weight":0.9},{"kind":"模型","text":"m","class":null,"weight":0.9}]'
    two = one.replace('"weight":0.9}]', '"weight":0.2}]')
    other = one.replace("会议服务", "餐饮")
    bare = '[{"kind":"词条","text":"会议服务"}]'
    assert signature(one) == signature(two) != signature(other)
    assert signature(bare) is None
    assert groups([one, bare, two, bare, other, "[]"]).tolist() == [0, 1, 0, 3, 4, 5]
