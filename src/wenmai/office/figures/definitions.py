"""The verbs of the dictionary: install the packaged one, propose a change of definition, decide on it.

An approved version is never edited. A change is proposed by one person and decided by another; only an approval may say
that earlier periods can be recast, and until then old and new series stand side by side.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from wenmai.base.values import InputError, NotFound, Refused
from wenmai.base.values.period import period
from wenmai.base.values.units import unit
from wenmai.office.events import services as events
from wenmai.office.figures import permissions
from wenmai.office.figures.methods.dictionary import Entry as DictionaryEntry
from wenmai.office.figures.methods.dictionary import load
from wenmai.office.figures.methods.formula import check, parse
from wenmai.office.figures.models import Definition, DefinitionState, Entry, Lane

KINDS = ("时期", "时点", "比率", "结构")
SHIPPED = "文脉指标词典"


def install(rows: list[dict[str, Any]], by: str = SHIPPED, actor: Any = None) -> int:
    """Put dictionary rows (as methods.dictionary gives them) in, first versions only; what is there stays untouched.
    Returns how many entries are new."""
    _require(permissions.may_approve(actor))
    known = set(Entry.objects.values_list("code", flat=True))
    fresh = [r for r in rows if r["code"] not in known]
    with transaction.atomic():
        Entry.objects.bulk_create(
            [Entry(code=r["code"], group=r["group"], tier=r["tier"], owner=r["owner"], frequency=r["frequency"], sources=r["sources"]) for r in fresh]
        )
        Definition.objects.bulk_create(
            [
                Definition(
                    entry_id=r["code"], number=1, name=r["name"], text=r["definition"], unit=r["unit"], kind=r["kind"], formula=r["formula"],
                    scope=r["scope"], lanes=r["lanes"], stages=r["stages"], items=r["items"], note=r["note"], state=DefinitionState.APPROVED,
                    proposed_by=by, decided_by=by, decided_at=timezone.now(),
                )
                for r in fresh
            ]
        )  # fmt: skip
        if fresh:
            events.record("figures.dictionary.installed", "dictionary", {"entries": len(fresh), "by": by}, actor)
    return len(fresh)


def units(besides: str | None = None) -> dict[str, Any]:
    """Unit of the newest approved version of every indicator."""
    found = {}
    for code, text in Definition.objects.filter(state=DefinitionState.APPROVED).order_by("number").values_list("entry_id", "unit"):
        if code != besides:
            found[code] = unit(text)
    return found


def propose(code: str, changes: dict[str, Any], reason: str, in_force: str, actor: Any = None) -> Definition:
    """Propose the next version of an indicator: what changes, why, and from which period it is to hold."""
    _require(permissions.may_propose(actor))
    if not reason.strip():
        raise InputError("提出修改须写明理由")
    latest = Definition.objects.filter(entry_id=code).exclude(state=DefinitionState.REJECTED).order_by("-number").first()
    if latest is None:
        raise NotFound(f"指标 {code} 不在词典中")
    if latest.state == DefinitionState.PROPOSED:
        raise Refused(f"{code} 已有一份待批的修改（第 {latest.number} 版，{latest.proposed_by} 提出）", remedy="请先批准或驳回它")
    allowed = ("name", "text", "unit", "kind", "formula", "scope", "lanes", "stages", "items", "note")
    wrong = sorted(set(changes) - set(allowed))
    if wrong:
        raise InputError(f"不能修改：{'、'.join(wrong)}")
    values = {f: changes.get(f, getattr(latest, f)) for f in allowed}
    if all(values[f] == getattr(latest, f) for f in allowed):
        raise InputError("与现行定义没有不同")
    _validate(code, values)
    number = (Definition.objects.filter(entry_id=code).order_by("-number").values_list("number", flat=True).first() or 0) + 1
    with transaction.atomic():
        made = Definition.objects.create(
            entry_id=code, number=number, **values, in_force=period(in_force).code, reason=reason.strip()[:300],
            proposed_by=_name(actor), state=DefinitionState.PROPOSED,
        )  # fmt: skip
        events.record("figures.definition.proposed", f"indicator:{code}", {"number": number, "changes": sorted(changes)}, actor)
    return made


def _validate(code: str, values: dict[str, Any]) -> None:
    target = unit(values["unit"])
    if values["kind"] not in KINDS:
        raise InputError(f"时间性质“{values['kind']}”不在可选项内", remedy="可用：" + "、".join(KINDS))
    bad = [lane for lane in values["lanes"] if lane not in Lane.values]
    if bad:
        raise InputError(f"来源类“{'、'.join(bad)}”不在可选项内")
    if values["formula"]:
        formula = parse(values["formula"])
        known = units()
        check(formula, target, {**known, code: target})
        _no_loop(code, {r.code for r in formula.references() if r.lag is None})


def _no_loop(code: str, uses: set[str]) -> None:
    """Refuse a formula that comes back to its own indicator for the same period."""
    approved = Definition.objects.filter(state=DefinitionState.APPROVED).exclude(formula="")
    formulas = dict(approved.order_by("number").values_list("entry_id", "formula"))
    seen: set[str] = set()
    waiting = set(uses)
    while waiting:
        one = waiting.pop()
        if one == code:
            raise InputError(f"公式绕回了 {code} 自身", remedy="请改用上年同期等另一时期的值，或换一个指标")
        if one not in seen:
            seen.add(one)
            if one in formulas:
                waiting |= {r.code for r in parse(formulas[one]).references() if r.lag is None}


def decide(code: str, number: int, approve: bool, note: str = "", back_cast: bool = False, actor: Any = None) -> Definition:
    """Approve or reject a proposed version. Whoever proposed it may not decide on it."""
    _require(permissions.may_approve(actor))
    with transaction.atomic():
        found = Definition.objects.select_for_update().filter(entry_id=code, number=number).first()
        if found is None:
            raise NotFound(f"{code} 没有第 {number} 版")
        if found.state != DefinitionState.PROPOSED:
            raise Refused(f"{code} 第 {number} 版当前为“{found.get_state_display()}”，不能再审批")
        if actor is not None and found.proposed_by == _name(actor):
            raise Refused("提出人不能审批自己的修改", remedy="请由另一人审批")
        if not approve and not note.strip():
            raise InputError("驳回须写明理由")
        found.state = DefinitionState.APPROVED if approve else DefinitionState.REJECTED
        found.back_cast = bool(approve and back_cast)
        found.decided_by, found.decided_at, found.decision_note = _name(actor), timezone.now(), note.strip()[:300]
        found.save()
        events.record(
            "figures.definition.decided", f"indicator:{code}", {"number": number, "approved": approve, "back_cast": found.back_cast}, actor
        )
    return found


def _name(actor: Any) -> str:
    return getattr(actor, "username", None) or "命令行"


def _require(verdict: tuple[bool, str]) -> None:
    if not verdict[0]:
        raise Refused(verdict[1])


def install_shipped(actor: Any = None) -> int:
    """Install the packaged dictionary; returns how many entries are new."""
    return install([row(e) for e in load()], actor=actor)


def row(entry: DictionaryEntry) -> dict[str, Any]:
    """A dictionary entry as a row of `install`."""
    return {
        "code": entry.code, "group": entry.group, "tier": entry.tier, "owner": entry.owner, "frequency": "、".join(entry.frequency),
        "sources": ";".join(entry.sources), "name": entry.name, "definition": entry.definition, "unit": entry.unit, "kind": entry.kind,
        "formula": entry.formula, "scope": entry.scope_default, "lanes": list(entry.lanes), "stages": list(entry.stages), "note": entry.note,
        "items": list(entry.items),
    }  # fmt: skip
