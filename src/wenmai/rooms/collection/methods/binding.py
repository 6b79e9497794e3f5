"""Finding the numbers of an old report and proposing which figure each one is. A person confirms; nothing is bound by itself.

A number counts when a unit stands behind it; years, dates and list numbers do not. A proposal's score (0–100) is the
similarity of the indicator's name with the words before the number in its clause, raised or lowered by scope words and
words of growth; an indicator of another dimension is never proposed. Method page: docs/methods/collection.md.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from rapidfuzz import fuzz

from wenmai.base.values.errors import InputError
from wenmai.base.values.units import Unit, unit
from wenmai.office.figures.methods.numerals import readings

UNITS = (
    "万亿元", "亿元", "百万元", "万元", "千元", "元", "万平方米", "千平方米", "平方米", "万人次", "人次", "万人", "千人", "人", "万家", "家次", "家",
    "万户", "户", "个百分点", "百分点", "个", "项", "件", "万件", "条", "场", "部", "处", "亩", "％", "%", "‰", "倍",
)  # fmt: skip
_AFTER = re.compile(r"\s*(" + "|".join(sorted(map(re.escape, UNITS), key=len, reverse=True)) + ")")
_NOT_COUNTED = re.compile(r"个(?:月|季度|工作日|方面)|场次")
_CLAUSE = re.compile(r"[，。；：！？、,;:!?\n]")
_SENTENCE = re.compile(r"[。；！？;!?\n]")
SCOPES = {"规上": ("规上", "规模以上", "限额以上"), "登记": ("登记", "注册", "名录"), "园区": ("园区", "基地"), "全口径": ("全口径", "全部")}
GROWTH = ("增长", "增速", "同比", "下降", "回落", "提升", "提高")
SHARE = ("占", "比重", "占比", "率")
LEAST, MOST = 45.0, 3


@dataclass(frozen=True)
class Found:
    """A number in a paragraph, with the unit behind it and the words around it."""

    paragraph: int
    start: int
    raw: str
    value: Fraction
    unit: str
    context: str
    before: str


@dataclass(frozen=True)
class Candidate:
    """An indicator that a number may be."""

    code: str
    name: str
    unit: str
    lane: str = ""
    scope: str = ""
    item: str = ""
    reported: bool = False


@dataclass(frozen=True)
class Proposal:
    candidate: Candidate
    score: float


def numbers(paragraphs: Sequence[str]) -> list[Found]:
    """Every number with a unit, in reading order."""
    found = []
    for at, text in enumerate(paragraphs):
        for one in readings(text):
            after = _AFTER.match(text, one.end)
            if one.unit:
                measure, end = one.unit, one.end
            elif after is not None and not _NOT_COUNTED.match(text, after.start(1)):
                measure, end = after[1].replace("％", "%"), after.end()
            else:
                continue
            if not one.arabic and not one.unit and one.value < 11:
                continue  # 一个, 两家 and the like are words more often than figures
            sentence = max((m.end() for m in _SENTENCE.finditer(text, 0, one.start)), default=0)
            stop = _SENTENCE.search(text, end)
            around = text[max(sentence, one.start - 80) : min(stop.start() if stop else len(text), end + 40)]
            found.append(Found(at, one.start, text[one.start : end], one.value, measure, around.strip()[:200], _words(text, sentence, one.start)))
    return found


def _words(text: str, sentence: int, start: int) -> str:
    """The words a number is about: its own clause, and the clause before when its own says too little."""
    cuts = [sentence, *(m.end() for m in _CLAUSE.finditer(text, sentence, start))]
    own = text[cuts[-1] : start]
    if len(re.findall(r"[\u4e00-\u9fff]", own)) < 5 and len(cuts) > 1:
        own = text[cuts[-2] : start]
    return re.sub(r"[\d.,%％年月—－-]+", "", own)[-40:]


def propose(found: Found, candidates: Sequence[Candidate]) -> list[Proposal]:
    """The best candidates of the number's dimension, best first; empty when none is near enough."""
    try:
        measure = unit(found.unit)
    except InputError:
        return []
    scored = []
    for one in candidates:
        other = _unit(one.unit)
        if other is None or other.dimension != measure.dimension:
            continue
        score = _score(found, one)
        if score >= LEAST:
            scored.append(Proposal(one, round(score, 1)))
    scored.sort(key=lambda p: (-p.score, p.candidate.code, p.candidate.lane, p.candidate.scope))
    return scored[:MOST]


def _unit(text: str) -> Unit | None:
    try:
        return unit(text)
    except InputError:
        return None


def _bare(name: str) -> str:
    """A name without its scope words and brackets: what has to be said in the sentence itself."""
    short = re.sub(r"（[^）]*）", "", name)
    for scope, words in SCOPES.items():
        for word in words if scope != "园区" else ():  # a park is what the figure is about, not only its scope
            short = short.replace(word, "")
    short = short.removesuffix("数") if len(short) > 3 else short
    bare = re.sub(r"^(文化及相关产业|文化企业|文化产业|文化)", "", short)
    return bare if len(bare) >= 3 else short or name


def _score(found: Found, one: Candidate) -> float:
    words, short = found.before, _bare(one.name)
    if not words:
        return 0.0
    score = 0.75 * fuzz.partial_ratio(short, words) + 0.25 * fuzz.token_set_ratio(one.name, words)
    score *= min(1.0, 0.4 + len(words) / 10)
    said = {scope for scope, marks in SCOPES.items() if any(m in found.context for m in marks)}
    own = {scope for scope, marks in SCOPES.items() if scope == one.scope or any(m in one.name for m in marks)}
    if said & own:
        score += 12
    elif own and said:
        score -= 12
    grows = any(w in found.before for w in GROWTH)
    if _unit(found.unit) is not None and found.unit in ("%", "‰", "个百分点"):
        score += 10 if grows == any(w in one.name for w in ("增速", "增长", "变动")) else -15
        if not grows and any(w in found.before for w in SHARE) and any(w in one.name for w in SHARE):
            score += 5
    if one.reported:
        score += 4  # of two that are equally near, the one that somebody keeps
    return max(0.0, min(100.0, score))


@dataclass(frozen=True)
class Change:
    """Old against new in the old number's unit. `rate` None: no base, or the figure is a ratio (then points are told)."""

    old: Fraction
    new: Fraction
    difference: Fraction
    rate: Fraction | None
    points: bool


def change(old: Fraction, old_unit: str, new: Fraction, new_unit: str) -> Change:
    """The change between two values of one dimension; ratios differ in points (个百分点)."""
    measure = unit(old_unit)
    value = unit(new_unit).to(new, measure)
    ratio = measure.dimension == () or old_unit in ("个百分点", "百分点")
    return Change(old, value, value - old, None if ratio or old <= 0 else value / old - 1, ratio)
