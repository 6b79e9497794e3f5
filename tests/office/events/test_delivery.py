"""Events that wait: what failed is tried again, and never keeps new ones from going out."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from wenmai.office.events import services as events
from wenmai.office.events.models import Outgoing

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    state: dict[str, Any] = {"broken": True, "good": []}

    def bad(event: Any) -> None:
        if state["broken"]:
            raise ValueError("内部")

    monkeypatch.setattr(events, "_handlers", {"test.bad": [bad], "test.good": [lambda e: state["good"].append(e.subject)]})
    return state


def record(verb: str, subject: str) -> None:
    with transaction.atomic():
        events.record(verb, subject, {})


def test_failed_events_do_not_block_new_ones(seen: dict[str, Any]) -> None:
    """More failing events than one delivery takes (200): a new one still goes out at once."""
    for number in range(205):
        record("test.bad", f"x:{number}")
    record("test.good", "y:1")
    assert seen["good"] == ["y:1"]
    assert Outgoing.objects.filter(delivered_at=None).count() == 205


def test_the_worker_delivers_what_a_crash_left(seen: dict[str, Any]) -> None:
    from wenmai.web.worker import tidy

    record("test.bad", "x:1")
    assert Outgoing.objects.get().last_error == "ValueError"
    seen["broken"] = False
    tidy()
    assert Outgoing.objects.get().delivered_at is not None
