"""Who may do what with forms, returns and asked figures. Respondents act on what is their own only; the office on all."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from wenmai.office.figures import permissions as figures
from wenmai.office.people.models import INSIDE, OrgKind, Role
from wenmai.office.people.permissions import DECIDERS, WRITERS, Verdict, allow, inside, organisation_of, outside
from wenmai.rooms.collection.models import Ask, Return

# The order of the sign-off and the roles that may hold a step. Each step needs another person.
STEPS = ("经办", "科长", "分管", "主要")
HOLDERS = (frozenset({Role.EDITOR}), frozenset({Role.REVIEWER}), frozenset({Role.REVIEWER}), frozenset({Role.REVIEWER}))


def may_manage(user: Any) -> Verdict:
    """Forms, rounds, reminders, acceptance, templates, asking: the office's own people."""
    return _office(user, WRITERS, "办理报表和要数")


def may_bind(user: Any) -> Verdict:
    return _office(user, DECIDERS | WRITERS, "办理旧汇报和数据卡")


def may_look(user: Any) -> Verdict:
    """Pages of the office: whoever may use the office site."""
    return inside(user)


def may_look_all(user: Any) -> Verdict:
    """Pages that are not cut by rows (layouts, old reports, cards): the office and departments, not a street."""
    own = organisation_of(user)
    if own is not None and own.kind == OrgKind.STREET:
        return False, "街道账号只能查看本街道的报表"
    return inside(user)


def may_see(user: Any, mark: str) -> Verdict:
    """Forms whose figures are marked 不得外传 are seen by who may see such figures; respondents see their own elsewhere."""
    return figures.may_see_secret(user) if mark == "不得外传" else (True, mark)


def may_open(user: Any, mark: str) -> Verdict:
    """A return's filling page: respondents from outside see their own whatever its mark, the office by the mark."""
    own = organisation_of(user)
    return (True, own.name) if own is not None and own.kind not in INSIDE else may_see(user, mark)


def may_sign(user: Any, step: int) -> Verdict:
    """Whether a person's role may hold a step (0–3) of the sign-off."""
    return _office(user, HOLDERS[step], f"签“{STEPS[step]}”")


def _office(user: Any, roles: frozenset[Role], action: str) -> Verdict:
    allowed, reason = inside(user)
    if not allowed:
        return allowed, reason
    own = organisation_of(user)
    if own is not None and own.kind != OrgKind.OFFICE:
        return False, f"{own.get_kind_display()}账号不能{action}"
    return allow(user, roles, action)


def own_returns(user: Any) -> Q:
    """Which returns a person sees: the office and departments all, a street its own, others those that are theirs."""
    own = organisation_of(user)
    if user is None or own is None or own.kind in (OrgKind.OFFICE, OrgKind.DEPARTMENT):
        return Q()
    if not own.active:
        return Q(pk__in=())
    if own.kind == OrgKind.STREET:
        return Q(street=own.area or own.name)
    mine = Q(organisation=own)
    if own.kind == OrgKind.OPERATOR:
        place = own.area or own.name
        mine |= Q(organisation=None, kind="park") & (Q(key=place) | Q(name=place))
    if own.kind == OrgKind.ENTERPRISE and own.area:
        mine |= Q(organisation=None, kind="enterprise", key=own.area)
    return mine


def may_fill(user: Any, report: Return) -> Verdict:
    """The respondent's own people, and the office on its behalf (代填). A street looks on."""
    own = organisation_of(user)
    if user is None or own is None or own.kind == OrgKind.OFFICE:
        return allow(user, WRITERS, "代填报表")
    if own.kind in INSIDE and report.organisation_id != own.pk:
        return False, f"{own.get_kind_display()}账号只能查看，不能代填"
    if not own.active:
        return False, f"“{own.name}”已停用"
    if not Return.objects.filter(own_returns(user), pk=report.pk).exists():
        return False, "不是本单位的报表"
    return True, own.name


def own_asks(user: Any) -> Q:
    """Which asked figures a person sees: the office all, others those that are asked of them."""
    own = organisation_of(user)
    if user is None or own is None or own.kind == OrgKind.OFFICE:
        return Q()
    return Q(organisation=own) if own.active else Q(pk__in=())


def may_answer(user: Any, ask: Ask) -> Verdict:
    """The owner's people, and the office when the owner answers by letter or telephone."""
    own = organisation_of(user)
    if user is None or own is None or own.kind == OrgKind.OFFICE:
        return allow(user, WRITERS, "代录数字")
    if own.pk == ask.organisation_id and own.active:
        return True, own.name
    return False, "这个数不是向本单位要的"


def respondent(user: Any) -> Verdict:
    """Whether a person may use the respondents' pages at all (what they see there is cut by object)."""
    if user is None:
        return True, "命令行"
    return outside(user) if not inside(user)[0] else (True, "办内")
