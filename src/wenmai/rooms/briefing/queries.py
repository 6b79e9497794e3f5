"""Reads of the briefing room for pages."""

from __future__ import annotations

from typing import Any

from wenmai.office.jobs.models import Job
from wenmai.rooms.briefing.methods.skeleton import SLOTS
from wenmai.rooms.briefing.models import Document, Passage


def slots() -> list[dict[str, Any]]:
    """Every placeholder of the report with what was written for it."""
    known = {p.slot: p for p in Passage.objects.all()}
    return [{"slot": slot, "prompt": prompt, "passage": known.get(slot)} for slot, prompt in SLOTS.items()]


def documents() -> Any:
    return Document.objects.select_related("actor").order_by("-id")


def refusals(limit: int = 3) -> list[Job]:
    """The newest drafts that were refused since the last document, so their reasons are seen where one drafts."""
    last = documents().first()
    found = Job.objects.filter(kind="briefing.draft", state=Job.State.FAILED).order_by("-id")
    if last is not None:
        found = found.filter(created_at__gt=last.created_at)
    return list(found[:limit])


def severity_counts(document: Document) -> dict[str, int]:
    """Findings of the checker by severity."""
    found = {"error": 0, "warning": 0}
    for finding in document.findings:
        key = "error" if finding.get("severity") == "error" else "warning"
        found[key] += 1
    return found
