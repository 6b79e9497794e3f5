"""Tables of figures as departments send them → facts: which column says what, long and wide alike.

A column names a qualifier of the row (对象, 时期, 分项 …) or holds values. A column of values may bring qualifiers of its
own: “2024年（亿元）” brings a period and a unit, “营业收入（万元）” an indicator. A long table is one column of values without
any; a wide table is several with some. The qualifiers of a value are: the defaults of the form, then those of the row,
then those of the column, each standing before the one named earlier.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from wenmai.base.values.errors import InputError
from wenmai.base.values.period import period

# Qualifier → (what it is called, titles that name it).
FIELDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "code": ("指标", ("指标代码", "指标", "指标名称", "代码", "指标编号")),
    "kind": ("对象类别", ("对象类别", "对象类型")),
    "key": ("对象标识", ("对象", "对象标识", "对象代码", "统一社会信用代码", "社会信用代码", "信用代码", "标识")),
    "name": ("对象名称", ("对象名称", "企业名称", "单位名称", "园区名称", "园区", "名称", "企业")),
    "period": ("时期", ("时期", "期别", "报告期", "年份", "年度", "统计时期", "时间")),
    "unit": ("单位", ("单位", "计量单位")),
    "lane": ("来源类", ("来源类", "来源类别", "数据来源类别")),
    "scope": ("口径", ("口径", "统计口径")),
    "item": ("分项", ("分项", "类别", "行业大类", "大类", "分组", "文化大类")),
    "stage": ("版次", ("版次", "核算版次")),
    "status": ("状态", ("状态", "填报状态")),
    "mark": ("公开属性", ("公开属性", "公开级别")),
    "version": ("定义版本", ("定义版本", "版本")),
}  # fmt: skip
CELL = "cell"
VALUE_TITLES = ("数值", "值", "数据", "本期", "本期值", "期末数", "金额")
OWN = ("code", "period", "unit", "item")
TOTALS = ("合计", "总计", "全区", "总数", "总量", "全部")
BLANKS = ("", "-", "--", "—", "——", "－", "…", "/", "\\", "无", "未填")
LONG, WIDE = "长表", "宽表"
_CODE = re.compile(r"^([A-Z][A-Z0-9_]{1,29})(?![A-Z0-9_])")
_SPAN = re.compile(
    r"(\d{4}年(?:第?[一二三四1-4]季度|前[二两三23](?:个)?季度|上半年|下半年|\d{1,2}(?:月份?)?[-－—–~至]\d{1,2}月份?(?:累计)?|\d{1,2}月(?:末|底)"
    r"|\d{1,2}月份?|末|年末|底|年底|全年|度)?|\d{4}(?:H[12]|Q[1-4]|M\d{2}(?:-\d{2})?)?(?![\d年]))"
)
_BRACKET = re.compile(r"[(（][^()（）]*[)）]")
_LEADING = re.compile(r"^(\d{2})(?!\d)[\s、.．:：-]*(.*)$")


@dataclass(frozen=True)
class Role:
    """What one column is: "" not used, a qualifier of FIELDS, or CELL with the qualifiers it brings."""

    role: str = ""
    code: str = ""
    period: str = ""
    unit: str = ""
    item: str = ""


@dataclass(frozen=True)
class Reading:
    """How a table is read: a role per column and the defaults for whatever no column says. `dimension` is what a bare
    分项 is an item of (大类 makes 01 to 大类=01)."""

    roles: tuple[Role, ...]
    defaults: dict[str, str] = field(default_factory=dict)
    dimension: str = ""

    @property
    def layout(self) -> str:
        """长表 or 宽表."""
        cells = [r for r in self.roles if r.role == CELL]
        return LONG if len(cells) == 1 and not (cells[0].code or cells[0].period or cells[0].item) else WIDE

    def as_dict(self) -> dict[str, Any]:
        return {"roles": [asdict(r) for r in self.roles], "defaults": self.defaults, "dimension": self.dimension}


@dataclass(frozen=True)
class Value:
    """One cell with all that qualifies it, still as text. `blank`: the cell of a wide table says nothing."""

    row: int
    column: str
    text: str
    qualifiers: dict[str, str]
    blank: bool


def indicator_of(text: str, names: Mapping[str, str]) -> str:
    """The code in “SC06”, “SC06 规上文化企业营业收入” or a name that the dictionary knows; else the text itself, so that
    whoever records it names what was not found."""
    bare = text.strip()
    if found := _CODE.match(bare):
        return found[1]
    return names.get(bare) or names.get(_BRACKET.sub("", bare)) or bare


def item_of(text: str, dimension: str, items: Mapping[str, Mapping[str, str]]) -> str:
    """The item as facts carry it. 合计 is the total; “01 新闻信息服务”, “01” and a known name give 大类=01."""
    bare = re.sub(r"\s+", " ", text.strip())
    if not bare or bare.replace(" ", "") in TOTALS:
        return ""
    if "=" in bare or not dimension:
        return bare
    known = items.get(dimension, {})
    lead = _LEADING.match(bare)
    if lead and (not lead[2] or known):
        return f"{dimension}={lead[1]}"
    return f"{dimension}={known.get(bare.removeprefix('其中：').strip(), bare)}"


def field_of(title: str) -> str | None:
    """The qualifier that a title names; CELL for a title of plain values; None for any other."""
    bare = re.sub(r"\s+", "", _BRACKET.sub("", title))
    for name, (_, titles) in FIELDS.items():
        if bare in titles:
            return name
    return CELL if bare in VALUE_TITLES else None


def suggest(heads: Sequence[tuple[str, str | None]], names: Mapping[str, str]) -> tuple[Role, ...]:
    """A role for every (title, unit): the qualifiers by their names, columns of values by the period or indicator in
    their heads. Of two columns that name one qualifier the first is taken. `names`: indicator name → code."""
    roles: list[Role] = []
    taken: set[str] = set()
    for title, unit in heads:
        named = field_of(title)
        if named and named != CELL:
            roles.append(Role("" if named in taken else named))
            taken.add(named)
        elif named == CELL:
            roles.append(Role(CELL, unit=unit or ""))
        else:
            roles.append(_cell(title, unit, names))
    if not taken & {"item", "key", "name", "code", "period"} and roles and roles[0].role == "":
        roles[0] = Role("item")  # a wide table without a head over its first column
    return tuple(roles)


def _cell(title: str, unit: str | None, names: Mapping[str, str]) -> Role:
    bare = re.sub(r"\s+|／", "", title)
    when = ""
    if found := _SPAN.search(bare):
        try:
            when = period(found[1]).code
        except InputError:
            when = ""
    rest = _BRACKET.sub("", bare.replace(found[1], "", 1) if found and when else bare).strip("，,、:：-—")
    code = indicator_of(rest, names) if rest else ""
    known = code in names.values()
    if not when and not known:
        return Role()
    return Role(CELL, code if known else "", when, unit or "")


def remembered(heads: Sequence[str], old_heads: Sequence[str], old: Reading) -> tuple[Role, ...] | None:
    """The roles that a provider's last file had, by title; None when no title is known from it."""
    by_title = {title: role for title, role in zip(old_heads, old.roles, strict=False) if title}
    if not any(title in by_title for title in heads if title):
        return None
    return tuple(by_title.get(title, Role()) for title in heads)


def read_roles(data: Mapping[str, Any]) -> Reading:
    """A reading from its dict; anything that is not as written by as_dict is left out."""
    roles = []
    for one in data.get("roles") or []:
        role = str(one.get("role", ""))
        own = {name: str(one.get(name, "")).strip()[:60] for name in OWN}
        roles.append(Role(role, **own) if role == CELL else Role(role if role in FIELDS else ""))
    defaults = {k: str(v).strip()[:120] for k, v in (data.get("defaults") or {}).items() if k in FIELDS and str(v).strip()}
    return Reading(tuple(roles), defaults, str(data.get("dimension", "")).strip()[:20])


def values(
    rows: Iterable[tuple[int, Sequence[str | None]]], titles: Sequence[str], reading: Reading, names: Mapping[str, str],
    items: Mapping[str, Mapping[str, str]],
) -> Iterator[Value]:  # fmt: skip
    """Every value of the table in reading order. Rows × columns of values = what comes out, blanks included.

    A cell of a wide table that says nothing is blank; in a long table an empty value is kept, because its 状态 may say why.
    """
    cells = [(at, role) for at, role in enumerate(reading.roles) if role.role == CELL]
    wide = reading.layout == WIDE
    for number, row in rows:
        texts = [(row[at] or "").strip() if at < len(row) else "" for at in range(len(reading.roles))]
        own = {role.role: text for role, text in zip(reading.roles, texts, strict=True) if role.role in FIELDS and text}
        # A row that names its subject does not take the other half of the name from the defaults.
        said = {k: v for k, v in reading.defaults.items() if k not in ("key", "name") or not own.keys() & {"key", "name"}} | own
        for at, role in cells:
            text = texts[at]
            found = {**said, **{name: value for name in OWN if (value := getattr(role, name))}}
            item = item_of(found.get("item", ""), reading.dimension, items)
            found |= {"item": item, "code": indicator_of(found.get("code", ""), names)}
            if text.endswith(("%", "％")):
                text = text[:-1].strip()
                found.setdefault("unit", "%")
            yield Value(number, titles[at] if at < len(titles) else "", text, found, wide and text in BLANKS)
