"""Export in the layout that a bureau asks for: keep its workbook, find what its cells stand for, fill them, say what is unknown."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

import openpyxl
from django.db import transaction
from django.utils import timezone

from wenmai.base.values import InputError, NotFound, WenmaiError
from wenmai.base.values.period import Period
from wenmai.base.values.units import unit
from wenmai.office.events import services as events
from wenmai.office.figures.fact_queries import Place, answer
from wenmai.office.figures.sources import keep
from wenmai.office.files import store
from wenmai.rooms.collection import permissions, sheets, xlsx_cells
from wenmai.rooms.collection.forming import name_of, require
from wenmai.rooms.collection.methods import slots
from wenmai.rooms.collection.methods.slots import Slot
from wenmai.rooms.collection.models import BureauTemplate

MOST_SLOTS = 2000
_NAMED = re.compile(r"WM_([A-Z][A-Z0-9_]+)")
_TARGET = re.compile(r"(?:'((?:[^']|'')+)'|([^'!]+))!\$?([A-Z]{1,3})\$?(\d+)(?::.*)?")


@dataclass(frozen=True)
class Spot:
    """A cell to fill and what it stands for."""

    sheet: str
    address: str
    slot: Slot
    name: str = ""


@dataclass(frozen=True)
class Filled:
    """What goes into a cell; `value` None leaves it blank and `why` says why."""

    spot: Spot
    value: Decimal | str | None
    why: str = ""
    note: str = ""


def spots(data: bytes, named: dict[str, str], file: str) -> list[Spot]:
    """Every cell of a template that is to be filled: `{{…}}` cells, names WM_<indicator>, and names of the mapping."""
    try:
        book = openpyxl.load_workbook(io.BytesIO(data))
    except Exception as error:  # openpyxl raises whatever its parsers raise on a damaged part
        raise InputError("模板打不开", where=file, remedy="请在 Excel 或 WPS 中另存为 .xlsx") from error
    found: list[Spot] = []
    for page in book.worksheets:
        for row in page.iter_rows():
            for cell in row:
                mark = slots.PLACEHOLDER.fullmatch(cell.value) if isinstance(cell.value, str) and cell.data_type == "s" else None
                if mark:
                    found.append(Spot(page.title, cell.coordinate, _slot(mark[1], f"{file}，{page.title}!{cell.coordinate}")))
    names = {**{n: d.attr_text for n, d in book.defined_names.items()}}
    for page in book.worksheets:
        names |= {n: d.attr_text for n, d in page.defined_names.items()}
    for name, target in names.items():
        own = _NAMED.fullmatch(name)
        text = named.get(name) or (own[1] if own else "")
        place = _TARGET.fullmatch(target or "")
        if text and place:
            sheet = (place[1] or place[2]).replace("''", "'")
            found.append(Spot(sheet, f"{place[3]}{place[4]}", _slot(text, f"{file}，名称 {name}"), name))
    strange = sorted(set(named) - set(names))
    if strange:
        raise InputError(f"模板里没有名称：{'、'.join(strange[:5])}", where=file, remedy="名称以工作簿“名称管理器”里的为准")
    if not found:
        raise InputError("模板里没有占位", where=file, remedy="请在要填的格写 {{指标代码}}，或把格命名为 WM_指标代码")
    if len(found) > MOST_SLOTS:
        raise InputError(f"占位超过 {MOST_SLOTS} 个", where=file)
    return found


def _slot(text: str, where: str) -> Slot:
    try:
        return slots.read(text)
    except WenmaiError as error:
        raise InputError(error.message, where=where, remedy=error.remedy) from error


def add(name: str, chunks: Iterable[bytes], file: str, mapping: str = "", actor: Any = None) -> tuple[BureauTemplate, int]:
    """Keep a bureau's workbook under a name. `mapping` has lines 名称 = 指标; returns how many cells it fills."""
    require(permissions.may_manage(actor))
    name = " ".join(name.split())
    if not name or len(name) > 80:
        raise InputError("模板名称为空或超过 80 字")
    data = sheets.spool(chunks, file)
    named: dict[str, str] = {}
    for number, line in enumerate(mapping.splitlines(), start=1):
        if line.strip():
            left, equals, right = line.partition("=")
            if not equals or not right.strip():
                raise InputError(f"名称对应第 {number} 行看不懂", remedy="写成 名称 = 指标，如 收入合计 = SC06; 单位=万元")
            named[left.strip()] = right.strip()
    found = spots(data, named, file)
    with transaction.atomic():
        digest, plain = keep([data], file)
        if BureauTemplate.objects.filter(name=name).exists():
            raise InputError(f"已有名为“{name}”的模板", remedy="请换一个名称，如加上年份")
        made = BureauTemplate.objects.create(name=name, file_name=plain, file_digest=digest, named=named, actor_name=name_of(actor))
        events.record("collection.template.added", f"template:{made.pk}", {"cells": len(found)}, actor)
    return made, len(found)


@dataclass(frozen=True)
class Defaults:
    """What a placeholder that does not say gets."""

    when: Period
    kind: str = "area"
    key: str = "本区"
    lane: str = "统计部门数据"
    scope: str = "规上"
    office: str = ""


def _bytes(template: BureauTemplate) -> bytes:
    path = store.path_of(template.file_digest)
    if not path.is_file():
        raise NotFound("模板文件不在本机", remedy="请从备份恢复文件目录")
    return path.read_bytes()


def values(template: BureauTemplate, by: Defaults) -> list[Filled]:
    """Every cell with what goes into it, or why it stays blank."""
    return [_value(spot, by) for spot in spots(_bytes(template), template.named, template.file_name)]


def _value(spot: Spot, by: Defaults) -> Filled:
    slot = spot.slot
    if slot.word:
        word = {"时期": by.when.label, "填报单位": by.office, "日期": timezone.localdate().isoformat()}[slot.word]
        return Filled(spot, word or None, "" if word else "没有写填报单位")
    assert slot.reference is not None
    place = Place(slot.kind or by.kind, slot.key or by.key, slot.lane or by.lane, slot.scope or by.scope, slot.stage or None)
    try:
        found = answer(place, slot.reference.code, slot.period(by.when), slot.reference.item)
        if found.value is None:
            return Filled(spot, None, "；".join(found.why) or "未采集")
        target = slot.unit or found.unit
        value = unit(found.unit).to(found.value, unit(target))
    except (WenmaiError, ValueError) as error:
        return Filled(spot, None, str(error))
    return Filled(spot, _decimal(value, slot.decimals), "", f"{found.name}（{target}，{place.scope}，{place.lane}）")


def _decimal(value: Fraction, decimals: int | None) -> Decimal:
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    if decimals is not None:
        return exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    text = f"{exact.quantize(Decimal('0.000001'), ROUND_HALF_UP):f}"
    return Decimal(text.rstrip("0").rstrip(".") if "." in text else text)


def produce(template: BureauTemplate, by: Defaults, actor: Any = None) -> tuple[bytes, list[Filled]]:
    """The bureau's workbook, filled. A figure that is unknown leaves its cell blank, never zero."""
    require(permissions.may_manage(actor))
    filled = values(template, by)
    data = xlsx_cells.fill(_bytes(template), {(f.spot.sheet, f.spot.address): "" if f.value is None else f.value for f in filled})
    with transaction.atomic():
        blank = sum(1 for f in filled if f.value is None)
        events.record("collection.template.filled", f"template:{template.pk}", {"period": by.when.code, "cells": len(filled), "blank": blank}, actor)
    return data, filled
