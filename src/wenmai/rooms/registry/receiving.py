"""Reading an uploaded file in the background, and what its page says meanwhile."""

from __future__ import annotations

from typing import Any

from wenmai.base.values import NotFound
from wenmai.office.jobs import services as jobs
from wenmai.office.jobs.models import Job
from wenmai.rooms.registry import services
from wenmai.rooms.registry.choices import BatchState
from wenmai.rooms.registry.models import Batch

JOB = "registry.stage"


def run(arguments: dict[str, Any], progress: Any, actor: Any) -> dict[str, Any]:
    """Job: read a received file into staged rows (may be repeated)."""
    batch = Batch.objects.filter(pk=arguments["batch"]).first()
    if batch is None:
        raise NotFound("这次上传已被放弃或退回", remedy="请重新选择文件")
    return {"batch": services.stage(batch, progress).pk}


def job_of(batch_id: int) -> Job | None:
    """The newest reading of a batch."""
    return Job.objects.filter(kind=JOB, arguments__batch=batch_id).order_by("-id").first()


def start(batch: Batch, actor: Any) -> Job | None:
    """Queue the reading of a received batch unless it is under way."""
    if batch.state != BatchState.RECEIVED:
        return None
    found = job_of(batch.pk)
    if found is not None and found.state in (Job.State.WAITING, Job.State.RUNNING):
        return found
    return jobs.enqueue(JOB, {"batch": batch.pk}, actor)
