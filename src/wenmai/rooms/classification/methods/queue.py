"""The order of the review queue: rows whose decision lowers the variance of the published count the most per look.

The variance is that of `interval.count_interval`. In bin b the open rows have mass M and the rate a Beta with A = α + β and
mean μ. One more reviewed unit of size g (rows with one signature, which one look answers) takes its mass out and adds a
label to the bin, so that the expected variance falls from V(M, A) to V(M − g, A + 1), where

    V(M, A) = M²·v·A₀/A + S·e,   v = μ(1−μ)/(A₀+1),   e = μ(1−μ)·A₀/(A₀+1),   S = Σg² of the open units.

This is exact for a Beta-binomial. V is convex along a bin, so the greedy order is the best batch of every length
(marginal allocation). Within a bin and size the order is random: then the decisions are fair evidence about the bin.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .interval import label_error, label_slopes, posterior
from .lexicon import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class Ranking:
    """`order` (m,): indices of the open rows, best first. Along it, `gain`: expected fall of the variance (squared
    enterprises) by that look given all looks before it, 0 for a row that an earlier one of its signature answers;
    `settles`: open rows with its signature, itself included.
    """

    order: IntArray
    gain: FloatArray
    settles: IntArray


def ranking(
    prob: FloatArray,
    group: IntArray | None = None,
    calibration_edges: tuple[float, ...] = (),
    calibration_counts: FloatArray | None = None,
    weight: FloatArray | None = None,
    decided_mask: npt.NDArray[np.bool_] | None = None,
    lot: IntArray | None = None,
) -> Ranking:
    """The queue over the rows that no person decided.

    prob (n,) calibrated; group (n,): equal integers mark rows with one signature; calibration_counts (bins, 2) labelled rows and
    positives per bin; weight (n,) enterprises a row stands for; lot (n,): a number drawn for each row that does not depend on
    what it says (a hash of its key), which keeps the random order within a bin the same from call to call.
    """
    n = len(prob)
    rows = np.arange(n) if decided_mask is None else np.flatnonzero(~decided_mask)
    if not len(rows):
        return Ranking(np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0, dtype=np.int64))
    counts = np.zeros((len(calibration_edges) + 1, 2)) if calibration_counts is None else np.asarray(calibration_counts, dtype=np.float64)
    w = np.ones(len(rows)) if weight is None else weight[rows]
    p = prob[rows]
    drawn = np.random.default_rng(0).permutation(n) if lot is None else lot
    # Units: rows with one signature. The lead row is the one drawn first.
    member = np.arange(len(rows)) if group is None else np.unique(group[rows], return_inverse=True)[1]
    by_lot = np.lexsort((drawn[rows], member))
    lead = by_lot[np.r_[True, np.diff(member[by_lot]) > 0]]
    size = np.bincount(member, weights=w).astype(np.float64)
    number = np.bincount(member)
    mean = np.bincount(member, weights=w * p) / size
    gain = _unit_gains(mean, size, drawn[rows][lead], calibration_edges, counts)
    units = np.lexsort((drawn[rows][lead], -gain))
    rest = np.setdiff1d(np.arange(len(rows)), lead)
    rest = rest[np.lexsort((drawn[rows][rest], -p[rest] * (1 - p[rest])))]
    at = np.r_[lead[units], rest]
    return Ranking(
        order=rows[at].astype(np.int64),
        gain=np.r_[gain[units], np.zeros(len(rest))],
        settles=number[member[at]].astype(np.int64),
    )


def _unit_gains(mean: FloatArray, size: FloatArray, drawn: IntArray, edges: tuple[float, ...], counts: FloatArray) -> FloatArray:
    """Gain of each unit at its turn: bins are worked off largest unit first, then in the order drawn."""
    known = posterior(mean, edges, counts, size)
    total = known.alpha + known.beta
    rate = known.alpha / total
    spread = rate * (1 - rate) / (total + 1)
    own = rate * (1 - rate) * total / (total + 1)
    up, down = label_slopes(rate)
    a, b = label_error()
    doubt = a * b / ((a + b) ** 2 * (a + b + 1))
    # All bins share the error of labels, so a unit takes out part of one common sum (first order, at the start).
    shared = 2 * doubt * (up * (known.mass @ up) + down * (known.mass @ down))
    order = np.lexsort((drawn, -size, known.place))
    gain = np.zeros(len(mean))
    starts = np.flatnonzero(np.r_[True, np.diff(known.place[order]) > 0, True])
    for first, last in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
        units = order[first:last]
        bin_ = int(known.place[units[0]])
        left = np.r_[known.mass[bin_], known.mass[bin_] - np.cumsum(size[units])]
        along = left**2 * spread[bin_] * total[bin_] / (total[bin_] + np.arange(len(left)))
        fall = along[:-1] - along[1:] + size[units] ** 2 * own[bin_] + size[units] * shared[bin_]
        gain[units] = np.minimum.accumulate(fall)
    return gain


def order(
    prob: FloatArray,
    group: IntArray | None = None,
    calibration_edges: tuple[float, ...] = (),
    calibration_counts: FloatArray | None = None,
    weight: FloatArray | None = None,
    decided_mask: npt.NDArray[np.bool_] | None = None,
) -> IntArray:
    """Row indices in the order in which to review them (see `ranking`); decided rows are left out."""
    return ranking(prob, group, calibration_edges, calibration_counts, weight, decided_mask).order


def signature(evidence: str) -> str | None:
    """What a decision was read from, without the score: registered code, word of the name, first and cultural items.

    Two enterprises with one signature were read alike, so one look most likely answers both. None when the evidence
    does not hold both a word of the name and an item: then it says too little to call rows alike.
    """
    said = evidence.partition('{"kind":"模型"')[0]  # cut, not parsed: a queue reads tens of thousands
    return said if '"kind":"名称"' in said and '"kind":"词条"' in said else None


def groups(evidence: list[str]) -> IntArray:
    """(n,) equal integers for equal signatures; a row without a signature is alone."""
    known: dict[str, int] = {}
    out = np.arange(len(evidence), dtype=np.int64)
    for i, text in enumerate(evidence):
        key = signature(text)
        if key is not None:
            out[i] = known.setdefault(key, i)
    return out
