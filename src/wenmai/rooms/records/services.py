"""The verbs of the ledgers. Every row kept by hand is made, changed and withdrawn here, in one transaction with its history
and the event; nothing is deleted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from wenmai.base.values import InputError, NotFound, Refused
from wenmai.office.events import services as events
from wenmai.rooms.records import permissions, rules
from wenmai.rooms.records.kinds import Kind, kind_of
from wenmai.rooms.records.models import Change, Record
from wenmai.rooms.records.scope import scope_of
from wenmai.rooms.records.texts import shown

R = TypeVar("R", bound=Record)
# Field, value before, value after, as shown.
Told = list[tuple[str, str | None, str | None]]
ADDED, EDITED, WITHDRAWN, RESTORED = "新增", "修改", "撤销", "恢复"


class Invalid(InputError):
    """Faults by field: `faults` maps a field ("" the whole) to what is wrong with it."""

    def __init__(self, faults: dict[str, str], kind: Kind) -> None:
        self.faults = faults
        super().__init__("；".join((f"{kind.title_of(f)}：" if f else "") + text for f, text in faults.items()))


def create(kind: Kind, values: Mapping[str, Any], actor: Any = None, reason: str = "") -> Any:
    """Add one row. Errors: Refused (who, or a row outside the person's scope), Invalid (by field)."""
    _require(kind.may(actor))
    record = kind.model(**values)
    with transaction.atomic():
        _check(kind, record)
        _save(kind, record)
        _within(kind, record, actor)
        told: Told = [(f, None, text) for f in values if (text := shown(record, f)) is not None]
        _tell(kind, record, ADDED, told, reason, actor)
    return record


def edit(record: R, changes: Mapping[str, Any], actor: Any = None, reason: str = "", version: int | None = None) -> R:
    """Change fields of a row: one Change per field that differs, and one event. `version` is the one the person saw: another
    person's change in between refuses this one. Nothing to change is no change (and no event)."""
    kind = kind_of(record)
    _require(kind.may(actor))
    with transaction.atomic():
        found = _locked(kind, record.pk, actor)
        if version is not None and found.version != version:
            raise Refused("这条记录在打开之后已被他人修改", remedy="请刷新页面，核对后再改")
        if found.withdrawn_at is not None:
            raise Refused("这条记录已撤销，不能修改", remedy="如需使用请先恢复")
        before = {f: shown(found, f) for f in changes}
        differs = []
        for name, value in changes.items():
            if getattr(found, name) != value:
                setattr(found, name, value)
                differs.append(name)
        if not differs:
            return found
        found.version += 1
        _check(kind, found)
        _save(kind, found)
        _within(kind, found, actor)
        told: Told = [(f, before[f], shown(found, f)) for f in differs]
        _tell(kind, found, EDITED, told, reason, actor)
    return found


def withdraw(record: R, reason: str, actor: Any = None) -> R:
    """Take a row out with a reason. Refused while rows that stand hang on it."""
    kind = kind_of(record)
    _require(kind.may(actor))
    _require(permissions.may_withdraw(actor))
    reason = reason.strip()[:200]
    if not reason:
        raise InputError("撤销须写明理由")
    with transaction.atomic():
        found = _locked(kind, record.pk, actor)
        if found.withdrawn_at is not None:
            raise Refused("这条记录已撤销")
        rules.may_go(found)
        found.withdrawn_at, found.withdrawn_reason, found.version = timezone.now(), reason, found.version + 1
        found.save(update_fields=["withdrawn_at", "withdrawn_reason", "version"])
        _tell(kind, found, WITHDRAWN, [], reason, actor)
    return found


def restore(record: R, reason: str, actor: Any = None) -> R:
    """Put a withdrawn row back, under the same rules as a new one."""
    kind = kind_of(record)
    _require(kind.may(actor))
    reason = reason.strip()[:200]
    if not reason:
        raise InputError("恢复须写明理由")
    with transaction.atomic():
        found = _locked(kind, record.pk, actor)
        if found.withdrawn_at is None:
            raise Refused("这条记录没有撤销")
        found.withdrawn_at, found.withdrawn_reason, found.version = None, "", found.version + 1
        _check(kind, found)
        _save(kind, found)
        _tell(kind, found, RESTORED, [], reason, actor)
    return found


def _require(verdict: tuple[bool, str]) -> None:
    if not verdict[0]:
        raise Refused(verdict[1])


def _locked(kind: Kind, pk: int, actor: Any) -> Any:
    """The row, locked, if this person sees it."""
    seen = kind.cut(kind.model._default_manager.filter(pk=pk), scope_of(actor)).values("pk")
    found = kind.model._default_manager.select_for_update().filter(pk__in=seen).first()
    if found is None:
        raise NotFound(f"{kind.title}中没有这条记录")
    return found


def _within(kind: Kind, record: Record, actor: Any) -> None:
    """A person writes only rows that the person would see."""
    if not kind.cut(kind.model._default_manager.filter(pk=record.pk), scope_of(actor)).exists():
        raise Refused("这条记录不在您的数据范围内", remedy="请联系区文创办登记")


def _check(kind: Kind, record: Record) -> None:
    """Field rules, uniqueness, then the rules between rows."""
    faults: dict[str, str] = {}
    try:
        record.full_clean(exclude=[f.name for f in record._meta.fields if isinstance(f, models.JSONField) or f.name == "id"])
    except ValidationError as error:
        for name, told in error.message_dict.items():
            faults["" if name == "__all__" else name] = "、".join(told)
    if not faults:
        faults = rules.faults(record)
    if faults:
        raise Invalid({k if k in kind.fields else "": v for k, v in faults.items()}, kind)


def _save(kind: Kind, record: Record) -> None:
    try:
        with transaction.atomic():
            record.save()
    except IntegrityError as error:
        raise Invalid({"": "已有相同的记录"}, kind) from error


def _tell(kind: Kind, record: Record, verb: str, told: Told, reason: str, actor: Any) -> None:
    """History and event. The event names fields only: values may be about persons."""
    now, name = timezone.now(), getattr(actor, "username", None) or "命令行"
    person = actor if getattr(actor, "pk", None) else None
    base = {"kind": kind.slug, "record_id": record.pk, "label": kind.label(record)[:320], "verb": verb, "reason": reason[:200],
            "actor": person, "actor_name": name, "at": now}  # fmt: skip
    rows = [Change(**base, field=f, title=kind.title_of(f)[:40], before=b, after=a) for f, b, a in told] or [Change(**base)]
    Change.objects.bulk_create(rows)
    event = {ADDED: "added", EDITED: "edited", WITHDRAWN: "withdrawn", RESTORED: "restored"}[verb]
    events.record(f"records.record.{event}", f"{kind.slug}:{record.pk}", {"fields": [f for f, _, _ in told]}, actor)
