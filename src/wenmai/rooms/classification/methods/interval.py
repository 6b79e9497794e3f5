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

from .lexicon import FloatArray

DISAGREEMENT = 0.03
PRIOR_ROWS = 4.0  # weight of the model's own mean probability in a bin, in labelled rows
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
    counts = np.asarray(calibration_counts, dtype=np.float64)
    bins = len(counts)
    place = np.searchsorted(np.array(calibration_edges), p, side="right")
    mass = np.bincount(place, weights=w, minlength=bins)
    square = np.bincount(place, weights=w * w, minlength=bins)
    rows = np.bincount(place, minlength=bins)
    mean = np.bincount(place, weights=w * p, minlength=bins) / np.maximum(mass, 1e-12)
    alpha = counts[:, 1] + PRIOR_ROWS * mean + PRIOR_FLOOR
    beta = counts[:, 0] - counts[:, 1] + PRIOR_ROWS * (1 - mean) + PRIOR_FLOOR
    rate = rng.beta(alpha, beta, size=(draws, bins))
    rate[:, rows == 0] = 0.0
    wrong = disagreement / 2
    false_no = rng.beta(1 + 100 * wrong, 1 + 100 * (1 - wrong), size=(draws, 1))
    false_yes = rng.beta(1 + 100 * wrong, 1 + 100 * (1 - wrong), size=(draws, 1))
    doubt = 4 * rate * (1 - rate)  # readings part where the text is doubtful, not where it is plain
    true_rate = np.clip(rate + doubt * ((1 - rate) * false_no - rate * false_yes), 0.0, 1.0)
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
