"""Last year's report: take the .docx in, list its numbers with proposals, bind what a person confirms, print old against new."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import docx
from django.db import transaction
from django.utils import timezone

from wenmai.base.values import InputError, NotFound, WenmaiError
from wenmai.base.values.period import period
from wenmai.base.values.units import unit
from wenmai.office.events import services as events
from wenmai.office.figures.fact_queries import Place, answer, standing
from wenmai.office.figures.facts import definition_for
from wenmai.office.figures.lineage import masked
from wenmai.office.figures.models import Definition, DefinitionState, Lane
from wenmai.office.figures.sources import keep
from wenmai.rooms.collection import permissions
from wenmai.rooms.collection.forming import name_of, require
from wenmai.rooms.collection.methods import binding
from wenmai.rooms.collection.methods.binding import Candidate
from wenmai.rooms.collection.models import Binding, Report

MOST_BYTES, MOST_UNPACKED, MOST_PARAGRAPHS, MOST_NUMBERS = 20_000_000, 120_000_000, 5000, 1500
AREA, OWN = "area", "本区"


def paragraphs(data: bytes, name: str) -> list[str]:
    """The text of a .docx in reading order, tables row by row. InputError for anything that is none."""
    again = "请在 WPS 或 Word 中另存为 .docx 再上传"
    if len(data) > MOST_BYTES:
        raise InputError("文件超过 20 MB", where=name, remedy="请删去图片后另存")
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise InputError("是旧格式 .doc（或加了密码），不能直接读", where=name, remedy=again)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            names = set(package.namelist())
            if "word/document.xml" not in names:
                raise InputError("不是 Word 文档", where=name, remedy=again)
            if sum(i.file_size for i in package.infolist()) > MOST_UNPACKED:
                raise InputError("解压后过大，拒绝打开", where=name, remedy=again)
        document = docx.Document(io.BytesIO(data))
        texts = []
        for block in document.iter_inner_content():
            if hasattr(block, "rows"):
                texts += ["，".join(dict.fromkeys(c.text.strip() for c in row.cells if c.text.strip())) for row in block.rows]
            else:
                texts.append(block.text.strip())
    except InputError:
        raise
    except Exception as error:  # zip, XML and package faults of a damaged file are many kinds
        raise InputError("文件已损坏或不是 Word 文档", where=name, remedy=again) from error
    texts = [t for t in texts if t]
    if not texts:
        raise InputError("文档里没有文字", where=name, remedy="扫描件请先识别成文字")
    return texts[:MOST_PARAGRAPHS]


def candidates() -> list[Candidate]:
    """What numbers may be bound to: every place of this district's standing facts, and the dictionary by its default scope."""
    found: dict[tuple[str, str, str, str], Candidate] = {}
    facts = standing().filter(subject__kind=AREA, subject__key=OWN).order_by("definition__number")
    rows = facts.values_list("definition__entry_id", "definition__name", "definition__unit", "lane", "scope__name", "item").distinct()[:5000]
    for code, name, measure, lane, scope, item in rows:
        label = f"{name}{item.partition('=')[2]}" if item else name
        found[code, lane, scope, item] = Candidate(code, label, measure, lane, scope, item, True)
    have = {key[0] for key in found}
    for d in Definition.objects.filter(state=DefinitionState.APPROVED).order_by("number"):
        if d.entry_id not in have:
            lane = d.lanes[0] if d.lanes else Lane.MONITOR.value
            found[d.entry_id, "", "", ""] = Candidate(d.entry_id, d.name, d.unit, lane, d.scope or "全口径", "")
    return list(found.values())


def take_in(chunks: Iterable[bytes], name: str, when: str, actor: Any = None) -> Report:
    """Import a report; `when` is the period its figures are to be renewed for."""
    require(permissions.may_bind(actor))
    asked = period(when)
    digest, plain = keep(chunks, name, MOST_BYTES)
    from wenmai.office.files import store

    texts = paragraphs(store.path_of(digest).read_bytes(), plain)
    found = binding.numbers(texts)
    if not found:
        raise InputError("文档里没有带单位的数字", where=plain, remedy="请核对是否选错文件")
    if len(found) > MOST_NUMBERS:
        raise InputError(f"数字超过 {MOST_NUMBERS} 个", where=plain, remedy="请分篇导入")
    known = candidates()
    with transaction.atomic():
        made = Report.objects.create(title=plain, file_digest=digest, paragraphs=texts, period=asked.code, actor_name=name_of(actor))
        Binding.objects.bulk_create(
            [
                Binding(
                    report=made, paragraph=f.paragraph, start=f.start, raw=f.raw[:60], value=_text(f.value), unit=f.unit, context=f.context,
                    proposals=[_told(p) for p in binding.propose(f, known)],
                )
                for f in found
            ]
        )  # fmt: skip
        events.record(
            "collection.report.imported", f"report:{made.pk}", {"paragraphs": len(texts), "numbers": len(found), "period": asked.code}, actor
        )
    return made


def _told(p: binding.Proposal) -> list[Any]:
    c = p.candidate
    return [c.code, c.item, c.lane, c.scope, c.name, p.score]


def _text(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else f"{value.numerator}/{value.denominator}"


@dataclass(frozen=True)
class Choice:
    """What a person binds a number to; an empty code unbinds it."""

    code: str
    item: str = ""
    lane: str = ""
    scope: str = ""


def bind(report_id: int, choices: dict[int, Choice], actor: Any = None) -> int:
    """Confirm or take back bindings, all or none; returns how many changed."""
    require(permissions.may_bind(actor))
    with transaction.atomic():
        report = Report.objects.filter(pk=report_id).first()
        if report is None:
            raise NotFound("没有这份旧汇报")
        asked = period(report.period)
        changed = 0
        for one in Binding.objects.select_for_update().filter(report=report, pk__in=choices):
            chosen = choices[one.pk]
            if (one.code, one.item, one.lane, one.scope) == (chosen.code, chosen.item, chosen.lane, chosen.scope):
                continue
            if chosen.code:
                definition = definition_for(chosen.code, asked)
                try:
                    unit(one.unit).to(Fraction(1), unit(definition.unit))
                except InputError as error:
                    raise InputError(f"“{one.raw}”与 {chosen.code}（{definition.unit}）单位不合") from error
                if chosen.lane not in Lane.values or not chosen.scope.strip():
                    raise InputError(f"“{one.raw}”没有写明来源类和口径")
            one.code, one.item, one.lane, one.scope = chosen.code, chosen.item, chosen.lane, chosen.scope.strip()[:80]
            one.confirmed_by, one.confirmed_at = (name_of(actor), timezone.now()) if chosen.code else ("", None)
            one.save()
            changed += 1
        if changed:
            events.record("collection.report.bound", f"report:{report.pk}", {"changed": changed}, actor)
    return changed


@dataclass
class Compared:
    """A number of the old report beside the figure it is bound to."""

    binding: Binding
    new: str = ""
    unit: str = ""
    change: str = ""
    why: str = ""
    provider: str = ""


def compare(report: Report, user: Any = None) -> list[Compared]:
    """Every number, bound ones with the new value and its change; unbound ones stay listed."""
    asked = period(report.period)
    result = []
    for one in report.bindings.order_by("paragraph", "start"):
        line = Compared(one)
        if one.code:
            try:
                got = masked(answer(Place(AREA, OWN, one.lane, one.scope), one.code, asked, one.item), user)
                if got.value is None:
                    line.why = "；".join(got.why) or "未采集"
                else:
                    moved = binding.change(Fraction(one.value), one.unit, got.value, got.unit)
                    line.new, line.unit, line.change = _number(moved.new), one.unit, _moved(moved, one.unit)
                    line.provider = "、".join(dict.fromkeys(f.source.provider for f in got.facts))
            except WenmaiError as error:
                line.why = str(error)
        result.append(line)
    return result


def _number(value: Fraction) -> str:
    return f"{float(value):,.4f}".rstrip("0").rstrip(".")


def _moved(moved: binding.Change, measure: str) -> str:
    if moved.points:
        return f"{float(moved.difference):+.2f} 个百分点" if measure in ("%", "个百分点") else f"{float(moved.difference):+.2f}"
    sign = "+" if moved.difference >= 0 else "-"
    rate = "" if moved.rate is None else f"（{float(moved.rate * 100):+.1f}%）"
    return f"{sign}{_number(abs(moved.difference))}{rate}"
