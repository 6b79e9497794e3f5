"""Roles, delegation while on leave, row scope, authorisation by firms."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from wenmai.base.values import InputError, Refused
from wenmai.office.people import organisations as o
from wenmai.office.people.models import Consent, OrgKind, Role, Subject, User
from wenmai.office.people.permissions import WRITERS, allow, inside, outside, roles_of
from wenmai.office.people.rows import RowScope, row_scope

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> User:
    return User.objects.create_user("admin1", role=Role.ADMIN)


def person(name: str, role: str = Role.READER) -> User:
    return User.objects.create_user(name, role=role)


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def test_several_roles_and_their_days(admin: User) -> None:
    office = o.add_organisation("文创办", OrgKind.OFFICE, actor=admin)
    user, today = person("a"), timezone.localdate()
    assert allow(user, WRITERS, "导入")[0] is False
    o.assign(user, Role.EDITOR, office, today - timedelta(days=1), today, admin)
    assert allow(fresh(user), WRITERS, "导入") == (True, "经办（文创办）")
    assert Role.EDITOR not in roles_of(fresh(user), today + timedelta(days=1))
    assert Role.EDITOR not in roles_of(fresh(user), today - timedelta(days=2))


def test_auditor_administrator_and_operator_are_kept_apart(admin: User) -> None:
    office = o.add_organisation("文创办", OrgKind.OFFICE, actor=admin)
    auditor, today = person("audit", Role.AUDITOR), timezone.localdate()
    for role in (Role.EDITOR, Role.ADMIN, Role.REVIEWER):
        with pytest.raises(Refused, match="审计员"):
            o.assign(auditor, role, office, today, actor=admin)
    editor = person("e", Role.EDITOR)
    with pytest.raises(Refused, match="审计员"):
        o.delegate(editor, auditor, Role.EDITOR, today, today, actor=editor)
    with pytest.raises(Refused, match="自己"):
        o.assign(admin, Role.EDITOR, office, today, actor=admin)
    with pytest.raises(Refused, match="角色"):
        o.add_organisation("x", OrgKind.OFFICE, actor=editor)


def test_delegation_lends_a_role_for_a_time(admin: User) -> None:
    giver, taker, third, today = person("g", Role.EDITOR), person("t"), person("z"), timezone.localdate()
    made = o.delegate(giver, taker, Role.EDITOR, today, today + timedelta(days=5), "休假", giver)
    allowed, how = allow(fresh(taker), WRITERS, "导入")
    assert allowed and "受 g 委托" in how
    with pytest.raises(Refused, match="没有角色"):
        o.delegate(fresh(taker), third, Role.EDITOR, today, today, actor=fresh(taker))  # a lent role is not passed on
    o.revoke(made.pk, giver)
    assert allow(fresh(taker), WRITERS, "导入")[0] is False


def test_delegation_ends_with_the_givers_role(admin: User) -> None:
    giver, taker, today = person("g", Role.EDITOR), person("t"), timezone.localdate()
    o.delegate(giver, taker, Role.EDITOR, today, today, actor=giver)
    User.objects.filter(pk=giver.pk).update(role=Role.READER)
    assert Role.EDITOR not in roles_of(fresh(taker))
    User.objects.filter(pk=giver.pk).update(role=Role.EDITOR, is_active=False)
    assert Role.EDITOR not in roles_of(fresh(taker))


@pytest.mark.parametrize("days", [-1, 181])
def test_delegation_has_a_sensible_span(admin: User, days: int) -> None:
    giver, taker, today = person("g", Role.EDITOR), person("t"), timezone.localdate()
    with pytest.raises(InputError, match="委托期"):
        o.delegate(giver, taker, Role.EDITOR, today, today + timedelta(days=days), actor=giver)


def test_nobody_lends_what_belongs_to_another(admin: User) -> None:
    giver, thief, today = person("g", Role.EDITOR), person("t"), timezone.localdate()
    with pytest.raises(Refused, match="角色"):
        o.delegate(giver, thief, Role.EDITOR, today, today, actor=thief)


def scope_of(kind: str, area: str = "", **more: Any) -> RowScope:
    user = person(f"u{kind}")
    user.organisation = o.add_organisation(f"单位{kind}", kind, area)
    user.save()
    return row_scope(user, **more)


def test_row_scope_by_kind_of_organisation() -> None:
    assert row_scope(person("plain")).everything
    assert scope_of(OrgKind.OFFICE).everything and scope_of(OrgKind.DEPARTMENT).everything
    assert scope_of(OrgKind.STREET, "东街").street == "东街"
    assert scope_of(OrgKind.OPERATOR, "一园").park == "一园"
    assert scope_of(OrgKind.ENTERPRISE, "K1").keys == {"K1"}
    for kind in (OrgKind.FINANCE, OrgKind.COLLEGE, OrgKind.ASSOCIATION):
        assert scope_of(kind).keys == frozenset()


def test_an_organisation_out_of_use_sees_nothing(admin: User) -> None:
    user = person("s")
    user.organisation = o.add_organisation("某街", OrgKind.STREET, "某街")
    user.save()
    o.set_active(user.organisation.pk, False, admin)
    assert row_scope(fresh(user)).keys == frozenset()


def test_a_bank_sees_only_who_consented_and_while_it_lasts(admin: User) -> None:
    bank, today = o.add_organisation("某银行", OrgKind.FINANCE), timezone.localdate()
    clerk, firm_login = person("clerk"), person("firm")
    clerk.organisation = bank
    firm_login.organisation = o.add_organisation("甲公司", OrgKind.ENTERPRISE, "K1")
    clerk.save()
    firm_login.save()
    given = o.authorise("K1", bank, "报表", today, today + timedelta(days=30), actor=firm_login)
    assert row_scope(clerk, "报表").keys == {"K1"}
    assert row_scope(clerk, "名录").keys == frozenset()
    assert row_scope(clerk, "报表", today + timedelta(days=31)).keys == frozenset()
    with pytest.raises(Refused):
        o.authorise("K2", bank, "报表", today, today, actor=firm_login)  # not its own data
    with pytest.raises(Refused):
        o.withdraw_consent(given.pk, clerk)
    o.withdraw_consent(given.pk, firm_login)
    assert row_scope(clerk, "报表").keys == frozenset()


def test_the_office_enters_a_consent_only_on_a_document(admin: User) -> None:
    bank = o.add_organisation("某银行", OrgKind.FINANCE)
    with pytest.raises(InputError, match="授权书"):
        o.authorise("K1", bank, "报表", date(2026, 1, 1), date(2026, 12, 31), actor=admin)
    o.authorise("K1", bank, "报表", date(2026, 1, 1), date(2026, 12, 31), document="0" * 64, actor=admin)
    assert Consent.objects.count() == Subject.objects.count() == 1


def test_two_doors(admin: User) -> None:
    insider, banker = person("i"), person("b")
    banker.organisation = o.add_organisation("某银行", OrgKind.FINANCE)
    assert inside(insider)[0] and not outside(insider)[0]
    assert outside(banker)[0] and not inside(banker)[0]
    editor = person("e", Role.EDITOR)
    with pytest.raises(Refused, match="办内角色"):
        o.place(editor, banker.organisation, admin)
    with pytest.raises(Refused, match="办内角色"):
        o.assign(banker, Role.EDITOR, banker.organisation, timezone.localdate(), actor=admin)
