"""报表: a form as a YAML text. It maps lines to facts (indicator, item, unit, lane, scope) and names the checks between them.

`read` parses and validates; every fault is one Chinese line with line and column. Pure: whether an indicator exists is
asked of the dictionary elsewhere. Everything is read as text, so that 01 stays 01. Anchors and aliases are refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import yaml

from wenmai.base.values.errors import InputError
from wenmai.base.values.period import Period
from wenmai.base.values.units import unit
from wenmai.rooms.collection.methods import checks

STATISTICAL, PARK_RECORD = "地方统计调查", "园区管理记录"
KINDS = (STATISTICAL, PARK_RECORD)
LEGAL = ("表号", "制定机关", "批准机关", "文号", "有效期限")
FREQUENCIES = ("月度", "季度", "累计季度", "半年", "年度")
LANES = ("本办监测口径", "行政记录")
PREFILL = ("否", "上期", "已知")
TOTALS = ("合计", "不汇总")
MARKS = ("可公开", "内部", "不得外传")
RESPONDENTS = {"园区": "park", "企业": "enterprise", "单位": "organisation"}
TOP = {
    "标识", "类别", "kind", "名称", *LEGAL, "频率", "截止", "用途", "可否再共享", "公开属性", "填报对象", "说明", "行", "校核",
}  # fmt: skip
LINE_KEYS = {"编号", "名称", "指标", "分项", "单位", "来源类", "口径", "必填", "预填", "时点", "汇总", "说明"}
CHECK_KEYS = {"式", "级别", "说明"}
_SLUG = re.compile(r"[a-z][a-z0-9-]{1,39}")
_CODE = re.compile(r"[A-Z][A-Z0-9_]{1,29}")
_DUE = re.compile(r"期后(\d{1,3})日|次月(\d{1,2})日")
MOST_BYTES, MOST_LINES, MOST_CHECKS, MOST_RESPONDENTS, MOST_DEPTH = 200_000, 300, 200, 3000, 8


@dataclass(frozen=True)
class Line:
    """One figure that is asked for. `at` is its line in the text."""

    id: str
    label: str
    code: str
    item: str
    unit: str
    lane: str
    scope: str
    required: bool
    prefill: str
    point: bool
    total: bool
    hint: str
    at: int

    def when(self, asked: Period) -> Period:
        """The period of its fact: a stock is that of the last day."""
        return Period(asked.year, asked.last, asked.last, asked.end.day) if self.point and asked.day is None else asked


@dataclass(frozen=True)
class Respondent:
    key: str
    name: str
    street: str
    organisation: str


@dataclass(frozen=True)
class Form:
    """One version of a form. The legal fields may be empty for park-management records only."""

    slug: str
    kind: str
    title: str
    legal: dict[str, str]
    expires: date | None
    frequency: str
    due_rule: str
    purpose: str
    share: str
    mark: str
    subject: str
    respondents: tuple[Respondent, ...]
    note: str
    lines: tuple[Line, ...]
    checks: tuple[checks.Check, ...]

    @property
    def basis(self) -> str:
        """What a source of its facts gives as basis."""
        return self.legal["文号"] or f"{PARK_RECORD}：{self.title}"

    def line(self, id: str) -> Line:
        return next(line for line in self.lines if line.id == id)

    def missing_to_issue(self) -> tuple[str, ...]:
        """What has to be there before it may go out."""
        return () if self.kind == PARK_RECORD else tuple(name for name in LEGAL if not self.legal[name])

    def fits(self, asked: Period) -> bool:
        """Whether a period is of this form's frequency."""
        if asked.day is not None:
            return False
        months, first, last = asked.months, asked.first, asked.last
        return {
            "月度": months == 1, "季度": months == 3 and first % 3 == 1, "累计季度": first == 1 and last % 3 == 0,
            "半年": months == 6 and first in (1, 7), "年度": months == 12,
        }[self.frequency]  # fmt: skip

    def due(self, asked: Period) -> date:
        """The day that its rule gives for a period."""
        found = _DUE.fullmatch(self.due_rule)
        assert found is not None
        if found[1]:
            return asked.end + timedelta(days=int(found[1]))
        return (asked.end + timedelta(days=1)).replace(day=int(found[2]))


class _Node:
    """A YAML node with its place; knows how to complain."""

    def __init__(self, node: yaml.Node, file: str) -> None:
        self.node, self.file = node, file

    def fault(self, message: str, remedy: str | None = None) -> InputError:
        mark = self.node.start_mark
        return InputError(message, where=f"{self.file}第{mark.line + 1}行第{mark.column + 1}列", remedy=remedy)

    def text(self, name: str, most: int = 200) -> str:
        if not isinstance(self.node, yaml.ScalarNode):
            raise self.fault(f"“{name}”应是一段文字")
        value = "" if self.node.tag.endswith(":null") else " ".join(str(self.node.value).split())
        if len(value) > most:
            raise self.fault(f"“{name}”超过 {most} 字")
        return value

    def mapping(self, name: str, allowed: set[str]) -> dict[str, _Node]:
        if not isinstance(self.node, yaml.MappingNode):
            raise self.fault(f"“{name}”应写成“键: 值”的形式")
        found: dict[str, _Node] = {}
        for key, value in self.node.value:
            word = _Node(key, self.file).text("键")
            if word not in allowed:
                raise _Node(key, self.file).fault(f"{name}中不认识“{word}”", "可用：" + "、".join(sorted(allowed)))
            if word in found:
                raise _Node(key, self.file).fault(f"{name}中“{word}”写了两次")
            found[word] = _Node(value, self.file)
        return found

    def items(self, name: str, most: int) -> list[_Node]:
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.fault(f"“{name}”应是一列（每项以 - 开头）")
        if not 1 <= len(self.node.value) <= most:
            raise self.fault(f"“{name}”应有 1 至 {most} 项，现有 {len(self.node.value)} 项")
        return [_Node(n, self.file) for n in self.node.value]


def _compose(text: str, file: str) -> _Node:
    if len(text.encode()) > MOST_BYTES:
        raise InputError(f"表样超过 {MOST_BYTES // 1000} KB", where=file)
    try:
        depth = 0
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                mark = event.start_mark
                where = f"{file}第{mark.line + 1}行第{mark.column + 1}列"  # type: ignore[union-attr]
                raise InputError("表样不能用引用（& 和 *）", where=where, remedy="请把内容写全")
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > MOST_DEPTH:
                raise InputError("表样嵌套过深", where=file)
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{file}第{mark.line + 1}行第{mark.column + 1}列" if mark else file
        raise InputError("表样不是合法的 YAML", where=where, remedy="请核对缩进、冒号后的空格和引号") from error
    if root is None:
        raise InputError("表样是空的", where=file)
    return _Node(root, file)


def _choice(top: dict[str, _Node], name: str, options: tuple[str, ...], default: str, owner: _Node) -> str:
    if name not in top:
        return default
    value = top[name].text(name)
    if value not in options:
        raise top[name].fault(f"{name}“{value}”不在可选项内", "可用：" + "、".join(options))
    return value


def _yes(top: dict[str, _Node], name: str, default: bool) -> bool:
    if name not in top:
        return default
    value = top[name].text(name)
    if value not in ("是", "否"):
        raise top[name].fault(f"“{name}”只能写 是 或 否")
    return value == "是"


def _need(top: dict[str, _Node], name: str, owner: _Node, what: str, most: int = 200) -> str:
    value = top[name].text(name, most) if name in top else ""
    if not value:
        raise top.get(name, owner).fault(f"{what}没有写“{name}”")
    return value


def read(text: str, file: str = "表样") -> Form:
    """The form of a YAML text, or InputError with the place of the first fault."""
    root = _compose(text, file)
    top = root.mapping("表样", TOP)
    if "kind" in top and "类别" in top:
        raise top["kind"].fault("“类别”和“kind”只写一个")
    if "kind" in top:
        top["类别"] = top["kind"]
    slug = _need(top, "标识", root, "表样")
    if not _SLUG.fullmatch(slug):
        raise top["标识"].fault(f"标识“{slug}”不合规", "小写字母开头，只用小写字母、数字和连字符，2 至 40 个")
    legal = {name: top[name].text(name, 120) if name in top else "" for name in LEGAL}
    expires = None
    if legal["有效期限"]:
        try:
            expires = date.fromisoformat(legal["有效期限"])
        except ValueError as error:
            raise top["有效期限"].fault(f"有效期限“{legal['有效期限']}”不是日期", "请写成 2027-12-31") from error
    due = _need(top, "截止", root, "表样")
    found = _DUE.fullmatch(due)
    if found is None or (found[2] and not 1 <= int(found[2]) <= 28):
        raise top["截止"].fault(f"截止“{due}”看不懂", "请写成 期后15日 或 次月10日（1 至 28 日）")
    subject, respondents = _respondents(top, root)
    lines = _lines(top, root)
    share = _choice(top, "可否再共享", ("不可再共享", "区内部门可共享", "可公开"), "不可再共享", root)
    return Form(
        slug, _choice(top, "类别", KINDS, STATISTICAL, root), _need(top, "名称", root, "表样", 80), legal, expires,
        _choice(top, "频率", FREQUENCIES, "季度", root), due, _need(top, "用途", root, "表样"), share,
        _choice(top, "公开属性", MARKS, "内部", root), subject, respondents, top["说明"].text("说明", 1000) if "说明" in top else "",
        lines, _checks(top, lines),
    )  # fmt: skip


def _respondents(top: dict[str, _Node], root: _Node) -> tuple[str, tuple[Respondent, ...]]:
    if "填报对象" not in top:
        raise root.fault("表样没有写“填报对象”")
    about = top["填报对象"].mapping("填报对象", {"类别", "名单"})
    kind = _need(about, "类别", top["填报对象"], "填报对象")
    if kind not in RESPONDENTS:
        raise about["类别"].fault(f"填报对象类别“{kind}”不在可选项内", "可用：" + "、".join(RESPONDENTS))
    if "名单" not in about:
        raise top["填报对象"].fault("填报对象没有写“名单”")
    found: dict[str, Respondent] = {}
    for node in about["名单"].items("名单", MOST_RESPONDENTS):
        one = node.mapping("名单", {"标识", "名称", "街道", "单位"})
        key = _need(one, "标识", node, "名单", 100)
        if key in found:
            raise one["标识"].fault(f"名单中“{key}”出现两次")
        rest = {name: one[name].text(name, 120) if name in one else "" for name in ("街道", "单位")}
        found[key] = Respondent(key, _need(one, "名称", node, "名单", 120), rest["街道"], rest["单位"])
    return RESPONDENTS[kind], tuple(found.values())


def _lines(top: dict[str, _Node], root: _Node) -> tuple[Line, ...]:
    if "行" not in top:
        raise root.fault("表样没有写“行”")
    lines: list[Line] = []
    seen: dict[tuple[str, ...], str] = {}
    for node in top["行"].items("行", MOST_LINES):
        one = node.mapping("行", LINE_KEYS)
        id = _need(one, "编号", node, "行")
        if not _CODE.fullmatch(id):
            raise one["编号"].fault(f"编号“{id}”不合规", "大写字母开头，至少两个字符，如 R01")
        if any(line.id == id for line in lines):
            raise one["编号"].fault(f"编号“{id}”出现两次")
        code = _need(one, "指标", node, f"行 {id} ")
        if not _CODE.fullmatch(code):
            raise one["指标"].fault(f"指标“{code}”不是指标代码", "指标代码见“指标”页")
        measure = _need(one, "单位", node, f"行 {id} ", 20)
        try:
            unit(measure)
        except InputError as error:
            raise one["单位"].fault(error.message, error.remedy) from error
        lane = _need(one, "来源类", node, f"行 {id} ")
        if lane not in LANES:
            raise one["来源类"].fault(f"来源类“{lane}”不能用于报表", "可用：" + "、".join(LANES) + "；统计部门数据由统计部门提供，不能向填报对象要")
        item, scope = (one["分项"].text("分项", 40) if "分项" in one else ""), _need(one, "口径", node, f"行 {id} ", 80)
        place = (code, item, lane, scope)
        if place in seen:
            raise node.fault(f"行 {id} 与 {seen[place]} 写入同一个数", "一个数只填一次")
        seen[place] = id
        lines.append(
            Line(
                id, _need(one, "名称", node, f"行 {id} ", 120), code, item, measure, lane, scope, _yes(one, "必填", True),
                _choice(one, "预填", PREFILL, "否", node), _yes(one, "时点", False), _choice(one, "汇总", TOTALS, "合计", node) == "合计",
                one["说明"].text("说明") if "说明" in one else "", node.node.start_mark.line + 1,
            )
        )  # fmt: skip
    return tuple(lines)


def _checks(top: dict[str, _Node], lines: tuple[Line, ...]) -> tuple[checks.Check, ...]:
    found: list[checks.Check] = []
    if "校核" not in top:
        return ()
    units: dict[str, Any] = {line.id: unit(line.unit) for line in lines}
    for number, node in enumerate(top["校核"].items("校核", MOST_CHECKS), start=1):
        one = node.mapping("校核", CHECK_KEYS)
        level = _choice(one, "级别", checks.LEVELS, checks.HARD, node)
        text = _need(one, "式", node, "校核")
        try:
            found.append(checks.parse_check(number, text, level, one["说明"].text("说明") if "说明" in one else "", units))
        except InputError as error:
            raise one["式"].fault(error.message, error.remedy) from error
    return tuple(found)
