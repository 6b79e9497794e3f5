"""The order of the review queue: rows whose decision lowers the variance of the published count the most per look.

Reviewing row i removes its own Bernoulli variance w²p(1-p). It also says something about every other open row in
the same calibration bin (a labelled row narrows the bin's rate) and settles the rows with the same signature
(repeated registrations, branches with one scope), whose errors are shared.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .lexicon import FloatArray, IntArray


def variance_reduction(
    prob: FloatArray,
    group: IntArray,
    calibration_edges: tuple[float, ...],
    calibration_counts: FloatArray,
    weight: FloatArray | None = None,
) -> FloatArray:
    """Expected reduction of the variance of the count by reviewing each row, (n,) in squared enterprises.

    prob (n,) calibrated; group (n,) equal integers mark rows with the same signature, which one decision settles;
    calibration_counts (bins, 2) labelled rows and positives per bin.
    """
    n = len(prob)
    weight = np.ones(n) if weight is None else weight
    if n == 0:
        return np.zeros(0)
    _, member = np.unique(group, return_inverse=True)
    group_mass = np.bincount(member, weights=weight)
    group_prob = np.bincount(member, weights=weight * prob) / group_mass
    own = (group_mass**2 * group_prob * (1 - group_prob))[member]
    counts = np.asarray(calibration_counts, dtype=np.float64)
    place = np.searchsorted(np.array(calibration_edges), prob, side="right")
    rows = np.bincount(place, weights=weight, minlength=len(counts))
    mean = np.bincount(place, weights=weight * prob, minlength=len(counts)) / np.maximum(rows, 1e-12)
    labelled = counts[:, 0] + 2.0
    rate = (counts[:, 1] + 2.0 * mean) / labelled
    before = rate * (1 - rate) / (labelled + 1)
    after = rate * (1 - rate) / (labelled + 2)
    shared = rows**2 * (before - after)
    spread = prob * (1 - prob) / np.maximum(mean * (1 - mean), 1e-9)[place]
    return np.asarray(own + shared[place] * np.minimum(spread, 4.0), dtype=np.float64)


def order(
    prob: FloatArray,
    group: IntArray | None = None,
    calibration_edges: tuple[float, ...] = (),
    calibration_counts: FloatArray | None = None,
    weight: FloatArray | None = None,
    decided_mask: npt.NDArray[np.bool_] | None = None,
) -> IntArray:
    """Row indices in the order in which to review them; decided rows are left out.

    Of rows with one signature only the first keeps the value of the whole group, the others come last: one decision
    answers them all. Ties keep the order of the input.
    """
    n = len(prob)
    group = np.arange(n) if group is None else group
    counts = np.zeros((len(calibration_edges) + 1, 2))
    counts = counts if calibration_counts is None else calibration_counts
    open_rows = np.arange(n) if decided_mask is None else np.flatnonzero(~decided_mask)
    gain = variance_reduction(
        prob[open_rows],
        group[open_rows],
        calibration_edges,
        counts,
        None if weight is None else weight[open_rows],
    )
    _, first = np.unique(group[open_rows], return_index=True)
    leader = np.zeros(len(open_rows), dtype=bool)
    leader[first] = True
    ranked = np.lexsort((np.arange(len(open_rows)), -gain, ~leader))
    return np.asarray(open_rows[ranked], dtype=np.int64)
