"""What the briefing room tells the shell."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from wenmai.office.kit.rooms import Entry, Room


def _documents_page(job: Any) -> str:
    return reverse("briefing:documents")


room = Room(
    label="briefing",
    title="汇报",
    urls="wenmai.rooms.briefing.urls",
    entries=(Entry("汇报", "情况汇报", "briefing:documents", 20),),
    job_pages={"briefing.draft": _documents_page},
    job_titles={"briefing.draft": "起草汇报"},
)
