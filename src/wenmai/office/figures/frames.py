"""Lists of 入库/退库: one row in or out at a time through facts.enter_frame and facts.leave_frame, from a form or a file."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.db import transaction

from wenmai.base.readers import Aliases, read_sheets
from wenmai.base.values import InputError
from wenmai.base.values.period import period
from wenmai.office.figures import facts
from wenmai.office.figures.facts import CREATED, REJECTED, REVISED, UNCHANGED
from wenmai.office.figures.importing import LIMITS
from wenmai.office.figures.models import FrameSpell, Lane
from wenmai.office.figures.sources import About, open_source
from wenmai.office.people.models import Subject, SubjectKind

MAX_ROWS = 5000
TITLES = {
    "key": ("统一社会信用代码", "社会信用代码", "信用代码", "标识", "对象标识"),
    "name": ("企业名称", "单位名称", "单位详细名称", "名称"),
    "entered": ("入库日期", "入库时间", "入库年月", "入库"),
    "kind": ("入库类型", "类型"),
    "left": ("退库日期", "退库时间", "退库年月", "退库"),
    "reason": ("退库原因", "原因"),
}
HEADS = ("统一社会信用代码", "企业名称", "入库日期", "入库类型", "退库日期", "退库原因")


@dataclass(frozen=True)
class Row:
    """A row of a list as it was written."""

    number: int
    key: str
    name: str
    entered: str
    kind: str
    left: str
    reason: str


class _Titles(Aliases):
    def __len__(self) -> int:
        return len(TITLES)

    def known(self, clean: str) -> bool:
        return any(clean in titles for titles in TITLES.values())


def day(text: str, *, end: bool = False) -> date:
    """A day as written: 2024-03-01, 2024年3月1日; a month stands for its first day (its last with `end`)."""
    bare = re.sub(r"\s+00:00:00$", "", text.strip())
    found = period(bare)
    return found.end if found.day is not None or end else found.start


def read_list(path: Path, name: str) -> list[Row]:
    """The rows of a list. InputError for what is no table or lacks its columns."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / (Path(name.replace("\\", "/")).name or "文件")
        shutil.copyfile(path, copy)
        sheet = read_sheets(copy, LIMITS, _Titles())[0]
    at = {field: c.position for c in reversed(sheet.columns) for field, titles in TITLES.items() if c.clean in titles}
    if not ({"key", "name"} & set(at)) or not ({"entered", "left"} & set(at)):
        seen = "、".join(c.title for c in sheet.columns if c.title)[:120]
        raise InputError(f"缺列：须有企业名称或代码，以及入库日期或退库日期；看到的表头是：{seen}", where=name, remedy="可下载模板填写")
    passed = set(sheet.notes["row"].to_list())
    rows = []
    for line in sheet.frame.iter_rows():
        if line[0] not in passed:
            said = {f: (line[1 + at[f]] or "").strip() if f in at else "" for f in TITLES}
            rows.append(Row(int(line[0]), **said))
    if len(rows) > MAX_ROWS:
        raise InputError(f"名单有 {len(rows):,} 行，一次最多 {MAX_ROWS:,} 行", where=name, remedy="请拆成几个文件")
    return rows


def import_list(rows: Sequence[Row], frame: str, lane: str, about: About, actor: Any = None) -> list[tuple[Row, str, str]]:
    """What became of every row: (row, word, reason). The source is opened once; a row that breaks a rule stops no other."""
    if not frame.strip() or lane not in Lane.values:
        raise InputError("须写明框的名称和来源类", remedy="如：规上、本办监测口径")
    out: list[tuple[Row, str, str]] = []
    keys = _keys(rows)
    with transaction.atomic():
        source = open_source(about, actor)
        for row in rows:
            try:
                with transaction.atomic():
                    out.append((row, _one(row, keys, frame.strip(), lane, source, actor), ""))
            except InputError as error:
                out.append((row, REJECTED, str(error)))
        if all(word in (REJECTED, UNCHANGED) for _, word, _ in out):
            transaction.set_rollback(True)
    return out


def _keys(rows: Sequence[Row]) -> dict[str, str]:
    """Name → key where exactly one enterprise has the name, in what is known already or elsewhere in the list."""
    names = sorted({r.name for r in rows if r.name and not r.key})
    told = {(r.name, r.key) for r in rows if r.name and r.key}
    found = {name: key for name, key in told if sum(1 for n, _ in told if n == name) == 1}
    for start in range(0, len(names), 500):
        query = Subject.objects.filter(kind=SubjectKind.ENTERPRISE, name__in=names[start : start + 500])
        for name, key in query.values_list("name", "key"):
            found[name] = "" if found.get(name, key) != key else key
    return found


def _one(row: Row, keys: dict[str, str], frame: str, lane: str, source: Any, actor: Any) -> str:
    key = row.key or keys.get(row.name, "")
    if not key:
        raise InputError("没有统一社会信用代码，按名称也认不出是哪一家", remedy="请补代码")
    if not row.entered and not row.left:
        raise InputError("入库日期、退库日期都没有填")
    word = UNCHANGED
    if row.entered:
        on = day(row.entered)
        same = FrameSpell.objects.filter(frame=frame, lane=lane, subject__kind=SubjectKind.ENTERPRISE, subject__key=key, entered=on).first()
        if same is None:
            facts.enter_frame(frame, lane, key, on, source, kind=row.kind[:20], name=row.name, actor=actor)
            word = CREATED
    else:
        same = None
    if row.left:
        on = day(row.left)
        if same is not None and same.left == on:
            return word
        facts.leave_frame(frame, lane, key, on, row.reason, actor)
        word = CREATED if word == CREATED else REVISED
    return word


def frames() -> list[tuple[str, str]]:
    """(frame, lane) of every frame that has a spell."""
    return list(FrameSpell.objects.order_by("frame", "lane").values_list("frame", "lane").distinct())
