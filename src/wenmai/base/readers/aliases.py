"""Which column serves which canonical field: a table of aliases that an official can extend."""

from __future__ import annotations

import csv
import re
from importlib import resources
from pathlib import Path

from wenmai.base.values.errors import InputError

from .header import clean_title, without_brackets
from .model import CANONICAL_SCHEMA, Mapping, Sheet

FIELDS = frozenset(CANONICAL_SCHEMA) - {"row", "street", "status_text", "capital_text", "capital_amount"} | {
    "street",
    "capital",
}

SHORT_NAME = re.compile(r"简称|缩写")


class Aliases:
    """Cleaned title (case-folded) -> (field, priority); a lower priority number is looked at first."""

    def __init__(self) -> None:
        self._table: dict[str, tuple[str, int]] = {}

    def add(self, field: str, alias: str, priority: int) -> None:
        """Register one alias; a later one for the same title replaces the earlier."""
        self._table[_key(clean_title(alias)[0])] = (field, priority)

    def find(self, clean: str) -> tuple[str, int] | None:
        """Field and priority of a cleaned title, also without its bracketed remarks."""
        return self._table.get(_key(clean)) or self._table.get(_key(without_brackets(clean)))

    def known(self, clean: str) -> bool:
        """Whether the title is an alias of any field."""
        return bool(clean) and self.find(clean) is not None

    def is_name(self, clean: str) -> bool:
        """Whether the title is an alias of the enterprise's name."""
        found = self.find(clean) if clean else None
        return found is not None and found[0] == "name"

    def __len__(self) -> int:
        return len(self._table)


def _key(clean: str) -> str:
    return clean.casefold().replace("_", "")


def load_aliases(extra: Path | None = None) -> Aliases:
    """The shipped aliases, with those of `extra` (same columns) laid over them.

    Errors: InputError names the line of a table that cannot be used.
    """
    aliases = Aliases()
    shipped = resources.files(__package__).joinpath("aliases.tsv").read_text("utf-8")
    _fill(aliases, shipped, "aliases.tsv")
    if extra is not None:
        try:
            text = extra.read_text("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(
                "列名对照表读不出", where=extra.name, remedy="请确认文件存在并以 UTF-8 编码保存"
            ) from error
        _fill(aliases, text, extra.name)
    return aliases


def _fill(aliases: Aliases, text: str, name: str) -> None:
    for number, cells in enumerate(csv.reader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE), 1):
        if not any(cell.strip() for cell in cells) or cells[0].startswith("#") or cells[0] == "field":
            continue
        where = f"{name} 第 {number} 行"
        if len(cells) < 2 or not cells[1].strip():
            raise InputError(
                "列名对照表缺少别名", where=where, remedy="每行写：字段<制表符>别名<制表符>优先级"
            )
        field = cells[0].strip()
        if field not in FIELDS:
            raise InputError(
                f"列名对照表的字段“{field}”不存在",
                where=where,
                remedy=f"可用字段：{'、'.join(sorted(FIELDS))}",
            )
        priority = cells[2].strip() if len(cells) > 2 else ""
        if priority and not (priority.isascii() and priority.isdigit() and len(priority) < 7):
            raise InputError(
                f"优先级“{priority}”不是整数", where=where, remedy="请填 1、2、3……，数字小的先用"
            )
        aliases.add(field, cells[1], int(priority or 5))


def map_columns(sheet: Sheet, aliases: Aliases) -> Mapping:
    """Serve the canonical fields from the sheet's columns, several per field in priority order.

    Errors: InputError when no column can be a name or a credit code; it says which heads were seen.
    """
    found: dict[str, list[tuple[int, int]]] = {}
    unmapped = []
    for column in sheet.columns:
        hit = aliases.find(column.clean) if column.clean else None
        if hit is None:
            unmapped.append(column.position)
        else:
            found.setdefault(hit[0], []).append((hit[1], column.position))
    fields = {field: [position for _, position in sorted(pairs)] for field, pairs in found.items()}
    if "name" not in fields and "credit_code" not in fields:
        seen = "、".join(column.clean for column in sheet.columns if column.clean)[:200]
        short = [column.clean for column in sheet.columns if SHORT_NAME.search(column.clean)]
        # A short name identifies nobody in a register: 万科A is no registered name, and many firms share one.
        why = f"；“{'、'.join(short)}”是简称，不是登记名称，不能据以归户" if short else ""
        remedy = "请向提供单位索取全称或代码列；如某列实为全称，在“列名对照.tsv”中加一行：name<制表符>该列列名<制表符>1"
        raise InputError(
            f"缺“企业名称”和“统一社会信用代码”两列，至少要有一列；看到的表头是：{seen or '（空）'}{why}",
            where=f"{sheet.file}，工作表 {sheet.sheet}",
            remedy=remedy,
        )
    return Mapping(fields, unmapped)
