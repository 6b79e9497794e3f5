"""What has changed in the register since a snapshot: figures and documents still say what the snapshot says."""

from __future__ import annotations

from django.db.models import Count

from wenmai.office.events.models import Event
from wenmai.office.figures.models import Snapshot
from wenmai.rooms.registry.choices import BatchKind, BatchState
from wenmai.rooms.registry.models import Batch, Enterprise

DECISIONS = ("classification.enterprise.decided", "classification.enterprise.withdrawn")


def changes_since(snapshot: Snapshot | None) -> dict[str, int]:
    """Enterprises that came, changed or went, and enterprises a person decided on, after the snapshot.

    One that came and went again since then is no change; `total` is the sum of both counts.
    """
    if snapshot is None:
        return {"enterprises": 0, "reviews": 0, "total": 0}
    after = snapshot.created_at
    since = Batch.objects.filter(published_at__gt=after, state__in=[BatchState.PUBLISHED, BatchState.UNDONE])
    changed = Enterprise.objects.filter(current=True, changed_batch_id__in=since.values("pk")).count()
    # An undo leaves what it took out under the number of the batch that had brought it.
    undone = since.filter(kind=BatchKind.UNDO).exclude(undoes__published_at__gt=after).values("undoes_id")
    gone = Enterprise.objects.filter(current=False, changed_batch_id__in=undone).count()
    reviews = Event.objects.filter(verb__in=DECISIONS, at__gt=after).aggregate(n=Count("subject", distinct=True))["n"]
    return {"enterprises": changed + gone, "reviews": reviews, "total": changed + gone + reviews}


def stale(snapshot: Snapshot) -> str:
    """In one sentence that the register has moved on since the snapshot, or ""."""
    found = changes_since(snapshot)
    if not found["total"]:
        return ""
    said = f"企业 {found['enterprises']} 家、人工核定 {found['reviews']} 家"
    return f"快照 {snapshot.pk} 之后名录又有变更（{said}），数字仍是快照时的"
