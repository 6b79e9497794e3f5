"""Who may keep the ledgers. Which rows a person sees follows from the organisation (scope.py), not from here."""

from __future__ import annotations

from typing import Any

from wenmai.office.people.models import Role
from wenmai.office.people.permissions import WRITERS, Verdict, allow


def may_keep(user: Any) -> Verdict:
    """Add and change rows, take files in."""
    return allow(user, WRITERS, "登记台账")


def may_withdraw(user: Any) -> Verdict:
    return allow(user, WRITERS, "撤销台账记录")


def may_set_rules(user: Any) -> Verdict:
    """Recognition rules are site rules: who decides, not who keeps the ledger."""
    return allow(user, frozenset({Role.ADMIN, Role.REVIEWER}), "维护认定规则")
