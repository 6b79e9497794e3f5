"""Units of official figures (亿元, 万元/家, %, 个百分点) with exact conversion and dimensional checking.

A dimension is a product of powers of bases. Every counting noun is a base of its own: 家 and 户 do not add. A ratio has
the empty dimension (%, ‰, 倍); 个百分点 is a base of its own, because a difference of shares is no share.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from wenmai.base.values.errors import InputError

Dimension = tuple[tuple[str, int], ...]
RATIO: Dimension = ()
POINTS: Dimension = (("百分点", 1),)

_SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "百万": 10**6, "千万": 10**7, "亿": 10**8, "万亿": 10**12}
_BASES = (
    "元", "美元", "家", "户", "个", "件", "项", "条", "人", "次", "人次", "家次", "平方米", "亩", "天", "工作日", "年", "月", "张", "部",
    "场", "间", "处", "套", "台", "册", "种", "宗", "起", "位", "名", "小时", "分",
)  # fmt: skip
_ALIASES = {"㎡": "平方米", "m2": "平方米", "m²": "平方米", "千㎡": "千平方米", "人民币元": "元", "百分点": "个百分点", "日": "天", "％": "%"}
_RATIOS = {"%": Fraction(1, 100), "‰": Fraction(1, 1000), **dict.fromkeys(("倍", "", "比", "指数", "系数"), Fraction(1))}


@dataclass(frozen=True)
class Unit:
    """`factor` turns a value in this unit into the base unit of its dimension (yuan, persons, one)."""

    name: str
    dimension: Dimension
    factor: Fraction

    def to(self, value: Fraction, other: Unit) -> Fraction:
        """`value` of this unit in `other`; InputError when the dimensions differ."""
        if self.dimension != other.dimension:
            raise InputError(f"“{self.name or '数'}”不能换算为“{other.name or '数'}”", remedy="请核对两个指标的单位")
        return value * self.factor / other.factor


@lru_cache(maxsize=1024)
def unit(text: str) -> Unit:
    """Read a unit; InputError names an unknown one. `万元/家` divides, `元/平方米·月` divides by a product."""
    bare = text.strip()
    if bare in ("个百分点", "百分点"):
        return Unit("个百分点", POINTS, Fraction(1, 100))
    top, *bottoms = bare.split("/")
    dimension, factor = _product(top, text)
    for bottom in bottoms:
        lower, scale = _product(bottom, text)
        dimension = combine(dimension, lower, -1)
        factor /= scale
    return Unit(bare, dimension, factor)


def _product(text: str, whole: str) -> tuple[Dimension, Fraction]:
    dimension, factor = RATIO, Fraction(1)
    for part in text.replace("*", "·").split("·"):
        one, scale = _single(part.strip(), whole)
        dimension, factor = combine(dimension, one, 1), factor * scale
    return dimension, factor


def _single(text: str, whole: str) -> tuple[Dimension, Fraction]:
    text = _ALIASES.get(text, text)
    if text in _RATIOS:
        return RATIO, _RATIOS[text]
    for scale in sorted(_SCALES, key=len, reverse=True):
        if text.startswith(scale) and text[len(scale) :] in _BASES:
            return ((text[len(scale) :], 1),), Fraction(_SCALES[scale])
        if text == scale:
            return RATIO, Fraction(_SCALES[scale])
    if text in _BASES:
        return ((text, 1),), Fraction(1)
    raise InputError(f"不认识的单位“{whole}”", remedy="可用：元、万元、亿元、家、户、个、人、万人、平方米、%、个百分点等，复合单位写成 万元/家")


def combine(a: Dimension, b: Dimension, sign: int) -> Dimension:
    """The dimension of a·b (`sign` 1) or a/b (−1)."""
    powers = dict(a)
    for base, power in b:
        powers[base] = powers.get(base, 0) + sign * power
    return tuple(sorted((k, v) for k, v in powers.items() if v))


def describe(dimension: Dimension) -> str:
    """The dimension in words, for an error message."""
    if not dimension:
        return "比率（无量纲）"
    above = "·".join(k if v == 1 else f"{k}^{v}" for k, v in dimension if v > 0) or "1"
    below = "·".join(k if v == -1 else f"{k}^{-v}" for k, v in dimension if v < 0)
    return above + (f"/{below}" if below else "")
