"""要数 and 核数: ask a figure of its owner, chase, answer with a value and a slip, sign in order, each step another person.

An answer is recorded as a fact by whoever signs the first step (经办). A new answer makes every older signature void.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from wenmai.base.values import InputError, NotFound, Refused
from wenmai.base.values.period import POINT, Period, period
from wenmai.base.values.units import unit
from wenmai.office.events import services as events
from wenmai.office.figures import facts
from wenmai.office.figures.facts import REJECTED, NewFact, definition_for
from wenmai.office.figures.models import Definition, DefinitionState, FactStatus, Lane
from wenmai.office.figures.sources import About, keep_slip, open_source
from wenmai.office.people.models import Organisation, SubjectKind
from wenmai.rooms.collection import permissions
from wenmai.rooms.collection.forming import name_of, require
from wenmai.rooms.collection.methods import cells as cell_methods
from wenmai.rooms.collection.models import Ask, AskState, Signature
from wenmai.rooms.collection.permissions import STEPS


@dataclass(frozen=True)
class Wanted:
    """A figure to be asked for."""

    organisation: int
    code: str
    when: str
    lane: str
    scope: str
    purpose: str
    due: date
    unit: str = ""
    item: str = ""
    stage: str = ""
    kind: str = "area"
    key: str = "本区"


def ask(wanted: Wanted, actor: Any = None) -> Ask:
    """Ask a figure of an organisation. The indicator, its lane and unit are checked before it goes out."""
    require(permissions.may_manage(actor))
    owner = Organisation.objects.filter(pk=wanted.organisation, active=True).first()
    if owner is None:
        raise NotFound("没有这个单位，或已停用")
    when = period(wanted.when)
    definition = definition_for(wanted.code.strip().upper(), when)
    if definition.kind == POINT and when.day is None:
        when = Period(when.year, when.last, when.last, when.end.day)
    if wanted.lane not in Lane.values or (definition.lanes and wanted.lane not in definition.lanes):
        raise InputError(f"{definition.entry_id} 不能由“{wanted.lane}”提供", remedy="可用：" + "、".join(definition.lanes or Lane.values))
    if wanted.kind not in SubjectKind.values or not wanted.key.strip():
        raise InputError("没有写明对象")
    if wanted.lane == Lane.BUREAU and wanted.kind in (SubjectKind.ENTERPRISE, SubjectKind.PERSON):
        raise InputError("本办不得持有统计部门的单户数据", remedy="统计部门只要汇总数")
    if definition.stages and wanted.stage not in definition.stages:
        raise InputError(f"{definition.entry_id} 须注明版次", remedy="可选：" + "、".join(definition.stages))
    measure = wanted.unit.strip() or definition.unit
    unit(measure).to(unit(measure).factor * 0, unit(definition.unit))
    for name, text in (("口径", wanted.scope), ("用途", wanted.purpose)):
        if not text.strip():
            raise InputError(f"没有写{name}")
    place = {
        "organisation": owner, "code": definition.entry_id, "item": wanted.item.strip(), "period": when.code, "kind": wanted.kind,
        "key": wanted.key.strip(), "lane": wanted.lane, "scope": wanted.scope.strip(),
    }  # fmt: skip
    with transaction.atomic():
        if Ask.objects.filter(**place).exclude(state__in=(AskState.SIGNED, AskState.CANCELLED)).exists():
            raise Refused("这个数已经向该单位要过，还没有办结", remedy="请在清单中催办")
        made = Ask.objects.create(
            **place, stage=wanted.stage, unit=measure, purpose=wanted.purpose.strip()[:200], due=wanted.due, asked_by=name_of(actor)
        )
        events.record(
            "collection.ask.asked", f"ask:{made.pk}", {"code": made.code, "period": made.period, "organisation": owner.pk, "due": made.due}, actor
        )
    return made


def _locked(ask_id: int, actor: Any) -> Ask:
    found = Ask.objects.select_for_update(of=("self",)).select_related("organisation").filter(permissions.own_asks(actor), pk=ask_id).first()
    if found is None:
        raise NotFound("没有这个要数事项，或不是向本单位要的")
    return found


def chase(ask_id: int, actor: Any = None) -> Ask:
    """催办: counted, dated, and in the log."""
    require(permissions.may_manage(actor))
    with transaction.atomic():
        found = _locked(ask_id, actor)
        if found.state != AskState.ASKED:
            raise Refused(f"当前为“{found.state}”，不用催办")
        found.chased, found.chased_at = found.chased + 1, timezone.now()
        found.save(update_fields=["chased", "chased_at"])
        events.record("collection.ask.chased", f"ask:{found.pk}", {"times": found.chased}, actor)
    return found


def cancel(ask_id: int, reason: str, actor: Any = None) -> Ask:
    """Take a request back, with a reason; a signed one stays."""
    require(permissions.may_manage(actor))
    if not reason.strip():
        raise InputError("没有写理由")
    with transaction.atomic():
        found = _locked(ask_id, actor)
        if found.state in (AskState.SIGNED, AskState.CANCELLED):
            raise Refused(f"当前为“{found.state}”，不能撤")
        before, found.state = found.state, AskState.CANCELLED
        found.save(update_fields=["state"])
        events.record("collection.ask.cancelled", f"ask:{found.pk}", {"from": before, "why": reason.strip()[:200]}, actor)
    return found


def respond(
    ask_id: int, value: str, status: str, base: int, note: str = "", slip: tuple[Iterable[bytes], str] | None = None, actor: Any = None
) -> Ask:
    """Answer, or answer anew (`base` is the number of answers the page showed). A bureau's figure needs its slip."""
    cell = cell_methods.read(value, status, note)
    if cell.blank:
        raise InputError("没有填数", remedy="没有数时选 查无、拒报 或 不适用")
    kept = keep_slip(*slip) if slip is not None else ("", "")
    with transaction.atomic():
        found = _locked(ask_id, actor)
        require(permissions.may_answer(actor, found))
        if found.state == AskState.CANCELLED:
            raise Refused("这个要数事项已撤")
        if found.answers != base:
            raise Refused("在您打开之后已有人答复", remedy="请看过现有答复再改")
        if found.lane == Lane.BUREAU and not kept[0]:
            raise InputError("统计部门数据须附盖章确认单", remedy="改数也要附新的确认单")
        raw = cell.raw()
        same = (raw.get("value", ""), cell.status) == (found.value, found.status) and found.answers > 0
        if same and not kept[0]:
            return found
        voided = found.signatures.filter(answer=found.answers).count()
        found.value, found.status, found.note = raw.get("value", ""), cell.status, cell.note
        found.slip_digest, found.slip_name = kept[0], kept[1][:255]
        found.answers += 1
        found.answered_by, found.answered_at, before, found.state = name_of(actor), timezone.now(), found.state, AskState.ANSWERED
        found.save()
        payload = {"from": before, "answer": found.answers, "voided": voided, "slip": bool(kept[0])}
        events.record("collection.ask.answered", f"ask:{found.pk}", payload, actor)
    return found


def signatures(found: Ask) -> list[Signature]:
    """The signatures that count, in order."""
    return list(found.signatures.filter(answer=found.answers).order_by("step"))


def sign(ask_id: int, base: int, actor: Any) -> Signature:
    """The next step of the sign-off of the answer that was looked at. A person signs once; the answerer does not sign."""
    if actor is None:
        raise Refused("核数签字要由本人登录办理")
    with transaction.atomic():
        found = _locked(ask_id, actor)
        if found.state not in (AskState.ANSWERED, AskState.SIGNING):
            raise Refused(f"当前为“{found.state}”，不能签字")
        if found.answers != base:
            raise Refused("数已改过，先前看到的不是现在的数", remedy="请看过新数再签")
        done = signatures(found)
        step = len(done)
        require(permissions.may_sign(actor, step))
        if any(one.user_id == actor.pk for one in done):
            raise Refused("同一人不能签两个环节", remedy=f"“{STEPS[step]}”请由另一人签")
        if step > 0 and found.answered_by == name_of(actor):
            raise Refused("录数的人不能审自己录的数")
        try:
            made = Signature.objects.create(ask=found, answer=found.answers, step=step, user=actor, actor_name=name_of(actor))
        except IntegrityError as error:
            raise Refused(f"“{STEPS[step]}”已有人签") from error
        if step == 0:
            _record(found, actor)
        found.state = AskState.SIGNED if step == len(STEPS) - 1 else AskState.SIGNING
        found.save()
        events.record("collection.ask.signed", f"ask:{found.pk}", {"step": STEPS[step], "answer": found.answers, "to": found.state}, actor)
    return made


def _record(found: Ask, actor: Any) -> None:
    about = About(found.organisation.name, f"要数 {found.pk}", found.purpose, "不可再共享", None, found.slip_name, "", found.slip_digest)
    source = open_source(about, actor)
    status = cell_methods.UNKNOWN[found.status] if found.status else FactStatus.REPORTED
    name = found.key if found.kind != "area" else ""
    new = NewFact(
        found.kind, found.key, found.code, found.period, found.value or None, found.unit, found.lane, found.scope, found.item, found.stage,
        status, name=name,
    )  # fmt: skip
    outcome = facts.record([new], source, actor)
    if outcome.rows[0][0] == REJECTED:
        raise InputError(f"不能入库：{outcome.rows[0][1]}", remedy="请请对方改答，或核对指标定义")
    found.source = source


def names_of(codes: Iterable[str]) -> dict[str, str]:
    """Code → the newest approved name."""
    query = Definition.objects.filter(entry_id__in=set(codes), state=DefinitionState.APPROVED).order_by("number")
    return dict(query.values_list("entry_id", "name"))


def outstanding(today: date, actor: Any = None) -> list[dict[str, Any]]:
    """Requests that are not settled, latest first, with how many days late and the step they wait for."""
    query = Ask.objects.filter(permissions.own_asks(actor)).exclude(state__in=(AskState.SIGNED, AskState.CANCELLED))
    result = []
    signed: dict[tuple[int, int], int] = {}
    found = list(query.select_related("organisation").order_by("due", "pk")[:500])
    names = names_of(a.code for a in found)
    for one in Signature.objects.filter(Q(ask__in=found)):
        signed[one.ask_id, one.answer] = signed.get((one.ask_id, one.answer), 0) + 1
    for one_ask in found:
        step = signed.get((one_ask.pk, one_ask.answers), 0)
        waits = "对方答复" if one_ask.state == AskState.ASKED else STEPS[min(step, len(STEPS) - 1)] + "签字"
        late = (today - one_ask.due).days if one_ask.state == AskState.ASKED else 0
        result.append({"ask": one_ask, "late": max(0, late), "waits": waits, "name": names.get(one_ask.code, one_ask.code)})
    return result
