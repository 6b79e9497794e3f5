"""Who may do what with the register."""

from __future__ import annotations

from typing import Any

from wenmai.office.people.permissions import WRITERS, Verdict, allow


def may_import(user: Any) -> Verdict:
    return allow(user, WRITERS, "导入名录")


def may_undo(user: Any) -> Verdict:
    return allow(user, WRITERS, "撤销批次")
