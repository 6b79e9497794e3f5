"""Who may classify, who may decide, who may keep the district's own scopes."""

from __future__ import annotations

from typing import Any

from wenmai.office.people.models import Role
from wenmai.office.people.permissions import DECIDERS, WRITERS, Verdict, allow


def may_classify(user: Any) -> Verdict:
    return allow(user, WRITERS, "运行分类")


def may_review(user: Any) -> Verdict:
    return allow(user, DECIDERS | {Role.ADMIN}, "核定行业归属")


def may_keep_scopes(user: Any) -> Verdict:
    return allow(user, WRITERS, "维护区自定口径")
