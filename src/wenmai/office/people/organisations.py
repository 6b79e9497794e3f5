"""The verbs of access: organisations, assignments, delegation while on leave, authorisation by firms."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from wenmai.base.values import InputError, NotFound, Refused
from wenmai.office.people import signals
from wenmai.office.people.models import Assignment, Consent, Delegation, Organisation, OrgKind, Role, Subject, SubjectKind, User
from wenmai.office.people.permissions import Verdict, allow, conflict, inside, organisation_of, roles_of

# Who may be authorised by a firm; the office and its streets see by duty, not by consent.
CONSENTED = frozenset({OrgKind.FINANCE, OrgKind.COLLEGE, OrgKind.ASSOCIATION})
LONGEST_LEAVE = 180  # days; longer than that is a change of post, not a leave


def may_manage(user: Any) -> Verdict:
    return allow(user, frozenset({Role.ADMIN}), "管理单位和账号")


def _require(verdict: Verdict) -> None:
    if not verdict[0]:
        raise Refused(verdict[1])


def _tell(verb: str, subject: str, payload: dict[str, Any], actor: Any) -> None:
    signals.access_changed.send(sender=Organisation, verb=verb, subject=subject, payload=payload, actor=actor)


def add_organisation(name: str, kind: str, area: str = "", actor: Any = None) -> Organisation:
    """A new organisation. A street needs its area's name and an enterprise its register key, else its people see nothing."""
    _require(may_manage(actor))
    name = " ".join(name.split())
    if not name or len(name) > 120:
        raise InputError("单位名称为空或超过 120 字")
    if kind not in OrgKind.values:
        raise InputError(f"没有单位类别“{kind}”", remedy="可选：" + "、".join(OrgKind.labels))
    if Organisation.objects.filter(name=name).exists():
        raise InputError(f"单位“{name}”已存在")
    with transaction.atomic():
        made = Organisation.objects.create(name=name, kind=kind, area=area.strip())
        _tell("people.organisation.added", f"organisation:{made.pk}", {"name": name, "kind": kind}, actor)
    return made


def set_active(organisation_id: int, active: bool, actor: Any = None) -> Organisation:
    """Take an organisation out of use, or back into it; its people keep their logins but see no rows meanwhile."""
    _require(may_manage(actor))
    with transaction.atomic():
        found = Organisation.objects.select_for_update().filter(pk=organisation_id).first()
        if found is None:
            raise NotFound("没有这个单位")
        found.active = active
        found.save(update_fields=["active"])
        _tell("people.organisation.changed", f"organisation:{found.pk}", {"name": found.name, "active": active}, actor)
    return found


def place(user: User, organisation: Organisation | None, actor: Any = None) -> User:
    """Put a login under an organisation. A login of an outside organisation holds no office role but 查阅."""
    _require(may_manage(actor))
    if organisation is not None and not _inside(organisation) and set(roles_of(user)) - {Role.READER}:
        raise Refused(f"{organisation.get_kind_display()}的账号不能有办内角色", remedy="请先把角色改为查阅，或为其另建账号")
    with transaction.atomic():
        user.organisation = organisation
        user.save(update_fields=["organisation"])
        _tell("people.user.placed", f"user:{user.username}", {"organisation": organisation.name if organisation else None}, actor)
    return user


def _inside(organisation: Organisation) -> bool:
    from wenmai.office.people.models import INSIDE

    return organisation.kind in INSIDE


def assign(user: User, role: str, organisation: Organisation, since: date, until: date | None = None, actor: Any = None) -> Assignment:
    """Give a further role. Nobody gives one to themselves; an auditor holds no other."""
    _require(may_manage(actor))
    if role not in Role.values:
        raise InputError(f"没有角色“{role}”", remedy="可选：" + "、".join(Role.labels))
    if actor is not None and actor.pk == user.pk:
        raise Refused("不能给自己授予角色", remedy="请由另一位系统管理员办理")
    if not _inside(organisation) and role != Role.READER:
        raise Refused(f"{organisation.get_kind_display()}不能有办内角色")
    if until is not None and until < since:
        raise InputError("止日早于起日")
    clash = conflict(frozenset({*roles_of(user), role}))
    if clash:
        raise Refused(clash)
    with transaction.atomic():
        made, fresh = Assignment.objects.get_or_create(
            user=user, organisation=organisation, role=role, since=since, defaults={"until": until}
        )
        if not fresh:
            raise InputError("已有同日起的同一任职")
        _tell("people.role.assigned", f"user:{user.username}", {"role": role, "organisation": organisation.name, "until": str(until or "")}, actor)
    _forget(user)
    return made


def end_assignment(assignment_id: int, until: date, actor: Any = None) -> Assignment:
    """End a role on a day."""
    _require(may_manage(actor))
    with transaction.atomic():
        found = Assignment.objects.select_for_update(of=("self",)).select_related("user").filter(pk=assignment_id).first()
        if found is None:
            raise NotFound("没有这项任职")
        if until < found.since:
            raise InputError("止日早于起日")
        found.until = until
        found.save(update_fields=["until"])
        _tell("people.role.ended", f"user:{found.user.username}", {"role": found.role, "until": str(until)}, actor)
    return found


def delegate(giver: User, taker: User, role: str, since: date, until: date, reason: str = "", actor: Any = None) -> Delegation:
    """Lend a role while on leave. Given by the person or by an administrator; only an own role, only for a time."""
    if actor is not None and actor.pk != giver.pk:
        _require(may_manage(actor))
    if giver.pk == taker.pk:
        raise InputError("不能委托给自己")
    if role not in Role.values or role not in _own(giver):
        raise Refused(f"{giver.username} 没有角色“{role}”，无从委托")
    if not taker.is_active:
        raise Refused(f"{taker.username} 已停用")
    if until < since or (until - since).days > LONGEST_LEAVE:
        raise InputError(f"委托期不对：最长 {LONGEST_LEAVE} 天", remedy="更长的请办理任职")
    if not inside(taker)[0]:
        raise Refused("不能委托给外单位账号")
    clash = conflict(frozenset({*roles_of(taker), role}))
    if clash:
        raise Refused(clash)
    with transaction.atomic():
        made = Delegation.objects.create(giver=giver, taker=taker, role=role, since=since, until=until, reason=reason.strip()[:120])
        payload = {"to": taker.username, "role": role, "since": str(since), "until": str(until)}
        _tell("people.role.delegated", f"user:{giver.username}", payload, actor or giver)
    _forget(taker)
    return made


def _own(user: User) -> set[str]:
    """Roles a person holds without anybody's delegation."""
    return {role for role, how in roles_of(user).items() if not how.startswith("受 ")}


def revoke(delegation_id: int, actor: Any = None) -> Delegation:
    """Take a delegation back at once."""
    with transaction.atomic():
        found = Delegation.objects.select_for_update(of=("self",)).select_related("giver", "taker").filter(pk=delegation_id, revoked_at=None).first()
        if found is None:
            raise NotFound("没有这项委托，或已收回")
        if actor is not None and actor.pk != found.giver_id:
            _require(may_manage(actor))
        found.revoked_at = timezone.now()
        found.save(update_fields=["revoked_at"])
        _tell("people.role.revoked", f"user:{found.giver.username}", {"from": found.taker.username, "role": found.role}, actor)
    return found


def authorise(key: str, organisation: Organisation, what: str, since: date, until: date, document: str = "", actor: Any = None) -> Consent:
    """A firm authorises an organisation to see a kind of its data until a day. Only the firm's own login, or the office
    on a signed document, may do so."""
    own = organisation_of(actor) if actor is not None else None
    firm = own is not None and own.kind == OrgKind.ENTERPRISE and own.area == key
    if not firm:
        _require(allow(actor, frozenset({Role.ADMIN, Role.EDITOR}), "代录授权"))
        if not document:
            raise InputError("代录授权须上传企业盖章的授权书")
    if organisation.kind not in CONSENTED:
        raise InputError(f"{organisation.name}不是可获授权的单位", remedy="可授权：" + "、".join(k.label for k in sorted(CONSENTED)))
    if not what.strip():
        raise InputError("授权内容为空")
    if until < since:
        raise InputError("止日早于起日")
    with transaction.atomic():
        subject, _ = Subject.objects.get_or_create(kind=SubjectKind.ENTERPRISE, key=key)
        what = what.strip()[:40]
        made = Consent.objects.create(
            subject=subject, organisation=organisation, what=what, since=since, until=until, document=document
        )  # fmt: skip
        _tell("people.consent.given", f"subject:{subject.pk}", {"to": organisation.name, "what": what, "until": str(until)}, actor)
    return made


def withdraw_consent(consent_id: int, actor: Any = None) -> Consent:
    """Take an authorisation back; it holds no longer from this moment."""
    with transaction.atomic():
        held = Consent.objects.select_for_update(of=("self",)).select_related("subject", "organisation")
        found = held.filter(pk=consent_id, withdrawn_at=None).first()
        if found is None:
            raise NotFound("没有这项授权，或已撤回")
        own = organisation_of(actor) if actor is not None else None
        if not (own is not None and own.kind == OrgKind.ENTERPRISE and own.area == found.subject.key):
            _require(allow(actor, frozenset({Role.ADMIN, Role.EDITOR}), "撤回授权"))
        found.withdrawn_at = timezone.now()
        found.save(update_fields=["withdrawn_at"])
        _tell("people.consent.withdrawn", f"subject:{found.subject_id}", {"to": found.organisation.name, "what": found.what}, actor)
    return found


def _forget(user: User) -> None:
    if hasattr(user, "_wenmai_roles"):
        del user._wenmai_roles
