"""区自定口径: a district's own versioned scope beside the national one, read from a small CSV or TSV file.

Columns 项目, 取值, 限定代码, 说明. 项目 is one of the head items 名称, 版本, 制定单位, 依据, 起用日期,
失效日期, 复核日期 (名称 and 版本 are required), or a rule:
  纳入 / 排除      取值 = a GB/T 4754-2017 code of any level; the most specific code decides.
  部分纳入        取值 = a code whose units count only by a keyword or after a person decided.
  关键词          取值 = words joined by '|', found in the business scope; 限定代码 = the codes it works
                 under (';'-joined; blank = every 部分纳入 code of the list).
  排除词          the same form; a hit decides 不纳入, whatever keywords are there too.
Words are looked for in what the scope text says is done: brackets and what it says is 不含 are left out.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path

from wenmai.base.values.errors import InputError

from .gbt4754 import Industry, ancestors, industry, normalise_code

COLUMNS = ("项目", "取值", "限定代码", "说明")
MAX_BYTES = 1_000_000
MAX_RULES = 5_000
_HEAD = {"名称": 40, "版本": 20, "制定单位": 100, "依据": 300, "起用日期": 10, "失效日期": 10, "复核日期": 10}
_DATES = ("起用日期", "失效日期", "复核日期")
_CODE_RULES = ("纳入", "部分纳入", "排除")
_WORD_RULES = ("关键词", "排除词")
IN, OUT, OPEN = "纳入", "不纳入", "待核定"
# A bracket explains or takes back, it does not say what is done: （不含民宿）. Both patterns also run in polars.
BRACKETS = r"[（(\[【][^（）()\[\]【】]*[）)\]】]"
NEGATED = r"(?:不含|不包括|不得从事|不从事)[^；;。，,]*|[^；;。，,]*除外"
_BRACKETS, _NEGATED = re.compile(BRACKETS), re.compile(NEGATED)
_MAGIC = {
    b"PK\x03\x04": "这是 Excel 工作簿或压缩包，不是 CSV",
    b"\xd0\xcf\x11\xe0": "这是 Excel 97—2003 工作簿，不是 CSV",
    b"%PDF": "这是 PDF，不是 CSV",
}
_SAVE_AS = "请在 Excel 或 WPS 中另存为“CSV UTF-8（逗号分隔）”后再导入"


def stated_text(text: str) -> str:
    """What a business scope says is done: width folded, without brackets (two levels) and without 不含… and
    …除外 parts.
    """
    folded = unicodedata.normalize("NFKC", text)
    return _NEGATED.sub("", _BRACKETS.sub("", _BRACKETS.sub("", folded)))


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
        return tuple(w.strip() for w in self.value.replace("｜", "|").split("|") if w.strip())


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
class CodePlan:
    """What a list says of one industry code: `decided`, or `partial` with the words that decide by text, in the
    order in which they are tried.
    """

    decided: ScopeVerdict | None
    partial: ScopeRule | None = None
    words: tuple[tuple[str, str, ScopeRule], ...] = ()

    def judge(self, stated: str | None) -> ScopeVerdict:
        """The verdict for a unit with this `stated_text` (None or blank = unknown)."""
        if self.decided is not None:
            return self.decided
        if not stated or not stated.strip():
            return ScopeVerdict(OPEN, self.partial, False, "部分纳入的行业，缺经营范围，待核定")
        for word, answer, rule in self.words:
            if word in stated:
                return ScopeVerdict(answer, rule, True, f"经营范围含“{word}”（第{rule.row}行{rule.kind}，初步识别）")
        return ScopeVerdict(OPEN, self.partial, False, "部分纳入的行业，经营范围未见关键词，待核定")


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

    @property
    def label(self) -> str:
        """Name and version as a figure's scope prints them: 文化旅游（示例）第1版."""
        return scope_label(self.name, self.version)

    def in_force(self, on: date) -> bool:
        """Whether the list is in force on a day; open ends count as in force."""
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on <= self.valid_to)

    def judge(self, gbt_code: str, scope_text: str | None = None) -> ScopeVerdict:
        """Whether a unit of this industry class, with this business scope (None = unknown), is in the
        list's scope.
        """
        return self.plan(gbt_code).judge(stated_text(scope_text) if scope_text else None)

    def plan(self, gbt_code: str) -> CodePlan:
        """What the list says of a code; a code above class level is 待核定 where the list rules otherwise on
        something below it.
        """
        chain = ancestors(gbt_code)
        if not chain:
            return CodePlan(ScopeVerdict(OPEN, None, False, f"行业代码 {gbt_code} 不在 GB/T 4754-2017 中"))
        coded = {r.value: r for r in self.rules if r.kind in _CODE_RULES}
        item, rule = next(((i, coded[i.code]) for i in chain if i.code in coded), (chain[0], None))
        finer = self._finer(chain[0], rule, coded)
        if finer:
            return CodePlan(ScopeVerdict(OPEN, rule, False, f"行业代码 {chain[0].code} 过粗，口径对其下 {finer} 另有规定，待核定"))
        if rule is None:
            return CodePlan(ScopeVerdict(OUT, None, False, "口径未列该行业"))
        if rule.kind != "部分纳入":
            answer = IN if rule.kind == "纳入" else OUT
            return CodePlan(ScopeVerdict(answer, rule, False, f"{item.code} {item.name}：第{rule.row}行“{rule.kind}”"))
        codes = {i.code for i in chain}
        live = [r for r in self.rules if r.kind in _WORD_RULES and (not r.under or codes & set(r.under))]
        words = tuple(
            (unicodedata.normalize("NFKC", word), answer, r)
            for kind, answer in (("排除词", OUT), ("关键词", IN)) for r in live if r.kind == kind for word in r.words
        )  # fmt: skip
        return CodePlan(None, rule, words)

    @staticmethod
    def _finer(item: Industry, rule: ScopeRule | None, coded: dict[str, ScopeRule]) -> str | None:
        """The first code below a coarse one on which the list rules otherwise; None when the answer is the same."""
        if item.level == "class":
            return None
        kind = rule.kind if rule else "排除"
        below = (c for c, r in coded.items() if r.kind != kind and item.code in {a.code for a in ancestors(c)[1:]})
        return next(below, None)


def scope_label(name: str, version: str) -> str:
    """“名称第1版”; a version that is no number keeps its own words: “名称2025年版”."""
    if version.isdigit():
        return f"{name}第{version}版"
    return f"{name}{version}" if version.endswith(("版", "稿")) else f"{name}{version}版"


def _fail(message: str, name: str, row: int | None, remedy: str) -> InputError:
    where = name if row is None else f"{name} 第{row}行"
    return InputError(message, where=where, remedy=remedy)


def _decoded(raw: bytes, name: str) -> str:
    if len(raw) > MAX_BYTES:
        raise _fail(f"口径文件超过 {MAX_BYTES // 1000:,} KB", name, None, "口径只写行业代码和词语，请核对是否选错了文件")
    if not raw.strip():
        raise _fail("口径文件是空的", name, None, "请从示例文件改起：wenmai scope example -o 口径.csv")
    for magic, message in _MAGIC.items():
        if raw.startswith(magic):
            raise _fail(message, name, None, _SAVE_AS)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _fail("口径文件不是 UTF-8 编码", name, None, _SAVE_AS) from error
    if "\x00" in text:
        raise _fail("口径文件含二进制内容", name, None, _SAVE_AS)
    return text


def _lines(text: str, name: str) -> list[dict[str, str]]:
    delimiter = "\t" if name.lower().endswith(".tsv") else ","
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, restval="")
    rows = []
    try:
        if tuple((h or "").strip() for h in reader.fieldnames or ()) != COLUMNS:
            raise _fail("口径文件的表头不对", name, 1, f"表头应为：{delimiter.join(COLUMNS)}")
        for line in reader:
            if None in line:
                raise _fail("列数多于表头", name, reader.line_num, "取值中含分隔符时请加英文双引号")
            if any(c in "\r\n" for k in COLUMNS[:3] for c in (line[k] or "").strip()):
                raise _fail("单元格内有换行", name, reader.line_num, "请核对这一行及以前的引号是否成对")
            rows.append({k: (v or "").strip() for k, v in line.items()} | {"行": str(reader.line_num)})
    except csv.Error as error:
        raise _fail("这一行不是规范的 CSV", name, reader.line_num, "请核对引号是否成对、单元格是否过长") from error
    return rows


def _code(text: str, name: str, row: int) -> str:
    bare = normalise_code(text)
    if bare is None or industry(bare) is None:
        raise _fail(
            f"代码“{text[:40]}”不在 GB/T 4754-2017 中",
            name,
            row,
            "请按2017版填门类字母或2至4位数字代码，保留前导0",
        )
    return bare


def _rule(line: dict[str, str], name: str, row: int) -> ScopeRule:
    kind, value, under = line["项目"], line["取值"], line["限定代码"]
    if not value:
        raise _fail(f"“{kind}”没有取值", name, row, "请填写代码或词语，或删去该行")
    if kind in _CODE_RULES:
        if under:
            raise _fail(f"“{kind}”不能写限定代码", name, row, "限定代码只用于关键词和排除词")
        return ScopeRule(kind, _code(value, name, row), (), line["说明"], row)
    limits = tuple(_code(c.strip(), name, row) for c in under.replace("；", ";").split(";") if c.strip())
    rule = ScopeRule(kind, value, limits, line["说明"], row)
    if not rule.words:
        raise _fail(f"“{kind}”没有词语", name, row, "词语之间用“|”分隔")
    return rule


def _validate(head: dict[str, str], rules: list[ScopeRule], name: str) -> None:
    for required in ("名称", "版本"):
        if not head.get(required):
            raise _fail(f"缺少“{required}”", name, None, f"请加一行：{required},…")
    if not any(r.kind in ("纳入", "部分纳入") for r in rules):
        raise _fail("口径没有纳入任何行业", name, None, "请至少写一行“纳入”或“部分纳入”")
    seen: dict[str, ScopeRule] = {}
    for rule in (r for r in rules if r.kind in _CODE_RULES):
        if rule.value in seen:
            first = seen[rule.value]
            raise _fail(
                f"代码 {rule.value} 已在第{first.row}行写为“{first.kind}”",
                name,
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
                name,
                rule.row,
                "关键词只对“部分纳入”的行业起作用，请补上该行业",
            )


def _related(code: str, under: tuple[str, ...]) -> bool:
    own = {i.code for i in ancestors(code)}
    return any(u in own or code in {i.code for i in ancestors(u)} for u in under)


def _dates(head: dict[str, str], name: str) -> dict[str, date | None]:
    parsed: dict[str, date | None] = {}
    for item in _DATES:
        text = head.get(item, "")
        try:
            parsed[item] = date.fromisoformat(text) if text else None
        except ValueError as error:
            raise _fail(f"“{item}”的日期“{text}”不对", name, None, "请写成 2025-01-31 的样子") from error
    start, end = parsed["起用日期"], parsed["失效日期"]
    if start and end and end < start:
        raise _fail("失效日期早于起用日期", name, None, "请改正两个日期")
    return parsed


def _head_item(head: dict[str, str], kind: str, value: str, name: str, row: int) -> None:
    if kind in head:
        raise _fail(f"“{kind}”写了两次", name, row, "请只留一行")
    if len(value) > _HEAD[kind]:
        raise _fail(f"“{kind}”超过 {_HEAD[kind]} 个字", name, row, "请写短一些，细节写在“说明”列")
    if any(unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") for c in value):
        raise _fail(f"“{kind}”含不可见字符", name, row, "请写成一行")
    head[kind] = value


def parse_scope_list(raw: bytes, name: str) -> ScopeList:
    """Validate the bytes of a scope list; `name` is the file's name (.tsv = tab-separated) and stands in errors."""
    head: dict[str, str] = {}
    rules: list[ScopeRule] = []
    for line in _lines(_decoded(raw, name), name):
        kind, row = line["项目"], int(line["行"])
        if not kind and not line["取值"]:
            continue
        if kind in _HEAD:
            _head_item(head, kind, line["取值"], name, row)
        elif kind in _CODE_RULES + _WORD_RULES:
            rules.append(_rule(line, name, row))
        else:
            known = "、".join((*_HEAD, *_CODE_RULES, *_WORD_RULES))
            raise _fail(f"不认识的项目“{kind[:40]}”", name, row, f"可用的项目：{known}")
        if len(rules) > MAX_RULES:
            raise _fail(f"规则超过 {MAX_RULES:,} 行", name, row, "请按大类、中类合并代码")
    _validate(head, rules, name)
    dates = _dates(head, name)
    return ScopeList(
        name=head["名称"],
        version=head["版本"],
        issuer=head.get("制定单位", ""),
        basis=head.get("依据", ""),
        valid_from=dates["起用日期"],
        valid_to=dates["失效日期"],
        review_on=dates["复核日期"],
        rules=tuple(rules),
        digest=hashlib.sha256(raw).hexdigest(),
    )


def read_scope_bytes(path: str | Path) -> bytes:
    """The bytes of a scope file, never more than one over the limit; `InputError` when it cannot be read."""
    try:
        with Path(path).open("rb") as handle:
            return handle.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError("口径文件读不出来", where=str(path), remedy="请检查文件是否存在、有无权限") from error


def load_scope_list(path: str | Path) -> ScopeList:
    """Read and validate a scope list; `InputError` names file, row and remedy in Chinese."""
    return parse_scope_list(read_scope_bytes(path), Path(path).name)


EXAMPLE_NAME = "文化旅游口径（示例）.csv"


def example_scope_bytes() -> bytes:
    """The file of the shipped example, as a starting point for a district's own."""
    return (files(__package__) / "data" / "scope_lists" / "culture_tourism_example.csv").read_bytes()


def example_scope_list() -> ScopeList:
    """The shipped example 文化旅游（示例）: shows the format, is no official scope."""
    return parse_scope_list(example_scope_bytes(), EXAMPLE_NAME)
