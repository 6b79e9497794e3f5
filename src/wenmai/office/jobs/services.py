"""enqueue() a job, and the worker's loop. Handlers get (arguments, Progress, actor) and must be resumable."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from wenmai.base.values import NotFound, Refused, WenmaiError
from wenmai.office.events import services as events
from wenmai.office.jobs.models import Job
from wenmai.office.people.models import Role
from wenmai.office.people.permissions import Verdict, allow

log = logging.getLogger(__name__)
STALE = timedelta(seconds=120)
ATTEMPTS = 3  # a job that has taken its worker down this often (memory, a broken library) is not tried again
_kinds: dict[str, Callable[..., Any]] = {}


class Cancelled(WenmaiError):
    """The person who started the job took it back."""


def kind(name: str, handler: Callable[..., Any]) -> None:
    """Declare what runs for a kind of job (from a room's AppConfig.ready)."""
    _kinds[name] = handler


def enqueue(name: str, arguments: dict[str, Any], actor: Any = None) -> Job:
    """Queue a job; it is durable when the surrounding transaction commits."""
    if name not in _kinds:
        raise KeyError(name)
    return Job.objects.create(kind=name, arguments=arguments, actor=actor)


class Progress:
    """What a running job tells: step, count, total. Writes at most twice a second; raises when cancelled."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self._last = 0.0

    def __call__(self, step: str, done: int, total: int | None = None) -> None:
        now = time.monotonic()
        if now - self._last < 0.5 and step == self.job.step:
            return
        self._last = now
        self.job.step, self.job.done, self.job.total = step, done, total
        Job.objects.filter(pk=self.job.pk).update(
            step=step, done=done, total=total, heartbeat=timezone.now()
        )
        if Job.objects.filter(pk=self.job.pk, cancel=True).exists():
            raise Cancelled("任务已按要求取消")


def may_cancel(user: Any, job: Job) -> Verdict:
    """The person who started a job, an administrator, and the command line."""
    if user is not None and getattr(user, "is_active", False) and job.actor_id == user.pk:
        return True, "本人发起"
    return allow(user, frozenset({Role.ADMIN}), "取消他人的任务")


def cancel(job_id: int, actor: Any = None) -> Job:
    """Ask a job to stop: a waiting one is taken out at once, a running one heeds it at its next step. A job that has
    ended is refused; asking twice leaves one event."""
    with transaction.atomic():
        job = Job.objects.select_for_update().filter(pk=job_id).first()
        if job is None:
            raise NotFound(f"没有编号为 {job_id} 的任务")
        allowed, reason = may_cancel(actor, job)
        if not allowed:
            raise Refused(reason)
        if job.state not in (Job.State.WAITING, Job.State.RUNNING):
            raise Refused(f"任务 {job_id} 已是“{job.get_state_display()}”，无可取消")
        if job.cancel:
            return job
        changed: dict[str, Any] = {"cancel": True}
        if job.state == Job.State.WAITING:
            changed |= {"state": Job.State.CANCELLED, "message": "开始前已取消", "finished_at": timezone.now()}
        Job.objects.filter(pk=job_id).update(**changed)
        events.record("jobs.job.cancelled", f"job:{job_id}", {"kind": job.kind, "state": job.state}, actor)
    job.refresh_from_db()
    return job


def claim() -> Job | None:
    """Take the oldest waiting job, or one whose worker has been silent for STALE. A job whose workers have vanished
    ATTEMPTS times is given up, with a message that says so."""
    with transaction.atomic():
        now = timezone.now()
        waiting = Job.objects.select_for_update(skip_locked=True) if _skip_locked() else Job.objects
        for lost in waiting.filter(state=Job.State.RUNNING, heartbeat__lt=now - STALE, attempts__gte=ATTEMPTS):
            lost.state, lost.finished_at = Job.State.FAILED, now
            lost.message = f"执行中断已达 {lost.attempts} 次，不再自动重试；已完成的部分保留。请系统管理员查看日志（常见原因：内存不足）后重新发起"
            lost.save(update_fields=["state", "finished_at", "message"])
            log.error("job %s (%s) given up after %s attempts", lost.pk, lost.kind, lost.attempts)
        job = (
            waiting.filter(state=Job.State.WAITING).order_by("id").first()
            or waiting.filter(state=Job.State.RUNNING, heartbeat__lt=now - STALE).order_by("id").first()
        )
        if job is None:
            return None
        job.state, job.started_at, job.heartbeat = Job.State.RUNNING, now, now
        job.attempts += 1
        job.save()
        return job


def _skip_locked() -> bool:
    from django.db import connection

    return bool(connection.features.has_select_for_update_skip_locked)


def run(job: Job) -> Job:
    """Run one claimed job to its end; a WenmaiError becomes the job's message, anything else is logged as a fault."""
    try:
        job.result = _kinds[job.kind](job.arguments, Progress(job), job.actor)
        job.state, job.message = Job.State.DONE, ""
    except Cancelled as error:
        job.state, job.message = Job.State.CANCELLED, str(error)
    except WenmaiError as error:
        job.state, job.message = Job.State.FAILED, str(error)
    except Exception:
        log.exception("job %s (%s) failed", job.pk, job.kind)
        job.state, job.message = Job.State.FAILED, "程序内部错误，已记入日志；请联系系统管理员"
    job.finished_at = timezone.now()
    job.save()
    return job


def work(once: bool = False, pause: float = 0.5, idle: Callable[[], None] | None = None, every: float = 300) -> None:
    """The worker's loop. `idle` is called between jobs, at the start and then every `every` seconds."""
    last: float | None = None
    while True:
        if idle and (last is None or time.monotonic() - last >= every):
            last = time.monotonic()
            idle()
        job = claim()
        if job is not None:
            run(job)
        elif once:
            return
        else:
            time.sleep(pause)
