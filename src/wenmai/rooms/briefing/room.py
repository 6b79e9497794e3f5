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
    entries=(Entry("汇报", "情况汇报", "briefing:documents", 20), Entry("汇报", "核数", "briefing:confirmations", 22)),
    job_pages={"briefing.draft": _documents_page},
    job_titles={"briefing.draft": "起草汇报"},
    job_returns={"briefing.draft": "briefing:documents"},
    event_titles={
        "briefing.document.drafted": "起草文稿", "briefing.passage.filled": "填写待填处", "briefing.passage.cleared": "恢复待填",
        "briefing.figures.confirmed": "确认数字", "briefing.figures.withdrawn": "撤回确认",
    },
)
