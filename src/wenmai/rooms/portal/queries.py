"""Reads for the outside pages. Each function cuts to what the asking organisation may see; none gives a whole record out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from wenmai.office.people.models import Consent, OrgKind
from wenmai.office.people.permissions import organisation_of
from wenmai.rooms.portal.models import InboxItem, Publication, PublicationState
from wenmai.rooms.portal.services import CORRECTABLE
from wenmai.rooms.registry import queries as registry
from wenmai.rooms.registry.choices import FIELD_LABELS
from wenmai.rooms.registry.models import Enterprise

# What an organisation sees of an enterprise that is not itself.
SHARED = ("name", "credit_code", "unit_type", "status", "registered_on", "street", "industry_code")
OWN = ("name", "credit_code", "unit_type", "status", "registered_on", "reg_type", "industry_code", "scope", "street", "address",
       "operating_address", "park")  # fmt: skip
# The kinds of consent that open an enterprise's basic record.
OPENING = ("名录", "全部")


def published() -> Any:
    """What anybody may read, newest first."""
    return Publication.objects.filter(state=PublicationState.PUBLIC).order_by("-decided_at", "-pk")


def items(user: Any) -> Any:
    """What this person's organisation sent."""
    own = organisation_of(user)
    return InboxItem.objects.filter(organisation=own).order_by("-pk") if own else InboxItem.objects.none()


@dataclass(frozen=True)
class Mine:
    """An organisation's own page: its record (a firm), or the list it may see (tenants, firms that consented)."""

    title: str
    record: list[tuple[str, str, Any, bool]]
    heads: list[str]
    rows: list[list[Any]]
    total: int
    words: str


def mine(user: Any, offset: int = 0, limit: int = 50) -> Mine:
    own = organisation_of(user)
    if own is None:
        return Mine("", [], [], [], 0, "")
    query = registry.within(Enterprise.objects.filter(current=True), user).order_by("name", "pk")
    if own.kind == OrgKind.ENTERPRISE:
        found = query.first()
        record = [(f, FIELD_LABELS[f], getattr(found, f), f in CORRECTABLE) for f in OWN] if found else []
        return Mine("本单位登记信息", record, [], [], 1 if found else 0, "" if found else "名录中没有本单位的记录，请留言告知区文创办")
    heads = [FIELD_LABELS[f] for f in SHARED]
    until: dict[str, Any] = {}
    words = "名录所载入驻企业" if own.kind == OrgKind.OPERATOR else "已授权本单位查看名录信息的企业；授权到期或撤回即不再列出"
    if own.kind != OrgKind.OPERATOR:
        heads.append("授权至")
        today = timezone.localdate()
        standing = Consent.objects.filter(organisation=own, withdrawn_at=None, since__lte=today, until__gte=today, what__in=OPENING)
        for key, last in standing.values_list("subject__key", "until"):
            until[key] = max(last, until.get(key, last))
    rows = []
    for e in query[offset : offset + limit]:
        row = [getattr(e, f) for f in SHARED]
        rows.append([*row, until.get(e.key)] if own.kind != OrgKind.OPERATOR else row)
    return Mine("园区入驻企业" if own.kind == OrgKind.OPERATOR else "授权企业", [], heads, rows, query.count(), words)


def consents(user: Any) -> Any:
    """Authorisations that this firm gave, newest first."""
    own = organisation_of(user)
    if own is None or own.kind != OrgKind.ENTERPRISE or not own.area:
        return Consent.objects.none()
    return Consent.objects.filter(subject__key=own.area).select_related("organisation").order_by("-pk")
