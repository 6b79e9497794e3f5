"""Reads of the briefing room for pages, the command line and the 核数稿."""

from __future__ import annotations

import json
from typing import Any

from django.utils import timezone

from wenmai.base.values import NotFound
from wenmai.office.figures.models import Snapshot
from wenmai.office.jobs.models import Job
from wenmai.rooms.briefing.exporting import document_path
from wenmai.rooms.briefing.methods import confirming
from wenmai.rooms.briefing.methods.skeleton import SLOTS
from wenmai.rooms.briefing.models import Confirmation, Document, Passage


def slots() -> list[dict[str, Any]]:
    """Every placeholder of the report with what was written for it."""
    known = {p.slot: p for p in Passage.objects.all()}
    return [{"slot": slot, "prompt": prompt, "passage": known.get(slot)} for slot, prompt in SLOTS.items()]


def documents() -> Any:
    return Document.objects.select_related("actor").order_by("-id")


def newest() -> Document:
    """The newest draft: what is confirmed are the figures as it prints them."""
    found = documents().first()
    if found is None:
        raise NotFound("还没有文稿", remedy="请先起草代拟稿或核数稿")
    return found


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


# -------------------------------------------------------------- confirmations


def printed_figures(document: Document) -> dict[str, dict[str, Any]]:
    """The figures that a document prints, in the order of their numbers."""
    lineage = json.loads(document_path(document, "lineage").read_text(encoding="utf-8"))
    shown = {i: f for i, f in lineage["figures"].items() if f["number"] is not None}
    return dict(sorted(shown.items(), key=lambda item: item[1]["number"]))


def digest_of(document: Document) -> str:
    """The digest of the snapshot that a document was written from."""
    return Snapshot.objects.values_list("digest", flat=True).get(pk=document.snapshot_id)


def states(printed: dict[str, str], digest: str) -> dict[str, confirming.State]:
    """The state of each figure, given how it is printed and from which snapshot."""
    standing: dict[str, list[Confirmation]] = {}
    for confirmation in Confirmation.objects.filter(figure_id__in=list(printed), withdrawn_at=None):
        standing.setdefault(confirmation.figure_id, []).append(confirmation)
    return {i: confirming.state(text, digest, standing.get(i, ())) for i, text in printed.items()}


def confirmed_text(state: confirming.State) -> str:
    """How the 核数稿 says it: name, date, step; or why it does not hold."""
    if state.confirmation is None:
        return state.state
    c = state.confirmation
    who = f"{c.actor_name} {timezone.localtime(c.at):%Y-%m-%d} {c.get_step_display()}"
    return who if state.confirmed else f"{state.state}（原 {c.value}，{who}）"


def confirmation_lines(document: Document) -> list[dict[str, Any]]:
    """The figures of a document with number, value and state."""
    shown = printed_figures(document)
    found = states({i: f["printed"] for i, f in shown.items()}, digest_of(document))
    return [
        {"id": i, "number": f["number"], "title": f["title"], "printed": f["printed"], "unit": f["unit"], "scope": f["scope"],
         "state": found[i].state, "about": confirming.ABOUT[found[i].state], "confirmed": found[i].confirmed,
         "confirmation": found[i].confirmation}
        for i, f in shown.items()
    ]  # fmt: skip


def unconfirmed(document: Document) -> tuple[int, int]:
    """(unconfirmed, all) figures of a document."""
    lines = confirmation_lines(document)
    return sum(1 for line in lines if not line["confirmed"]), len(lines)
