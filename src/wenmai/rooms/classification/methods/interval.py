"""An interval for the published count of cultural enterprises.

The count is a sum of rows whose true class is not known. Three sources of doubt are drawn anew in every replicate:
1. calibration: the true rate in each probability bin given the labelled rows of that bin (beta posterior);
2. the rows: a Bernoulli draw for each undecided row, binomial within a bin;
3. labelling: two readings of the same row disagree in about 3 % of rows, so half of that share is wrong in either
   direction; the net shift of the labelled rate is drawn with it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .lexicon import FloatArray, IntArray

DISAGREEMENT = 0.03
PRIOR_ROWS = 4.0  # weight of the model's own mean probability in a bin, in labelled rows
LABEL_ROWS = 100  # what is known about the error of labels is worth this many rows
PRIOR_FLOOR = 0.1  # keeps a bin without a labelled positive (or negative) from being taken as certain


@dataclass(frozen=True, slots=True)
class CountInterval:
    """Mean, lower and upper bound of the count (enterprises), and the share of variance by source."""

    estimate: float
    low: float
    high: float
    level: float
    variance_calibration: float
    variance_rows: float
    variance_labels: float


def equal_mass_edges(prob: FloatArray, bins: int = 10) -> tuple[float, ...]:
    """Inner edges (at most bins-1, increasing, distinct) that cut `prob` (n,) into bins of equal size."""
    return tuple(float(e) for e in np.unique(np.quantile(prob, np.linspace(0, 1, bins + 1)[1:-1])))


def bin_counts(prob: FloatArray, truth: npt.NDArray[np.bool_], edges: tuple[float, ...], weight: FloatArray | None = None) -> FloatArray:
    """(len(edges)+1, 2): labelled rows and positives per bin.

    With `weight` (enterprises a labelled row stands for, when the labelled sample is stratified) the first column is
    Kish's effective number of rows and the second that number times the weighted share of positives.
    """
    weight = np.ones(len(prob)) if weight is None else weight
    place = np.searchsorted(np.array(edges), prob, side="right")
    bins = len(edges) + 1
    total = np.bincount(place, weights=weight, minlength=bins)
    square = np.bincount(place, weights=weight**2, minlength=bins)
    positive = np.bincount(place, weights=weight * truth, minlength=bins)
    rows = total**2 / np.maximum(square, 1e-12)
    return np.column_stack([rows, rows * positive / np.maximum(total, 1e-12)])


def even_doubt_edges(prob: FloatArray, bins: int = 10) -> tuple[float, ...]:
    """Inner edges (at most bins-1, increasing, distinct) that cut `prob` (n,) into bins of equal Σ√(p(1−p)).

    For a whole register: bins of equal mass would put nine tenths of them where nothing is in doubt and leave one wide
    bin for all the rest. (The cumulative-root-variance rule for the borders of strata.)
    """
    ordered = np.sort(prob)
    if not len(ordered):
        return ()
    doubt = np.cumsum(np.sqrt(np.maximum(ordered * (1 - ordered), 1e-9)))
    at = np.searchsorted(doubt, doubt[-1] * np.arange(1, bins) / bins)
    return tuple(float(e) for e in np.unique(ordered[np.minimum(at, len(ordered) - 1)]) if e > ordered[0])


def updated_counts(
    edges: tuple[float, ...],
    counts: FloatArray,
    reviewed_prob: FloatArray,
    reviewed_truth: npt.NDArray[np.bool_],
    group: IntArray | None = None,
) -> FloatArray:
    """(bins, 2) labelled rows and positives per bin after reviews of rows with these probabilities and this truth.

    Valid as evidence about the rows still open when, within a bin, which rows were reviewed does not depend on their
    truth: the order of `queue.ranking` is a random pick within each bin (and size of group). `group` (n,): reviews with one
    signature are one label, not several (their mean counts).
    """
    base = np.asarray(counts, dtype=np.float64)
    if not len(reviewed_prob):
        return base
    weight = np.ones(len(reviewed_prob))
    if group is not None:
        _, member, size = np.unique(group, return_inverse=True, return_counts=True)
        weight = 1.0 / size[member]
    place = np.searchsorted(np.array(edges), reviewed_prob, side="right")
    rows = np.bincount(place, weights=weight, minlength=len(base))
    positive = np.bincount(place, weights=weight * reviewed_truth, minlength=len(base))
    return base + np.column_stack([rows, positive])


def calibration_bins(
    model_edges: tuple[float, ...],
    model_counts: FloatArray | tuple[tuple[int, int], ...],
    prob: FloatArray,
    decided_mask: npt.NDArray[np.bool_],
    truth: npt.NDArray[np.bool_],
    group: IntArray | None = None,
) -> tuple[tuple[float, ...], FloatArray]:
    """Bins (edges, labelled rows and positives) for the n units of a register, reviews counted as labels.

    prob (n,): the model's probability, also of the rows a person decided (NaN: never classified); truth (n,): what was
    decided, read only where decided_mask. A trained model brings its own bins; the reviews it was trained on are in them, so
    no review is counted again until the next training. The shipped model brings none: ten bins of equal doubt, and every
    review is evidence.
    """
    if len(model_counts):
        return model_edges, np.asarray(model_counts, dtype=np.float64)
    known = ~np.isnan(prob)
    edges = even_doubt_edges(prob[known])
    chosen = known & decided_mask
    return edges, updated_counts(edges, np.zeros((len(edges) + 1, 2)), prob[chosen], truth[chosen], None if group is None else group[chosen])


@dataclass(frozen=True, slots=True)
class BinPosterior:
    """Per bin of the open rows: their mass Σw and square Σw², and the Beta(alpha, beta) of their true rate."""

    place: IntArray
    mass: FloatArray
    square: FloatArray
    alpha: FloatArray
    beta: FloatArray


def posterior(prob: FloatArray, edges: tuple[float, ...], counts: FloatArray, weight: FloatArray | None = None) -> BinPosterior:
    """What is known about the rate of each bin of the open rows `prob` (n,); a bin without labels falls back on the
    model's own mean with PRIOR_ROWS."""
    weight = np.ones(len(prob)) if weight is None else weight
    counts = np.asarray(counts, dtype=np.float64)
    bins = len(counts)
    place = np.searchsorted(np.array(edges), prob, side="right").astype(np.int64)
    mass = np.bincount(place, weights=weight, minlength=bins).astype(np.float64)
    square = np.bincount(place, weights=weight * weight, minlength=bins).astype(np.float64)
    mean = np.bincount(place, weights=weight * prob, minlength=bins) / np.maximum(mass, 1e-12)
    alpha = counts[:, 1] + PRIOR_ROWS * mean + PRIOR_FLOOR
    beta = counts[:, 0] - counts[:, 1] + PRIOR_ROWS * (1 - mean) + PRIOR_FLOOR
    return BinPosterior(place, mass, square, alpha, beta)


def label_slopes(rate: FloatArray) -> tuple[FloatArray, FloatArray]:
    """How far the true rate moves per unit of wrong 'no' and of wrong 'yes' labels: readings part where the text is
    doubtful, not where it is plain."""
    doubt = 4 * rate * (1 - rate)
    return doubt * (1 - rate), doubt * rate


def label_error(disagreement: float = DISAGREEMENT) -> tuple[float, float]:
    """Parameters of the Beta of the share of labels wrong in one direction."""
    wrong = disagreement / 2
    return 1 + LABEL_ROWS * wrong, 1 + LABEL_ROWS * (1 - wrong)


def count_interval(
    prob: FloatArray,
    decided_mask: npt.NDArray[np.bool_],
    calibration_edges: tuple[float, ...],
    calibration_counts: FloatArray,
    *,
    weight: FloatArray | None = None,
    seed: int = 20260101,
    level: float = 0.9,
    draws: int = 4000,
    disagreement: float = DISAGREEMENT,
) -> CountInterval:
    """Interval of the number of cultural enterprises among n rows.

    prob (n,): calibrated P(culture). decided_mask (n,): rows settled by a person; their `prob` must be 0 or 1 and carries
    no doubt. calibration_counts (bins, 2): labelled rows and positives per bin of `calibration_edges`. weight (n,):
    enterprises a row stands for (default 1). A bin without labels falls back on the model's own mean with PRIOR_ROWS.
    """
    weight = np.ones(len(prob)) if weight is None else weight
    rng = np.random.default_rng(seed)
    sure = float((weight * prob)[decided_mask].sum())
    p, w = prob[~decided_mask], weight[~decided_mask]
    known = posterior(p, calibration_edges, calibration_counts, w)
    mass, square = known.mass, known.square
    rate = rng.beta(known.alpha, known.beta, size=(draws, len(mass)))
    rate[:, mass == 0] = 0.0
    a, b = label_error(disagreement)
    false_no, false_yes = rng.beta(a, b, size=(draws, 1)), rng.beta(a, b, size=(draws, 1))
    up, down = label_slopes(rate)
    true_rate = np.clip(rate + up * false_no - down * false_yes, 0.0, 1.0)
    by_rate = rate @ mass
    by_label = true_rate @ mass
    noise = np.sqrt((true_rate * (1 - true_rate)) @ square)
    total = by_label + noise * rng.standard_normal(draws)
    tail = (1 - level) / 2
    ceiling = float(mass.sum())
    low, high = np.clip(np.quantile(total, [tail, 1 - tail]), 0.0, ceiling)
    return CountInterval(
        estimate=sure + float(np.clip(total.mean(), 0.0, ceiling)),
        low=sure + float(low),
        high=sure + float(high),
        level=level,
        variance_calibration=float(by_rate.var()),
        variance_rows=float((noise**2).mean()),
        variance_labels=float((by_label - by_rate).var()),
    )
