"""Exports: short ones at once, long ones in the background, kept for the asker; nothing becomes a formula."""

from __future__ import annotations

import datetime as dt
import io
import os
from typing import Any

import pytest
from openpyxl import load_workbook

from wenmai.office.events.models import Event
from wenmai.office.jobs import services as jobs
from wenmai.office.jobs.models import Job
from wenmai.office.kit import exports
from wenmai.rooms.registry.models import Batch, Enterprise

DANGER = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "=HYPERLINK(\"http://x\")")


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two rows are the most that come at once."""
    monkeypatch.setattr(exports, "DIRECT_ROWS", 2)


def rows(data: bytes) -> list[tuple[Any, ...]]:
    return list(load_workbook(io.BytesIO(data)).active.iter_rows(values_only=True))


def ask(client: Any, address: str = "/enterprises/export") -> Job:
    answer = client.get(address)
    job = Job.objects.latest("id")
    assert answer.headers["Location"] == f"/jobs/{job.pk}/"
    return job


def test_long_and_short_give_the_same_table(batch: Batch, client_of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    client = client_of("reader")
    direct = client.get("/enterprises/export?sort=-registered_on")
    assert direct.headers["Content-Disposition"].startswith("attachment")
    monkeypatch.setattr(exports, "DIRECT_ROWS", 2)
    job = ask(client, "/enterprises/export?sort=-registered_on")
    jobs.work(once=True)
    page = client.get(f"/jobs/{job.pk}/").content.decode()
    assert "企业名录.xlsx，3 行" in page and f'href="/jobs/{job.pk}/file"' in page
    file = client.get(f"/jobs/{job.pk}/file")
    assert rows(b"".join(file.streaming_content)) == rows(direct.content)
    assert len(rows(direct.content)) == 3 + 3  # title, note, heads, three enterprises


@pytest.mark.usefixtures("short")
def test_only_the_asker_and_an_administrator_may_fetch(batch: Batch, client_of: Any) -> None:
    job = ask(client_of("editor"))
    assert client_of("editor").get(f"/jobs/{job.pk}/file").status_code == 404  # not written yet
    jobs.work(once=True)
    status = {r: client_of(r).get(f"/jobs/{job.pk}/file").status_code for r in ("editor", "admin", "auditor", "reader", "reviewer")}
    assert status == {"editor": 200, "admin": 200, "auditor": 403, "reader": 403, "reviewer": 403}
    assert f"/jobs/{job.pk}/file" not in client_of("auditor").get(f"/jobs/{job.pk}/").content.decode()
    found = Event.objects.filter(verb="office.file.downloaded").order_by("id").values_list("actor", "payload__rows")
    assert list(found) == [("editor", 3), ("admin", 3)]


@pytest.mark.usefixtures("short")
def test_a_file_expires(batch: Batch, client_of: Any) -> None:
    client = client_of("editor")
    job = ask(client)
    jobs.work(once=True)
    job.refresh_from_db()
    path = exports.folder() / f"{job.pk}.xlsx"
    assert path.exists() and path.parent.stat().st_mode & 0o077 == 0
    job.result["expires"] = (dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1)).isoformat()
    job.save()
    assert client.get(f"/jobs/{job.pk}/file").status_code == 404
    assert "已过期删除" in client.get(f"/jobs/{job.pk}/").content.decode()
    past = path.stat().st_mtime - exports.KEPT.total_seconds() - 1
    os.utime(path, (past, past))
    assert exports.clear_expired() == 1 and not path.exists()


@pytest.mark.usefixtures("short")
def test_cancelled_while_writing_leaves_no_file(batch: Batch, client_of: Any, people: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The person cancels after the first rows: the job says so, and nothing lies in the folder."""
    first = Enterprise.objects.order_by("pk").first()
    Enterprise.objects.bulk_create(
        Enterprise(key=f"t{i}", name=f"{first.name}{i}", batch_id=batch.pk) for i in range(1200)  # type: ignore[union-attr]
    )
    job = ask(client_of("editor"))
    monkeypatch.setattr(jobs.time, "monotonic", iter(range(10**6)).__next__)  # every step is told
    real, seen = jobs.Progress.__call__, []

    def telling(self: Any, step: str, done: int, total: int | None = None) -> None:
        seen.append((step, done, total))
        if step == "写入表格":
            jobs.cancel(job.pk, people["editor"])
        real(self, step, done, total)

    monkeypatch.setattr(jobs.Progress, "__call__", telling)
    jobs.work(once=True)
    job.refresh_from_db()
    assert (job.state, seen[-1]) == (Job.State.CANCELLED, ("写入表格", 500, 1203))
    assert list(exports.folder().iterdir()) == []


@pytest.mark.usefixtures("short")
def test_nothing_becomes_a_formula(batch: Batch, client_of: Any) -> None:
    """Both ways write what looks like a formula as text."""
    for number, text in enumerate(DANGER):
        Enterprise.objects.create(key=f"x{number}", name=text, scope=text, batch_id=batch.pk)
    client = client_of("reader")
    job = ask(client)
    jobs.work(once=True)
    book = load_workbook(io.BytesIO(b"".join(client.get(f"/jobs/{job.pk}/file").streaming_content)))
    kinds = {cell.data_type for row in book.active.iter_rows() for cell in row}
    names = [cell.value for cell in book.active["A"]][3:]
    assert "f" not in kinds
    assert len(names) == 3 + len(DANGER) and "=1+1" in names


def test_selected_rows_only(batch: Batch, client_of: Any) -> None:
    one = Enterprise.objects.get(name__contains="动漫")
    answer = client_of("reader").get(f"/enterprises/export?id={one.pk}")
    assert [r[0] for r in rows(answer.content)][3:] == [one.name]
    event = Event.objects.get(verb="office.file.downloaded")
    assert event.payload == {"page": "registry:export", "asked": {"chosen": 1}, "rows": 1}


def test_search_words_are_not_written_into_the_log(batch: Batch, client_of: Any) -> None:
    client_of("reader").get("/enterprises/export?q=映山红&status=存续")
    event = Event.objects.get(verb="office.file.downloaded")
    assert event.payload["asked"] == {"q": "有", "status": "存续"}  # type: ignore[index]
