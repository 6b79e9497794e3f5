"""What the classification room tells the shell; and what it adds to the registry's enterprise pages."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from wenmai.office.kit.rooms import Entry, Room
from wenmai.rooms.classification import queries
from wenmai.rooms.registry.queries import extend


def _run_page(job: Any) -> str:
    return reverse("classification:queue")


extend(queries.extension)
room = Room(
    label="classification",
    title="分类",
    urls="wenmai.rooms.classification.urls",
    entries=(
        Entry("分类", "待核定", "classification:queue", 10),
        Entry("分类", "区自定口径", "classification:scopes", 20),
        Entry("总览", "口径对账桥", "classification:bridge", 40),
    ),
    job_pages={"classification.run": _run_page},
    job_titles={"classification.run": "识别行业"},
    job_returns={"classification.run": "classification:queue"},
    event_titles={
        "classification.run.finished": "识别行业", "classification.enterprise.decided": "人工核定",
        "classification.enterprise.withdrawn": "撤回核定",
    },
)
