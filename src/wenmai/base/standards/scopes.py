"""区自定口径: a district's own versioned scope beside the national one, read from a small CSV or TSV file.

Columns 项目, 取值, 限定代码, 说明. 项目 is one of the head items 名称, 版本, 制定单位, 依据, 起用日期,
失效日期, 复核日期 (名称 and 版本 are required), or a rule:
  纳入 / 排除      取值 = a GB/T 4754-2017 code of any level; the most specific code decides.
  部分纳入        取值 = a code whose units count only by a keyword or after a person decided.
  关键词          取值 = words joined by '|', found in the business scope; 限定代码 = the codes it works
                 under (';'-joined; blank = every 部分纳入 code of the list).
  排除词          the same form; a hit takes a keyword match back.
"""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import dataclass
from datetime import date
from importlib.resources import as_file, files
from pathlib import Path

from wenmai.base.values.errors import InputError

from .gbt4754 import ancestors, industry, normalise_code

COLUMNS = ("项目", "取值", "限定代码", "说明")
_HEAD = ("名称", "版本", "制定单位", "依据", "起用日期", "失效日期", "复核日期")
_DATES = ("起用日期", "失效日期", "复核日期")
_CODE_RULES = ("纳入", "部分纳入", "排除")
_WORD_RULES = ("关键词", "排除词")
IN, OUT, OPEN = "纳入", "不纳入", "待核定"


@dataclass(frozen=True, slots=True)
class ScopeRule:
    """One rule: `kind` as in the file, `value` a code or '|'-joined words, `under` the codes a word rule is
    limited to.
    """

    kind: str
    value: str
    under: tuple[str, ...]
    note: str
    row: int

    @property
    def words(self) -> tuple[str, ...]:
        """The words of a 关键词 or 排除词 rule."""
        return tuple(w.strip() for w in self.value.split("|") if w.strip())


@dataclass(frozen=True, slots=True)
class ScopeVerdict:
    """`answer` 纳入, 不纳入 or 待核定; `rule` the rule that decided (None: no rule met); `by_text` marks
    初步识别.
    """

    answer: str
    rule: ScopeRule | None
    by_text: bool
    reason: str


@dataclass(frozen=True, slots=True)
class ScopeList:
    """A validated scope list. `digest` (SHA-256 of the file's bytes) ties a figure to exactly this text."""

    name: str
    version: str
    issuer: str
    basis: str
    valid_from: date | None
    valid_to: date | None
    review_on: date | None
    rules: tuple[ScopeRule, ...]
    digest: str

    def in_force(self, on: date) -> bool:
        """Whether the list is in force on a day; open ends count as in force."""
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on <= self.valid_to)

    def judge(self, gbt_code: str, scope_text: str | None = None) -> ScopeVerdict:
        """Whether a unit of this industry class, with this business scope (None = unknown), is in the
        list's scope.
        """
        chain = ancestors(gbt_code)
        if not chain:
            return ScopeVerdict(OPEN, None, False, f"行业代码 {gbt_code} 不在 GB/T 4754-2017 中")
        for item in chain:
            rule = next((r for r in self.rules if r.kind in _CODE_RULES and r.value == item.code), None)
            if rule is None:
                continue
            if rule.kind == "部分纳入":
                return self._judge_text(rule, {i.code for i in chain}, scope_text)
            answer = IN if rule.kind == "纳入" else OUT
            return ScopeVerdict(answer, rule, False, f"{item.code} {item.name}：第{rule.row}行“{rule.kind}”")
        return ScopeVerdict(OUT, None, False, "口径未列该行业")

    def _judge_text(self, partial: ScopeRule, codes: set[str], scope_text: str | None) -> ScopeVerdict:
        if not scope_text or not scope_text.strip():
            return ScopeVerdict(OPEN, partial, False, "部分纳入的行业，缺经营范围，待核定")
        live = [r for r in self.rules if r.kind in _WORD_RULES and (not r.under or codes & set(r.under))]
        for kind, answer in (("排除词", OUT), ("关键词", IN)):
            for rule in (r for r in live if r.kind == kind):
                hit = next((w for w in rule.words if w in scope_text), None)
                if hit:
                    return ScopeVerdict(answer, rule, True, f"经营范围含“{hit}”（第{rule.row}行{kind}，初步识别）")
        return ScopeVerdict(OPEN, partial, False, "部分纳入的行业，经营范围未见关键词，待核定")


def _fail(message: str, path: Path, row: int | None, remedy: str) -> InputError:
    where = path.name if row is None else f"{path.name} 第{row}行"
    return InputError(message, where=where, remedy=remedy)


def _read(path: Path) -> tuple[list[dict[str, str]], str]:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError("口径文件读不出来", where=str(path), remedy="请检查文件是否存在、有无权限") from error
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _fail("口径文件不是 UTF-8 编码", path, None, "请另存为 UTF-8 的 CSV 后再导入") from error
    delimiter = "\t" if path.suffix.lower() == ".tsv" else ","
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, restval="")
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise _fail("口径文件的表头不对", path, 1, f"表头应为：{delimiter.join(COLUMNS)}")
    rows = []
    for line in reader:
        if None in line:
            raise _fail("列数多于表头", path, reader.line_num, "取值中含分隔符时请加英文双引号")
        rows.append({k: (v or "").strip() for k, v in line.items()} | {"行": str(reader.line_num)})
    return rows, hashlib.sha256(raw).hexdigest()


def _code(text: str, path: Path, row: int) -> str:
    bare = normalise_code(text)
    if bare is None or industry(bare) is None:
        raise _fail(
            f"代码“{text}”不在 GB/T 4754-2017 中",
            path,
            row,
            "请按2017版填门类字母或2至4位数字代码，保留前导0",
        )
    return bare


def _rule(line: dict[str, str], path: Path, row: int) -> ScopeRule:
    kind, value, under = line["项目"], line["取值"], line["限定代码"]
    if not value:
        raise _fail(f"“{kind}”没有取值", path, row, "请填写代码或词语，或删去该行")
    if kind in _CODE_RULES:
        if under:
            raise _fail(f"“{kind}”不能写限定代码", path, row, "限定代码只用于关键词和排除词")
        return ScopeRule(kind, _code(value, path, row), (), line["说明"], row)
    limits = tuple(_code(c.strip(), path, row) for c in under.split(";") if c.strip())
    rule = ScopeRule(kind, value, limits, line["说明"], row)
    if not rule.words:
        raise _fail(f"“{kind}”没有词语", path, row, "词语之间用“|”分隔")
    return rule


def _validate(head: dict[str, str], rules: list[ScopeRule], path: Path) -> None:
    for required in ("名称", "版本"):
        if not head.get(required):
            raise _fail(f"缺少“{required}”", path, None, f"请加一行：{required},…")
    if not any(r.kind in ("纳入", "部分纳入") for r in rules):
        raise _fail("口径没有纳入任何行业", path, None, "请至少写一行“纳入”或“部分纳入”")
    seen: dict[str, ScopeRule] = {}
    for rule in (r for r in rules if r.kind in _CODE_RULES):
        if rule.value in seen:
            first = seen[rule.value]
            raise _fail(
                f"代码 {rule.value} 已在第{first.row}行写为“{first.kind}”",
                path,
                rule.row,
                "同一代码只能写一行",
            )
        seen[rule.value] = rule
    partial = {r.value for r in rules if r.kind == "部分纳入"}
    for rule in (r for r in rules if r.kind in _WORD_RULES):
        reached = partial if not rule.under else {c for c in partial if _related(c, rule.under)}
        if not reached:
            raise _fail(
                f"“{rule.kind}”不作用于任何行业",
                path,
                rule.row,
                "关键词只对“部分纳入”的行业起作用，请补上该行业",
            )


def _related(code: str, under: tuple[str, ...]) -> bool:
    own = {i.code for i in ancestors(code)}
    return any(u in own or code in {i.code for i in ancestors(u)} for u in under)


def _dates(head: dict[str, str], path: Path) -> dict[str, date | None]:
    parsed: dict[str, date | None] = {}
    for item in _DATES:
        text = head.get(item, "")
        try:
            parsed[item] = date.fromisoformat(text) if text else None
        except ValueError as error:
            raise _fail(f"“{item}”的日期“{text}”不对", path, None, "请写成 2025-01-31 的样子") from error
    start, end = parsed["起用日期"], parsed["失效日期"]
    if start and end and end < start:
        raise _fail("失效日期早于起用日期", path, None, "请改正两个日期")
    return parsed


def load_scope_list(path: str | Path) -> ScopeList:
    """Read and validate a scope list; `InputError` names file, row and remedy in Chinese."""
    file = Path(path)
    lines, digest = _read(file)
    head: dict[str, str] = {}
    rules: list[ScopeRule] = []
    for line in lines:
        kind, row = line["项目"], int(line["行"])
        if not kind and not line["取值"]:
            continue
        if kind in _HEAD:
            if kind in head:
                raise _fail(f"“{kind}”写了两次", file, row, "请只留一行")
            head[kind] = line["取值"]
        elif kind in _CODE_RULES + _WORD_RULES:
            rules.append(_rule(line, file, row))
        else:
            known = "、".join(_HEAD + _CODE_RULES + _WORD_RULES)
            raise _fail(f"不认识的项目“{kind}”", file, row, f"可用的项目：{known}")
    _validate(head, rules, file)
    dates = _dates(head, file)
    return ScopeList(
        name=head["名称"],
        version=head["版本"],
        issuer=head.get("制定单位", ""),
        basis=head.get("依据", ""),
        valid_from=dates["起用日期"],
        valid_to=dates["失效日期"],
        review_on=dates["复核日期"],
        rules=tuple(rules),
        digest=digest,
    )


def example_scope_list() -> ScopeList:
    """The shipped example 文化旅游（示例）: shows the format, is no official scope."""
    with as_file(files(__package__) / "data" / "scope_lists" / "culture_tourism_example.csv") as path:
        return load_scope_list(path)
