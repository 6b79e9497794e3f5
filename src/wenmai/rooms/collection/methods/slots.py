"""What a cell of a bureau's layout stands for: `{{SC06[大类=01]@上年同期; 口径=规上; 单位=万元}}`.

An indicator with item and lag as in formulas, then options: 口径, 来源, 时期, 单位, 版次, 对象 (类别:标识), 小数. What is not said is
the template's own default. `{{@时期}}`, `{{@填报单位}}` and `{{@日期}}` are words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from wenmai.base.values.errors import InputError
from wenmai.base.values.period import Period, period
from wenmai.base.values.units import unit
from wenmai.office.figures.methods.formula import Reference, parse

WORDS = ("时期", "填报单位", "日期")
OPTIONS = ("口径", "来源", "时期", "单位", "版次", "对象", "小数")
LANES = ("统计部门数据", "本办监测口径", "行政记录")
KINDS = ("area", "enterprise", "park", "project", "organisation")
PLACEHOLDER = re.compile(r"\s*\{\{(.{1,200}?)\}\}\s*", re.S)


@dataclass(frozen=True)
class Slot:
    """One cell to fill: a word, or a figure; empty strings are the defaults."""

    text: str
    word: str = ""
    reference: Reference | None = None
    scope: str = ""
    lane: str = ""
    when: str = ""
    unit: str = ""
    stage: str = ""
    kind: str = ""
    key: str = ""
    decimals: int | None = None

    def period(self, default: Period) -> Period:
        asked = period(self.when) if self.when else default
        return self.reference.period(asked) if self.reference is not None else asked


def read(text: str) -> Slot:
    """The slot of a text (without braces); InputError says what is wrong."""
    bare = text.strip()
    if bare.startswith("@"):
        if bare[1:].strip() not in WORDS:
            raise InputError(f"不认识“{bare}”", remedy="可用：" + "、".join("@" + w for w in WORDS))
        return Slot(bare, word=bare[1:].strip())
    head, *rest = re.split("[;；]", bare)
    tree = parse(head.strip()).tree
    if tree[0] != "ref":
        raise InputError(f"“{head.strip()}”不是一个指标", remedy="一格一个指标，要算的指标请先在词典里写公式")
    found: dict[str, str] = {}
    for part in rest:
        name, equals, value = part.partition("=")
        name, value = name.strip(), value.strip()
        if not equals or name not in OPTIONS or not value or name in found:
            raise InputError(f"“{part.strip()}”看不懂", remedy="写成 名=值，名可用：" + "、".join(OPTIONS))
        found[name] = value
    if found.get("来源", LANES[0]) not in LANES:
        raise InputError(f"来源“{found['来源']}”不在可选项内", remedy="可用：" + "、".join(LANES))
    if "时期" in found:
        period(found["时期"])
    if "单位" in found:
        unit(found["单位"])
    kind, colon, key = found.get("对象", "").partition(":")
    if "对象" in found and (kind not in KINDS or not colon or not key):
        raise InputError(f"对象“{found['对象']}”看不懂", remedy="写成 类别:标识，如 area:本区")
    digits = found.get("小数", "")
    if digits and digits not in "0123456":
        raise InputError(f"小数“{digits}”应为 0 至 6")
    return Slot(
        bare, "", tree[1], tree[1].scope or found.get("口径", ""), found.get("来源", ""), found.get("时期", ""), found.get("单位", ""),
        found.get("版次", ""), kind, key, int(digits) if digits else None,
    )  # fmt: skip
