"""Record events and deliver them. `record` must be called inside the transaction of the change it tells of."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from wenmai.office.events.models import Event, Outgoing

log = logging.getLogger(__name__)
Handler = Callable[[Event], None]
_handlers: dict[str, list[Handler]] = {}
GENESIS = "0" * 64


def on(verb: str, handler: Handler) -> None:
    """Subscribe an idempotent handler to a verb (called from a room's AppConfig.ready)."""
    if handler not in _handlers.setdefault(verb, []):
        _handlers[verb].append(handler)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _payload_digest(payload: Any) -> str:
    return _hash(json.dumps(payload, ensure_ascii=False, sort_keys=True, default=str))


def _chain(previous: str, at: str, actor: str, verb: str, subject: str, payload_digest: str) -> str:
    return _hash("\n".join((previous, at, actor, verb, subject, payload_digest)))


def hold() -> None:
    """Make this transaction wait here for every other one that records an event, and those for this one: what it reads
    from now on, nobody who will record changes before it ends. SQLite has one writer anyway."""
    if not connection.in_atomic_block:
        raise RuntimeError("events.hold 必须在事务中调用")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(7302026)")


def record(verb: str, subject: str, payload: dict[str, Any], actor: Any = None) -> Event:
    """Append one event and queue it. The last row is locked, so the chain cannot fork.

    `actor` is a user, None for the command line, or a fixed word where there is no user (a refused login)."""
    if not connection.in_atomic_block:
        raise RuntimeError("events.record 必须在事务中调用")
    payload = json.loads(json.dumps(payload, ensure_ascii=False, default=str))
    query = Event.objects.order_by("-id")
    hold()
    last = query.values_list("digest", flat=True).first() or GENESIS
    at = timezone.now()
    name = actor if isinstance(actor, str) else getattr(actor, "username", None) or "命令行"
    digest_of_payload = _payload_digest(payload)
    event = Event.objects.create(
        at=at, actor=name, verb=verb, subject=subject, payload=payload, payload_digest=digest_of_payload,
        previous=last, digest=_chain(last, at.isoformat(), name, verb, subject, digest_of_payload),
    )  # fmt: skip
    if _handlers.get(verb):
        Outgoing.objects.create(event=event)
        transaction.on_commit(deliver)
    return event


def deliver() -> int:
    """Deliver what waits; a failing handler leaves its event waiting and never breaks the action it tells of. What has
    failed before comes last, so that it cannot keep new events from going out."""
    done = 0
    for item in Outgoing.objects.filter(delivered_at=None).select_related("event").order_by("attempts", "id")[:200]:
        try:
            for handler in _handlers.get(item.event.verb, []):
                handler(item.event)
        except Exception as error:  # a handler's fault must not undo the office's action
            log.exception("event %s (%s) was not delivered", item.event.pk, item.event.verb)
            item.attempts += 1
            item.last_error = f"{type(error).__name__}"[:300]
            item.save(update_fields=["attempts", "last_error"])
            continue
        item.delivered_at = timezone.now()
        item.save(update_fields=["delivered_at"])
        done += 1
    return done


def verify_chain() -> int | None:
    """Id of the first event that breaks the chain, or None. Erased payloads (null) are checked by their digest."""
    previous = GENESIS
    for event in Event.objects.order_by("id").iterator(chunk_size=2000):
        if event.payload is not None and _payload_digest(event.payload) != event.payload_digest:
            return event.id
        expected = _chain(
            previous, event.at.isoformat(), event.actor, event.verb, event.subject, event.payload_digest
        )
        if event.previous != previous or event.digest != expected:
            return event.id
        previous = event.digest
    return None
