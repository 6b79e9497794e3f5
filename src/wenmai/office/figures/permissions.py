"""Who may enter facts, decide on definitions, and see what is not public."""

from __future__ import annotations

from typing import Any

from wenmai.office.people.models import Role
from wenmai.office.people.permissions import WRITERS, Verdict, allow
from wenmai.office.people.rows import row_scope

APPROVERS = frozenset({Role.ADMIN, Role.REVIEWER})


def may_record(user: Any) -> Verdict:
    return allow(user, WRITERS, "录入数据")


def may_propose(user: Any) -> Verdict:
    return allow(user, WRITERS | frozenset({Role.REVIEWER}), "提出指标定义")


def may_approve(user: Any) -> Verdict:
    return allow(user, APPROVERS, "审批指标定义")


def sees_all(user: Any) -> Verdict:
    """Whether whole files and tables of firms may be opened: they hold the rows of every street."""
    scope = row_scope(user, "数据")
    return scope.everything, "办内" if scope.everything else f"含全区企业的数据，本单位{scope.words}"


def may_release(user: Any) -> Verdict:
    """Let a table of firms leave the office, after its cells were withheld; whoever audits looks and releases nothing."""
    verdict = sees_all(user)
    if not verdict[0]:
        return verdict
    return allow(user, frozenset({Role.ADMIN, Role.EDITOR, Role.REVIEWER}), "导出可公开的表")


def may_see_secret(user: Any) -> Verdict:
    """Figures marked 不得外传, and tables before their cells are withheld: not for who sees only a part of the rows."""
    verdict = sees_all(user)
    if not verdict[0]:
        return verdict
    return allow(user, frozenset({Role.ADMIN, Role.EDITOR, Role.REVIEWER, Role.AUDITOR}), "查看不得外传的数据")
