"""Record linkage of rows without a usable code: blocking on rare character trigrams, then rapidfuzz.

Why not splink: the rows to link are few and carry two comparable fields, so there is nothing for an
expectation-maximisation to estimate (decision record 0003). Verified on 479 pairs of equal code and different
name (docs/methods/identity.md).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz
from rapidfuzz.distance import DamerauLevenshtein

from wenmai.rooms.registry.methods.names import core_name

THRESHOLD = 0.85
MARGIN = 0.03
_BLOCKS_PER_NAME = 4
_MAX_CANDIDATES = 80


@dataclass(frozen=True)
class Link:
    """Index of the candidate that a row was linked to, and the score in 0..1."""

    index: int
    score: float


def _grams(text: str) -> set[str]:
    return {text[i : i + 3] for i in range(len(text) - 2)} or {text}


def score(a: str, b: str, address_a: str | None = None, address_b: str | None = None) -> float:
    """Similarity of two core names in 0..1. One changed character in a name of eight or more scores >= 0.875;
    the address moves the score by at most 0.06 either way and only when both are known."""
    # Below this no address could lift the pair over the threshold, so the distance need not be finished.
    similarity = DamerauLevenshtein.normalized_similarity(a, b, score_cutoff=THRESHOLD - 0.1)
    if address_a and address_b:
        similarity += 0.12 * (fuzz.partial_ratio(address_a, address_b) / 100 - 0.5)
    return max(0.0, min(1.0, similarity))


class Linker:
    """An index over candidate names (with addresses) that finds the one candidate a name refers to, or none."""

    def __init__(self, names: Sequence[str], addresses: Sequence[str | None] | None = None) -> None:
        self.cores = [core_name(n) for n in names]
        self.addresses = list(addresses) if addresses is not None else [None] * len(self.cores)
        self._frequency: Counter[str] = Counter()
        self._index: dict[str, list[int]] = defaultdict(list)
        for i, core in enumerate(self.cores):
            for gram in _grams(core):
                self._frequency[gram] += 1
                self._index[gram].append(i)

    def find(self, name: str, address: str | None = None) -> Link | None:
        """The best candidate above THRESHOLD that beats the runner-up by MARGIN; None when that is not certain."""
        core = core_name(name)
        if len(core) < 4:  # two- and three-character names are shared by strangers
            return None
        known = [g for g in _grams(core) if g in self._index]
        rare = sorted(known, key=lambda g: (self._frequency[g], g))[:_BLOCKS_PER_NAME]
        candidates: set[int] = set()
        for gram in rare:
            if len(candidates) + self._frequency[gram] > _MAX_CANDIDATES:
                break
            candidates.update(self._index[gram])
        if not candidates:
            return None
        ranked = sorted(
            ((score(core, self.cores[i], address, self.addresses[i]), -i) for i in candidates), reverse=True
        )
        best, second = ranked[0], ranked[1] if len(ranked) > 1 else (0.0, 0)
        if best[0] < THRESHOLD or best[0] - second[0] < MARGIN:
            return None
        return Link(-best[1], best[0])
