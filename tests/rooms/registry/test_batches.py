"""A batch's states under interruption: cancelled, given up, undone twice, taken up again; and values that do not fit.

Expected values follow from the rows written here; codes are from uscc_test_vectors.csv.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from wenmai.base.values import InputError, Refused
from wenmai.office.events.models import Event
from wenmai.office.jobs import services as jobs
from wenmai.office.jobs.models import Job
from wenmai.rooms.registry import apps, queries, services, staging, storage
from wenmai.rooms.registry.choices import BatchState
from wenmai.rooms.registry.models import Batch, Enterprise, EnterpriseName, Register

pytestmark = pytest.mark.django_db(transaction=True)

A, B = "91440300708461136T", "914403001922038216"
HEAD = "企业名称,统一社会信用代码,登记状态,注册资本,曾用名\n"


def write(path: Path, body: str, head: str = HEAD) -> Path:
    path.write_text(head + body, encoding="utf-8")
    return path


def count_of_follow_ups() -> int:
    return Job.objects.filter(kind="classification.run").count()


def test_a_cancelled_import_is_not_published_and_a_published_one_is_not_cancelled(home: Path, tmp_path: Path) -> None:
    # The job is cancelled at each of its steps in turn, the last one included. Either nothing is published and nothing
    # follows, or both: never the one without the other.
    seen = []
    for at in range(1, 12):
        batch = services.stage(services.receive(write(tmp_path / f"{at}.csv", f"云岭第{at}商贸有限公司,,存续,,\n")))
        steps: list[str] = []

        def progress(step: str, done: int, total: int | None = None, at: int = at, steps: list[str] = steps) -> None:
            steps.append(step)
            if len(steps) == at:
                raise jobs.Cancelled("任务已按要求取消")

        before = count_of_follow_ups()
        try:
            apps.run_import({"batch": batch.pk}, progress, None)
            state = "done"
        except jobs.Cancelled:
            state = "cancelled"
        batch.refresh_from_db()
        assert (batch.state == BatchState.PUBLISHED) == (state == "done"), at
        assert count_of_follow_ups() - before == (1 if state == "done" else 0), at
        seen.append(state)
    assert seen[0] == "cancelled" and seen[-1] == "done"
    assert seen == sorted(seen)  # cancelled while it can be, done from then on


def test_the_follow_up_is_queued_once_however_often_the_job_runs(home: Path, tmp_path: Path) -> None:
    batch = services.stage(services.receive(write(tmp_path / "a.csv", f"甲乙文化传播有限公司,{A},存续,,\n")))
    for _ in range(3):
        apps.run_import({"batch": batch.pk}, lambda *_: None, None)
    assert count_of_follow_ups() == 1


def test_a_batch_given_up_while_it_is_compared_is_not_published(home: Path, tmp_path: Path) -> None:
    batch = services.stage(services.receive(write(tmp_path / "a.csv", f"甲乙文化传播有限公司,{A},存续,,\n")))

    def progress(step: str, done: int, total: int | None = None) -> None:
        if step == "比对名录" and done == 0:
            services.abandon(batch.pk)

    with pytest.raises(Refused, match="已放弃"):
        services.publish(batch, progress)
    assert Batch.objects.get(pk=batch.pk).state == BatchState.ABANDONED and not Enterprise.objects.exists()


def test_a_batch_given_up_while_it_is_read_stays_given_up(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = services.receive(write(tmp_path / "a.csv", f"甲乙文化传播有限公司,{A},存续,,\n"))
    whole = staging.stage

    def slow(*given: Any) -> Any:
        found = whole(*given)
        services.abandon(batch.pk)
        return found

    monkeypatch.setattr(staging, "stage", slow)
    with pytest.raises(Refused, match="已放弃"):
        services.import_file(tmp_path / "a.csv")
    assert Batch.objects.get().state == BatchState.ABANDONED and not Enterprise.objects.exists()


def test_reading_does_not_overwrite_what_was_said_meanwhile(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = services.receive(write(tmp_path / "a.csv", f"甲乙文化传播有限公司,{A},存续,,\n"))
    whole = staging.stage

    def slow(*given: Any) -> Any:
        services.describe(batch.pk, provider="区市场监管局", basis="", purpose="", share="")
        return whole(*given)

    monkeypatch.setattr(staging, "stage", slow)
    assert services.stage(batch).provider == "区市场监管局"


def test_two_people_undo_at_once_and_it_is_undone_once(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = services.import_file(write(tmp_path / "a.csv", f"甲乙文化传播有限公司,{A},存续,,\n"))
    lock, other = Register.objects.select_for_update, [True]

    def waited() -> Any:
        # The other person has the lock first, and is done with it when this one gets it.
        if other and other.pop():
            services.undo(batch.pk)
        return lock()

    monkeypatch.setattr(Register.objects, "select_for_update", waited)
    with pytest.raises(Refused, match="无可撤销"):
        services.undo(batch.pk)
    assert not other


def test_a_name_that_two_batches_brought_outlives_the_undoing_of_one(home: Path, tmp_path: Path) -> None:
    row = f"甲乙文化传播有限公司,{A},{{}},,云岭旧名有限公司\n"
    services.import_file(write(tmp_path / "z.csv", f"甲乙文化传播有限公司,{A},存续,,\n"))
    first = services.import_file(write(tmp_path / "a.csv", row.format("存续")))
    second = services.import_file(write(tmp_path / "b.csv", row.format("停业")))
    assert EnterpriseName.objects.get().batch_id == first.pk
    services.undo(first.pk)
    kept = EnterpriseName.objects.get()
    assert (kept.name, kept.kind, kept.batch_id, kept.row) == ("云岭旧名有限公司", "former", second.pk, 2)
    services.undo(second.pk)
    assert not EnterpriseName.objects.exists()


def test_the_files_own_words_go_with_the_value(home: Path, tmp_path: Path) -> None:
    services.import_file(write(tmp_path / "a.csv", f"甲乙文化传播有限公司,{A},在业,100万元人民币,\n"))
    body = f"甲乙文化传播有限公司,{A},吊销，未注销,200万美元,云岭旧名有限公司\n"
    batch = services.import_file(write(tmp_path / "b.csv", body))
    found = Enterprise.objects.get()
    assert (found.status, found.status_text) == ("吊销", "吊销，未注销")
    assert (found.capital_amount, found.capital_currency, found.capital_text) == (2_000_000, "USD", "200万美元")
    assert found.former_names == "云岭旧名有限公司"
    place = json.loads(found.overrides or "{}")
    same = ("status", "status_text", "capital_amount", "capital_currency", "capital_text", "former_names")
    assert {place[f] for f in same} == {f"{batch.pk}:0:2"}
    # Another word for the same status is no news.
    again = services.import_file(write(tmp_path / "c.csv", f"甲乙文化传播有限公司,{A},已吊销,,\n"))
    assert again.counts["unchanged"] == 1
    services.undo(batch.pk)
    found.refresh_from_db()
    assert (found.status_text, found.capital_text, found.former_names) == ("在业", "100万元人民币", None)


def test_within_a_file_the_words_come_from_the_row_of_the_value(home: Path, tmp_path: Path) -> None:
    # The first row's status is a number of the sender's code table: no status. Its text must not stand beside the second's.
    body = f"甲乙文化传播有限公司,{A},1,,\n甲乙文化传播有限公司,{A},注销,,\n"
    batch = services.import_file(write(tmp_path / "a.csv", body))
    found = Enterprise.objects.get()
    assert (found.status, found.status_text) == ("注销", "注销")
    assert json.loads(found.overrides or "{}") == {"status": f"{batch.pk}:0:3", "status_text": f"{batch.pk}:0:3"}


def test_taking_a_batch_up_again_fills_its_origin_and_refuses_another(home: Path, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", f"甲乙文化传播有限公司,{A},存续,,\n")
    first = services.receive(path, provider="区市场监管局")
    again = services.receive(path, basis="共享协议", as_of=date(2026, 1, 31))
    again.refresh_from_db()
    assert (again.pk, again.provider, again.basis, again.as_of) == (first.pk, "区市场监管局", "共享协议", date(2026, 1, 31))
    assert Event.objects.get(verb="registry.batch.described").payload == {"basis": "共享协议", "as_of": "2026-01-31"}
    with pytest.raises(Refused, match="提供单位为“区市场监管局”"):
        services.receive(path, provider="区税务局")
    services.receive(path, provider="区市场监管局")
    assert Batch.objects.count() == 1 and Event.objects.filter(verb="registry.batch.described").count() == 1


def test_what_is_too_long_is_told_and_fails_no_batch(home: Path, tmp_path: Path) -> None:
    # Limits of the columns in PostgreSQL: name 300, park 120, registration number 40 characters.
    head = "企业名称,统一社会信用代码,注册号,所属园区\n"
    long = "云岭" + "甲" * 300 + "有限公司"
    body = f"{long},{A},,\n甲乙文化传播有限公司,{B},{'9' * 60},{'园' * 200}\n丙丁数字科技有限公司,,,云岭园区\n"
    batch = services.import_file(write(tmp_path / "a.csv", body, head))
    assert {k: n for k, n in batch.counts.items() if n} == {"created": 2, "rejected": 1}
    rejected = services.rejected_rows(batch).row(0, named=True)
    assert (rejected["row"], rejected["column"], rejected["reason"]) == (2, "企业名称", "内容有 306 字，超过上限 300 字，本行退回")
    found = Enterprise.objects.get(key=B)
    assert (found.reg_no, found.park) == (None, "园" * 120)
    told = {(p["row"], p["column"], p["reason"]) for p in queries.problems(batch) if not p["fatal"]}
    assert {(3, "注册号", "内容有 60 字，超过上限 40 字，按未载处理"), (3, "所属园区", "内容有 200 字，超过上限 120 字，只保留前 120 字")} <= told
    for field in staging._limits():
        texts = [v for v in Enterprise.objects.values_list(field, flat=True) if v]
        assert all(len(v) <= staging._limits()[field] for v in texts), field
    assert storage.read(batch.pk, "staged").height == 3


def test_a_files_name_may_be_longer_than_the_file_system_allows(home: Path, tmp_path: Path) -> None:
    # 96 Chinese characters are 288 bytes; a name in a Linux folder has at most 255. An upload is kept under another name.
    path = write(tmp_path / "upload.csv", f"甲乙文化传播有限公司,{A},存续,,\n")
    name = "名" * 96 + ".csv"
    batch = services.publish(services.stage(services.receive(path, name=name)))
    assert (batch.file_name, batch.counts["created"]) == (name, 1)
    assert batch.columns["sheets"][0]["sheet"] == "名" * 96
    bad = tmp_path / "upload.xlsx"
    bad.write_bytes(b"PK\x03\x04broken")
    with pytest.raises(InputError) as caught:
        services.stage(services.receive(bad, name="名" * 96 + ".xlsx"))
    assert "名" * 96 + ".xlsx" in str(caught.value) and "source" not in str(caught.value)
    headless = tmp_path / "b.csv"
    headless.write_text("店招,门牌\n甲,一号\n乙,二号\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        services.stage(services.receive(headless, name="街道台账.csv"))
    assert "街道台账.csv" in str(caught.value) and "source" not in str(caught.value)
