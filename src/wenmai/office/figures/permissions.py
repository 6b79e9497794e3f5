"""Who may enter facts, decide on definitions, and see what is not public."""

from __future__ import annotations

from typing import Any

from wenmai.office.people.models import Role
from wenmai.office.people.permissions import WRITERS, Verdict, allow

APPROVERS = frozenset({Role.ADMIN, Role.REVIEWER})


def may_record(user: Any) -> Verdict:
    return allow(user, WRITERS, "录入数据")


def may_propose(user: Any) -> Verdict:
    return allow(user, WRITERS | frozenset({Role.REVIEWER}), "提出指标定义")


def may_approve(user: Any) -> Verdict:
    return allow(user, APPROVERS, "审批指标定义")


def may_see_secret(user: Any) -> Verdict:
    """Figures marked 不得外传, and tables before their cells are withheld."""
    return allow(user, frozenset({Role.ADMIN, Role.EDITOR, Role.REVIEWER, Role.AUDITOR}), "查看不得外传的数据")
