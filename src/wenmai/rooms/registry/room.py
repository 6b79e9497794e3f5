"""What the registry tells the shell."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from wenmai.office.kit.rooms import Entry, Room


def _batch_page(job: Any) -> str:
    return reverse("registry:batch", args=[job.arguments["batch"]])


room = Room(
    label="registry",
    title="名录",
    urls="wenmai.rooms.registry.urls",
    entries=(
        Entry("名录", "企业名录", "registry:enterprises", 10),
        Entry("名录", "导入批次", "registry:batches", 20),
    ),
    job_pages={"registry.import": _batch_page, "registry.stage": _batch_page},
    job_titles={"registry.import": "导入名录", "registry.stage": "读取文件", "registry.initials": "编制名称首字母"},
    event_titles={
        "registry.batch.described": "填写来源", "registry.batch.published": "批次入库", "registry.batch.abandoned": "放弃批次",
        "registry.batch.undone": "撤销批次", "registry.batch.received": "接收文件", "registry.batch.unreadable": "退回文件",
    },
    job_returns={"registry.import": "registry:batches", "registry.stage": "registry:batches"},
)
