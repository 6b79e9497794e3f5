"""Workbooks that come back: one at a time or thirty at once, each its own transaction; a bad one stops no other."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from wenmai.base.values import InputError, NotFound, WenmaiError
from wenmai.base.values.period import period
from wenmai.office.figures.sources import keep
from wenmai.rooms.collection import filing, permissions, sheets
from wenmai.rooms.collection.forming import spec
from wenmai.rooms.collection.methods import cells as cell_methods
from wenmai.rooms.collection.models import Return

MOST_FILES = 60


@dataclass
class Came:
    """What became of one workbook."""

    name: str
    state: str  # 已报, 未变, 未采用, 草稿, 退回
    words: str
    report: Return | None = None


def take(data: bytes, name: str, actor: Any = None, only: int | None = None, within: int | None = None) -> Came:
    """A returned workbook: handed in when it is ready, else kept as a draft with the faults named by sheet and cell.

    `only` is the return it was uploaded to, `within` the round; another one's workbook is refused.
    """
    read = sheets.read_back(data, name)
    report = Return.objects.select_related("round__form", "organisation").filter(permissions.own_returns(actor), pk=read.return_id).first()
    if report is None:
        raise NotFound("模板所属的报表不存在，或不是本单位的", where=name, remedy="请下载本单位的模板")
    if only is not None and report.pk != only:
        raise InputError(f"这是“{report.name}”{period(report.round.period).label}的模板", where=name, remedy="请上传本报表的模板")
    if within is not None and report.round_id != within:
        raise InputError(f"这是“{report.round.form.title}”{period(report.round.period).label}的模板", where=name, remedy="请到那一表期上传")
    found = spec(report.round.form)
    if read.form != report.round.form.digest[:16]:
        raise InputError("模板的表样与布置的不同", where=name, remedy="请重新下载模板")
    known = {line.id for line in found.lines}
    strange = [f"{k}（{read.places[k]}）" for k in read.cells if k not in known]
    if strange:
        raise InputError(f"有不属于本表的行：{'、'.join(strange[:5])}", where=name, remedy="请重新下载模板")
    gone = [line.id for line in found.lines if line.id not in read.cells]
    if gone:
        raise InputError(f"模板少了 {len(gone)} 行：{'、'.join(gone[:5])}", where=name, remedy="请不要删行；可重新下载模板")
    digest = hashlib.sha256(data).hexdigest()
    keep([data], name)
    faults = dict(read.faults)
    for id, raw in read.cells.items():
        if id not in faults:
            try:
                cell_methods.from_raw(raw)
            except InputError as error:
                faults[id] = f"{read.places.get(id, '')} {error}"
    explained = _explained(found, read.cells)
    looked = filing.look(report, read.cells, explained)
    if not faults and looked.ready:
        handed = filing.submit(
            report.pk, read.cells, explained, report.version, actor, via="模板", file_name=name, file_digest=digest, places=read.places
        )
        words = f"第 {handed.submission.number} 次报送" if handed.submission else ""
        return Came(name, handed.state, words, handed.report)
    said = list(faults.values()) + [f"{read.places.get(k, '')} {v}" for k, v in looked.faults.items() if k not in faults]
    said += [f"校核“{f.check.text}”{f.words}" for f in looked.blocking]
    saved = filing.save_draft(report.pk, read.cells, explained, report.version, actor)
    return Came(name, "草稿", "有 " + str(len(said)) + " 处要改，已存为草稿：" + "；".join(said[:6]), saved)


def _explained(found: Any, cells: dict[str, dict[str, str]]) -> dict[int, str]:
    """The explanation of a check is the note on one of its lines."""
    result = {}
    for check in found.checks:
        note = next((cells[line]["note"] for line in check.lines() if cells.get(line, {}).get("note", "").strip()), "")
        if note:
            result[check.number] = note
    return result


def take_many(files: Iterable[tuple[str, bytes]], actor: Any = None, within: int | None = None) -> list[Came]:
    """Many workbooks. Each stands alone: what is wrong with one is said in its line."""
    result = []
    for number, (name, data) in enumerate(files, start=1):
        if number > MOST_FILES:
            result.append(Came(name, "退回", f"一次最多 {MOST_FILES} 份"))
            continue
        try:
            result.append(take(sheets.spool([data], name), name, actor, within=within))
        except WenmaiError as error:
            result.append(Came(name, "退回", str(error)))
    return result
