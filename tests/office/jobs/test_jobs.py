"""An acknowledged job is never lost: a silent worker's job is taken again, and a person can cancel."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from wenmai.base.values import InputError
from wenmai.office.jobs import services
from wenmai.office.jobs.models import Job

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


def test_cancel_stops_at_the_next_step(kind: list[Any]) -> None:
    job = services.enqueue("test.job", {})
    Job.objects.filter(pk=job.pk).update(cancel=True)
    services.work(once=True)
    job.refresh_from_db()
    assert job.state == "cancelled" and job.result is None
