"""Whether a park meets a recognition rule on a day: met, not met or undecidable, with the gap of every condition.

Three-valued on purpose: a share that is only known as an interval decides a threshold when the whole interval lies on one
side of it, and otherwise says what is missing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from wenmai.rooms.records.methods.shares import Interval

MET, NOT_MET, UNDECIDABLE = "达到", "未达到", "不可判定"
# Measure → (words, whether a share in permille; else a count).
MEASURES: dict[str, tuple[str, bool]] = {
    "occupancy": ("入驻率（已租面积÷可租面积）", True),
    "cultural_count": ("文化企业占入驻企业比重（按家数）", True),
    "cultural_area": ("文化企业占已租面积比重", True),
    "cultural_lettable": ("文化企业占可租面积比重", True),
    "tenants": ("入驻企业数", False),
    "lettable": ("可租面积（㎡）", False),
    "months_open": ("开园月数", False),
}


@dataclass(frozen=True)
class Verdict:
    """One condition: the answer, the measured interval, and in words how far it is."""

    words: str
    answer: str
    measured: Interval | None
    at_least: Fraction
    gap: str


@dataclass(frozen=True)
class Check:
    """All conditions; `in_force` is false when the rule is not valid on the day (the answer is then undecidable)."""

    answer: str
    conditions: tuple[Verdict, ...]
    in_force: bool
    remark: str = ""


def check(conditions: Sequence[Mapping[str, Any]], measured: Mapping[str, Interval | None], day: date,
          valid_from: date | None = None, valid_to: date | None = None, missing: Mapping[str, str] | None = None) -> Check:  # fmt: skip
    """One failing condition decides; else one undecidable; else met. `missing` says per measure what is not known."""
    verdicts = tuple(_judge(c, measured, missing or {}) for c in conditions)
    if (valid_from and day < valid_from) or (valid_to and day > valid_to):
        return Check(UNDECIDABLE, verdicts, False, f"{day} 不在规则施行期内")
    if not verdicts:
        return Check(UNDECIDABLE, (), True, "规则没有条件")
    answers = {v.answer for v in verdicts}
    answer = next((a for a in (NOT_MET, UNDECIDABLE) if a in answers), MET)
    return Check(answer, verdicts, True)


def _judge(condition: Mapping[str, Any], measured: Mapping[str, Interval | None], missing: Mapping[str, str]) -> Verdict:
    name = str(condition["measure"])
    title, share = MEASURES[name]
    line = Fraction(condition["at_least"], 1000) if share else Fraction(condition["at_least"])
    words = str(condition.get("words") or f"{title}不低于{_text(line, share)}")
    value = measured.get(name)
    why = missing.get(name, "")
    if value is None:
        return Verdict(words, UNDECIDABLE, None, line, why or f"缺{title}")
    if value.low >= line:
        return Verdict(words, MET, value, line, "" if value.exact else why)
    if value.high < line:
        return Verdict(words, NOT_MET, value, line, f"差{_distance(line - value.high, share)}" + ("" if value.exact else "以上"))
    return Verdict(words, UNDECIDABLE, value, line, f"在{_text(value.low, share)}至{_text(value.high, share)}之间" + (f"，{why}" if why else ""))


def _text(value: Fraction, share: bool) -> str:
    return f"{float(value * 100):.1f}%".replace(".0%", "%") if share else f"{float(value):g}"


def _distance(gap: Fraction, share: bool) -> str:
    """Rounded up: a gap is never printed as nothing."""
    return f"{math.ceil(gap * 1000) / 10:g}个百分点" if share else f"{math.ceil(gap):g}"


def months_between(first: date, last: date) -> int:
    """Whole months from first to last; 0 when last is earlier."""
    months = (last.year - first.year) * 12 + last.month - first.month - (last.day < first.day)
    return max(0, months)
