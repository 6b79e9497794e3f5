"""Who publishes, who approves, who reads the inbox. The administrator gives access and publishes nothing."""

from __future__ import annotations

from typing import Any

from wenmai.office.people.models import OrgKind, Role
from wenmai.office.people.permissions import DECIDERS, Verdict, allow, inside, organisation_of, outside
from wenmai.office.people.rows import row_scope


def _whole(user: Any) -> Verdict:
    """The inbox and the publications are the office's; a street does not speak for the district."""
    allowed, reason = inside(user)
    if not allowed:
        return allowed, reason
    if cut := row_scope(user).words:
        return False, f"由区文创办办理，本单位{cut}"
    return True, ""


def may_draft(user: Any) -> Verdict:
    whole = _whole(user)
    return allow(user, frozenset({Role.EDITOR}), "起草公开信息") if whole[0] else whole


def may_decide(user: Any, publication: Any = None) -> Verdict:
    """Approving is for another person than the one who drafted it, whatever roles that one holds."""
    whole = _whole(user)
    if not whole[0]:
        return whole
    verdict = allow(user, DECIDERS, "审核公开信息")
    if verdict[0] and publication is not None and user is not None and publication.drafted_by_id == user.pk:
        return False, "起草人不能审核自己起草的内容"
    return verdict


def may_read(user: Any) -> Verdict:
    whole = _whole(user)
    return allow(user, DECIDERS | {Role.ADMIN, Role.AUDITOR, Role.READER}, "查看公开信息") if whole[0] else whole


def may_read_inbox(user: Any) -> Verdict:
    whole = _whole(user)
    return allow(user, DECIDERS | {Role.AUDITOR}, "查看来件") if whole[0] else whole


def may_handle(user: Any) -> Verdict:
    whole = _whole(user)
    return allow(user, DECIDERS, "办理来件") if whole[0] else whole


def may_send(user: Any) -> Verdict:
    return outside(user)


def is_firm(user: Any) -> bool:
    own = organisation_of(user)
    return own is not None and own.kind == OrgKind.ENTERPRISE and bool(own.area)
