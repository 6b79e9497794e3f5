"""An acknowledged job is never lost: a silent worker's job is taken again, and a person can cancel."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from wenmai.base.values import InputError, NotFound, Refused
from wenmai.office.events.models import Event
from wenmai.office.jobs import services
from wenmai.office.jobs.models import Job
from wenmai.office.people.models import User

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def kind() -> list[Any]:
    seen: list[Any] = []

    def handler(arguments: dict[str, Any], progress: Any, actor: Any) -> dict[str, Any]:
        seen.append(arguments)
        progress("一步", 1, 2)
        if arguments.get("bad"):
            raise InputError("文件打不开", where="a.xlsx")
        if arguments.get("fault"):
            raise ValueError("secret detail")
        return {"ok": True}

    services.kind("test.job", handler)
    return seen


def test_done_and_failed_jobs_tell(kind: list[Any]) -> None:
    good, bad, fault = (services.enqueue("test.job", a) for a in ({}, {"bad": 1}, {"fault": 1}))
    services.work(once=True)
    for job in (good, bad, fault):
        job.refresh_from_db()
    assert (good.state, good.result) == ("done", {"ok": True})
    assert (bad.state, bad.message) == ("failed", "文件打不开（a.xlsx）")
    assert fault.state == "failed" and "secret" not in fault.message


def test_a_silent_workers_job_is_taken_again(kind: list[Any]) -> None:
    job = services.enqueue("test.job", {})
    assert services.claim() is not None
    assert services.claim() is None
    Job.objects.filter(pk=job.pk).update(heartbeat=timezone.now() - timedelta(minutes=10))
    again = services.claim()
    assert again is not None and again.pk == job.pk and again.attempts == 2


def test_a_job_whose_workers_keep_dying_is_given_up(kind: list[Any]) -> None:
    job = services.enqueue("test.job", {})
    for attempt in (1, 2, 3):
        again = services.claim()
        assert again is not None and (again.pk, again.attempts) == (job.pk, attempt)
        Job.objects.filter(pk=job.pk).update(heartbeat=timezone.now() - timedelta(minutes=10))
    other = services.enqueue("test.job", {})
    services.work(once=True)
    for each in (job, other):
        each.refresh_from_db()
    assert (job.state, job.attempts) == ("failed", 3) and job.finished_at is not None
    assert "3 次" in job.message and "不再自动重试" in job.message
    assert other.state == "done" and len(kind) == 1  # it stands in nobody's way, and was not run once more


def test_cancel_stops_at_the_next_step(kind: list[Any]) -> None:
    job = services.enqueue("test.job", {})
    assert services.claim() is not None
    services.cancel(job.pk)
    job.refresh_from_db()
    assert (job.state, job.cancel) == ("running", True)
    services.run(job)
    assert job.state == "cancelled" and job.result is None


def test_cancel_is_a_verb_with_permission_and_event(kind: list[Any]) -> None:
    """Own jobs and an administrator's hand; once asked, one event; a job that ended is refused."""
    owner, other, admin = (User.objects.create_user(n, role=r) for n, r in (("a", "editor"), ("b", "editor"), ("c", "admin")))
    first, second = (services.enqueue("test.job", {}, owner) for _ in range(2))
    with pytest.raises(Refused, match="取消他人的任务需要角色：系统管理员"):
        services.cancel(first.pk, other)
    assert services.cancel(first.pk, owner).state == "cancelled"
    assert services.claim().pk == second.pk  # type: ignore[union-attr]
    for _ in range(2):
        services.cancel(second.pk, admin)
    with pytest.raises(Refused, match="无可取消"):
        services.cancel(first.pk, owner)
    with pytest.raises(NotFound):
        services.cancel(999, admin)
    found = list(Event.objects.filter(verb="jobs.job.cancelled").values_list("actor", "subject", "payload__state"))
    assert found == [("a", f"job:{first.pk}", "waiting"), ("c", f"job:{second.pk}", "running")]


def test_idle_work_is_done_between_jobs(kind: list[Any]) -> None:
    calls: list[str] = []
    services.enqueue("test.job", {})
    services.work(once=True, idle=lambda: calls.append("idle"))
    assert calls == ["idle"] and len(kind) == 1
