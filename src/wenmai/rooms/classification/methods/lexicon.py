"""The lexicons of the text classifier: industry words of names, words and catalogue phrases of scopes.

Package data, hand-written: `name_words.tsv`, `item_words.tsv`; `phrase_classes.tsv` maps the catalogue of registration
phrases (经营范围规范表述) to GB/T classes; class names come from the standard. A goods word carries three classes
"manufacture/wholesale/retail"; which one applies is decided from the verbs of the scope.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import ahocorasick_rs
import numpy as np
import numpy.typing as npt

from wenmai.base.standards.culture import culture_entries, culture_of
from wenmai.base.standards.gbt4754 import industries

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

MODES = 3  # 0 manufacture, 1 wholesale, 2 retail or plain
_PHRASE_WEIGHT = {
    ("yes", "strong"): 1.0,
    ("yes", "normal"): 0.8,
    ("yes", "weak"): 0.4,
    ("part", "strong"): 0.6,
    ("part", "normal"): 0.4,
    ("part", "weak"): 0.15,
    ("no", "strong"): -1.0,
    ("no", "normal"): -0.8,
    ("no", "weak"): -0.4,
}
_CLASS_WEIGHT = 1.0  # an item that is the name of a culture class says outright what is done
_MARKS = re.compile(r"[；;。，,：:、]")
_PAREN = re.compile(r"[（(][^（）()]*[）)]")


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Words with their weight, class weight and classes.

    `words[i]` has culture weight `weight[i]` (names: logits about -5..5; scopes: -1..1), vote weight `vote[i]` and
    `codes[i, mode]`, an index into `code_list`. `own[i]`: it is the standard's own wording of a culture class (name of a
    class, catalogue phrase counted whole). `whole[i]`: it counts only as a whole item (广播, not 广播器材). `spans[i]`: it holds
    a mark that elsewhere parts items (图书、报刊零售).
    """

    words: tuple[str, ...]
    weight: FloatArray
    vote: FloatArray
    codes: IntArray
    own: npt.NDArray[np.bool_]
    whole: npt.NDArray[np.bool_]
    spans: npt.NDArray[np.bool_]
    matcher: ahocorasick_rs.AhoCorasick

    def find(self, text: str) -> tuple[IntArray, IntArray, IntArray]:
        """Leftmost-longest matches in `text`: word index, start and end offset (characters), in text order."""
        found = np.array(self.matcher.find_matches_as_indexes(text), dtype=np.int64).reshape(-1, 3)
        return found[:, 0], found[:, 1], found[:, 2]


@dataclass(frozen=True, slots=True)
class Codes:
    """All GB/T codes a word may vote for; `culture` marks those of the culture scope, `small` their small class."""

    codes: tuple[str, ...]
    index: dict[str, int]
    culture: npt.NDArray[np.bool_]
    partial: npt.NDArray[np.bool_]
    small: tuple[str | None, ...]


@lru_cache(maxsize=1)
def code_table() -> Codes:
    """Every GB/T item (2 to 4 digits) in the order of the standard."""
    codes = tuple(i.code for i in industries() if i.level != "section")
    entries = [culture_of(c) if len(c) == 4 else None for c in codes]
    return Codes(
        codes=codes,
        index={c: i for i, c in enumerate(codes)},
        culture=np.array([e is not None for e in entries]),
        partial=np.array([e is not None and e.partial for e in entries]),
        small=tuple(e.small_code if e else None for e in entries),
    )


def _read(name: str) -> list[dict[str, str]]:
    path = files("wenmai.rooms.classification") / "data" / name
    if not path.is_file():
        return []
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines(), delimiter="\t"))


def _nearest_code(code: str) -> int:
    """Index of the code, or of its longest known prefix (lexicons may name a group loosely, e.g. 3000)."""
    table = code_table().index
    for length in (len(code), 3, 2):
        if code[:length] in table:
            return table[code[:length]]
    return table["96"]


def _build(rows: list[tuple[str, str, float, float, bool]], own: set[str] | frozenset[str] = frozenset()) -> Lexicon:
    """rows: word, codes joined by '/', weight, vote, only as a whole item; the first row of a word wins."""
    first: dict[str, tuple[str, float, float, bool]] = {}
    for word, codes, weight, vote, whole in rows:
        if word and word not in first:
            first[word] = (codes, weight, vote, whole)
    triples = []
    for codes, *_ in first.values():
        parts = codes.split("/")
        triples.append([_nearest_code(parts[min(m, len(parts) - 1)]) for m in range(MODES)])
    words = tuple(first)
    return Lexicon(
        words=words,
        weight=np.array([v[1] for v in first.values()]),
        vote=np.array([v[2] for v in first.values()]),
        codes=np.array(triples, dtype=np.int64),
        own=np.array([w in own for w in words]),
        whole=np.array([v[3] for v in first.values()]),
        spans=np.array([bool(_MARKS.search(w)) for w in words]),
        matcher=ahocorasick_rs.AhoCorasick(words, matchkind=ahocorasick_rs.MatchKind.LeftmostLongest),
    )


@lru_cache(maxsize=1)
def name_lexicon() -> Lexicon:
    """Industry words of enterprise names."""
    return _build(
        [(word, r["code"], float(r["weight"]), float(r["class_weight"]), False) for r in _read("name_words.tsv") for word in r["words"].split(" ")]
    )


@lru_cache(maxsize=1)
def item_lexicon() -> Lexicon:
    """Words and phrases of scope items: hand-written words, then the catalogue, then the names of classes."""
    rows: list[tuple[str, str, float, float, bool]] = []
    own: set[str] = set()
    for r in _read("item_words.tsv"):
        weight = float(r["weight"])
        rows += [(word, r["code"], weight, abs(weight), False) for word in r["words"].split(" ")]
    for r in _read("phrase_classes.tsv"):
        phrase = _PAREN.sub("", r["phrase"])
        weight = _PHRASE_WEIGHT[(r["culture"], r["weight"])]
        if len(phrase) >= 4:
            rows.append((phrase, r["gbt_code"].split("|")[0], weight, abs(weight), False))
            own |= {phrase} if r["culture"] == "yes" else set()
    for entry in culture_entries():
        # The small class of a starred class is named after the part that counts; its GB/T name is not.
        for name in dict.fromkeys((entry.small_name,) if entry.partial else (entry.small_name, entry.gbt_name)):
            name = _PAREN.sub("", name)  # the cleaned scope has no brackets
            rows.append((name, entry.gbt_code, _CLASS_WEIGHT, _CLASS_WEIGHT, len(name) < 4))
            own.add(name)
    partial = {e.gbt_code for e in culture_entries() if e.partial}
    for item in industries("class"):
        weight = 0.3 if item.code in partial else -0.8
        if len(item.name) >= 4 and not item.name.startswith("其他"):
            rows.append((item.name, item.code, weight, abs(weight), False))
    return _build(rows, own)


@lru_cache(maxsize=1)
def catalogue_phrases() -> tuple[tuple[str, str], ...]:
    """Catalogue phrases (brackets dropped) with the GB/T code mapped to them."""
    return tuple((_PAREN.sub("", r["phrase"]), r["gbt_code"].split("|")[0]) for r in _read("phrase_classes.tsv") if r["gbt_code"])
