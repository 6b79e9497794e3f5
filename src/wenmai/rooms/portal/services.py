"""The verbs of the two-zone passage: draft, approve, withdraw; send, take up, accept or return."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from wenmai.base.values import InputError, NotFound, Refused
from wenmai.office.events import services as events
from wenmai.office.figures import queries as figure_queries
from wenmai.office.figures import snapshots
from wenmai.office.people.permissions import organisation_of
from wenmai.rooms.portal import permissions
from wenmai.rooms.portal.models import InboxItem, ItemKind, ItemState, Publication, PublicationState
from wenmai.rooms.registry import queries as registry
from wenmai.rooms.registry.choices import FIELD_LABELS

PUBLIC = "可公开"
MAX_FIGURES, MAX_BODY, MAX_OPEN = 60, 20_000, 20
# What a firm may say is wrong about it. A code is what the record hangs on: that is a message, not a correction.
CORRECTABLE = ("name", "registered_on", "status", "scope", "address", "operating_address", "street", "park", "industry_code")


def _require(verdict: tuple[bool, str]) -> None:
    if not verdict[0]:
        raise Refused(verdict[1])


def _text(text: str, what: str, limit: int) -> str:
    text = text.strip().replace("\r\n", "\n")
    if not text:
        raise InputError(f"{what}未填")
    if len(text) > limit:
        raise InputError(f"{what}超过 {limit:,} 字")
    return text


def publishable() -> dict[str, Any]:
    """Figures of the newest snapshot that may go out: marked 可公开 and not blocked by the coverage gate."""
    try:
        found = figure_queries.figures(snapshots.latest())
    except NotFound:
        return {}
    return {k: f for k, f in found.items() if f.publishable == PUBLIC and not f.blocked and f.value is not None}


def _frozen(ids: Sequence[str]) -> list[dict[str, Any]]:
    """The figures with all that qualifies them, as they stand now."""
    known = publishable()
    ids = list(dict.fromkeys(ids))
    if len(ids) > MAX_FIGURES:
        raise InputError(f"一次至多附 {MAX_FIGURES} 个数字")
    refused = [i for i in ids if i not in known]
    if refused:
        raise Refused(f"数字 {'、'.join(refused[:5])} 未标为可公开，或不能成文", remedy="请只选公开级别为“可公开”的数字")
    return [
        {
            "id": f.id, "title": f.title, "text": f.text(), "unit": f.unit, "scope": f.scope, "lane": f.lane, "unit_type": f.unit_type,
            "period": f.period, "vintage": f.vintage, "provider": f.provider, "snapshot": f.snapshot,
        }
        for f in (known[i] for i in ids)
    ]  # fmt: skip


def digest_of(publication: Publication) -> str:
    """Over everything that the outside site would show."""
    shown = [publication.title, publication.body, publication.figures, publication.attachment, publication.attachment_name]
    return hashlib.sha256(json.dumps(shown, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def draft(title: str, body: str, figures: Sequence[str] = (), attachment: tuple[str, str] = ("", ""), actor: Any = None) -> Publication:
    """A notice, not visible outside until another person approves it."""
    _require(permissions.may_draft(actor))
    made = Publication(
        title=_text(title, "标题", 120), body=_text(body, "正文", MAX_BODY), figures=_frozen(figures), attachment=attachment[0],
        attachment_name=attachment[1], drafted_by=actor,
    )  # fmt: skip
    made.digest = digest_of(made)
    with transaction.atomic():
        made.save()
        payload = {"digest": made.digest, "figures": [f["id"] for f in made.figures]}
        events.record("portal.publication.drafted", f"publication:{made.pk}", payload, actor)
    return made


def _locked(publication_id: int, state: PublicationState) -> Publication:
    found = Publication.objects.select_for_update().filter(pk=publication_id).first()
    if found is None:
        raise NotFound("没有这条公开信息")
    if found.state != state:
        raise Refused(f"当前为“{found.get_state_display()}”，不能办理这一步")
    return found


def approve(publication_id: int, digest: str, actor: Any = None) -> Publication:
    """Make a notice visible outside. `digest` is of what the approver read. Figures are looked at again: one that has lost
    its mark since it was drafted does not go out."""
    with transaction.atomic():
        found = _locked(publication_id, PublicationState.DRAFT)
        _require(permissions.may_decide(actor, found))
        if digest != found.digest or digest_of(found) != found.digest:
            raise Refused("内容与审核时所见不一致", remedy="请重新打开后再审核")
        known = publishable()
        lost = [f["title"] for f in found.figures if f["id"] not in known]
        if lost:
            raise Refused(f"{'、'.join(lost[:5])} 已不是可公开的数字", remedy="请退回后重新起草")
        found.state, found.decided_by, found.decided_at = PublicationState.PUBLIC, actor, timezone.now()
        found.save(update_fields=["state", "decided_by", "decided_at"])
        events.record("portal.publication.approved", f"publication:{found.pk}", {"digest": found.digest}, actor)
    return found


def drop(publication_id: int, reason: str, actor: Any = None) -> Publication:
    """Do not publish a draft: the approver sends it back, or the drafter gives it up."""
    with transaction.atomic():
        found = _locked(publication_id, PublicationState.DRAFT)
        if actor is None or found.drafted_by_id != actor.pk:
            _require(permissions.may_decide(actor, found))
        found.state, found.decided_by, found.decided_at = PublicationState.DROPPED, actor, timezone.now()
        found.reason = _text(reason, "说明", 200)
        found.save(update_fields=["state", "decided_by", "decided_at", "reason"])
        events.record("portal.publication.dropped", f"publication:{found.pk}", {}, actor)
    return found


def withdraw(publication_id: int, reason: str, actor: Any = None) -> Publication:
    """Take a notice off the outside site at once; one person is enough for that."""
    with transaction.atomic():
        found = _locked(publication_id, PublicationState.PUBLIC)
        _require(permissions.may_decide(actor))
        found.state, found.withdrawn_by, found.withdrawn_at = PublicationState.WITHDRAWN, actor, timezone.now()
        found.reason = _text(reason, "说明", 200)
        found.save(update_fields=["state", "withdrawn_by", "withdrawn_at", "reason"])
        events.record("portal.publication.withdrawn", f"publication:{found.pk}", {}, actor)
    return found


def send(
    kind: str, title: str, body: str, actor: Any, field: str = "", proposed: str = "", attachment: tuple[str, str] = ("", "")
) -> InboxItem:  # fmt: skip
    """From outside into the inbox; the only thing, beside a firm's own authorisations, that the outside site writes."""
    _require(permissions.may_send(actor))
    own = organisation_of(actor)
    assert own is not None  # may_send has looked
    if kind not in ItemKind.values:
        raise InputError("请选择类别")
    before = ""
    if kind == ItemKind.CORRECTION:
        before = _own_value(actor, field)
        proposed = _text(proposed, "更正为", 2000)
        title = title.strip() or f"更正{FIELD_LABELS[field]}"
    else:
        field = proposed = ""
    with transaction.atomic():
        # The organisation's row is held, so that two browsers cannot both send the last one allowed.
        type(own).objects.select_for_update().get(pk=own.pk)
        waiting = InboxItem.objects.filter(organisation=own, state__in=[ItemState.NEW, ItemState.SEEN]).count()
        if waiting >= MAX_OPEN:
            raise Refused(f"已有 {waiting} 件未办结", remedy="请等待区文创办答复后再提交")
        made = InboxItem.objects.create(
            organisation=own, sender=actor, kind=kind, title=_text(title, "标题", 120), body=_text(body, "内容", 5000), field=field,
            before=before, proposed=proposed, attachment=attachment[0], attachment_name=attachment[1],
        )  # fmt: skip
        events.record("portal.item.sent", f"inbox:{made.pk}", {"kind": kind, "organisation": own.name}, actor)
    return made


def _own_value(actor: Any, field: str) -> str:
    if field not in CORRECTABLE:
        raise InputError("这一项不能在线更正", remedy="请用“咨询留言”说明情况")
    found = registry.enterprises(actor).first() if permissions.is_firm(actor) else None
    if found is None:
        raise Refused("名录中没有本单位的记录，无从更正")
    value = getattr(found, field)
    return "" if value is None else str(value)


def take_up(item_id: int, actor: Any = None) -> InboxItem:
    """Somebody of the office looks at it; the sender sees that."""
    with transaction.atomic():
        found = _item(item_id, actor)
        if found.state == ItemState.NEW:
            found.state, found.handled_by, found.handled_at = ItemState.SEEN, actor, timezone.now()
            found.save(update_fields=["state", "handled_by", "handled_at"])
            events.record("portal.item.seen", f"inbox:{found.pk}", {}, actor)
    return found


def settle(item_id: int, accepted: bool, answer: str, actor: Any = None) -> InboxItem:
    """Accept or return, with an answer. Accepting a correction changes no record: the office then changes it itself."""
    with transaction.atomic():
        found = _item(item_id, actor)
        if found.state in (ItemState.ACCEPTED, ItemState.RETURNED):
            raise Refused(f"已办结（{found.get_state_display()}）")
        found.state = ItemState.ACCEPTED if accepted else ItemState.RETURNED
        found.handled_by, found.handled_at, found.answer = actor, timezone.now(), _text(answer, "答复", 2000)
        found.save(update_fields=["state", "handled_by", "handled_at", "answer"])
        events.record("portal.item.accepted" if accepted else "portal.item.returned", f"inbox:{found.pk}", {"kind": found.kind}, actor)
    return found


def _item(item_id: int, actor: Any) -> InboxItem:
    _require(permissions.may_handle(actor))
    found = InboxItem.objects.select_for_update().filter(pk=item_id).first()
    if found is None:
        raise NotFound("没有这件来件")
    return found
