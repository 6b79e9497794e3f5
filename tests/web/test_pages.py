"""What pages do with garbage, and what the verbs behind them do: undo, decisions, login, export."""

from __future__ import annotations

import html
import io
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook

from wenmai.office.events.models import Event
from wenmai.office.figures.models import Snapshot
from wenmai.office.jobs import services as jobs
from wenmai.office.jobs.models import Job
from wenmai.office.people.models import User
from wenmai.rooms.classification.models import Review
from wenmai.rooms.registry.choices import BatchState
from wenmai.rooms.registry.models import Batch, Enterprise

GARBAGE = ("abc", "-1", "0", "999999999999999999999", "１２", "1.5", "' OR 1=1 --", "%00", "\x00", "<script>alert(1)</script>", "🀄" * 200)
LISTS = ("/enterprises/", "/batches/", "/reviews/", "/jobs/", "/figures/", "/briefing/", "/events/")
PARAMS = ("page", "size", "sort", "q", "year", "batch", "outcome", "major", "unit", "status", "street", "park", "before", "verb", "subject")


@pytest.mark.parametrize("address", LISTS)
def test_garbage_in_the_address(office: Batch, client_of: Any, address: str) -> None:
    """No parameter breaks a page or comes back unescaped."""
    client = client_of("admin")
    for name in PARAMS:
        for value in GARBAGE:
            answer = client.get(address, {name: value})
            assert answer.status_code == 200, (name, value)
            assert b"<script>alert(1)" not in answer.content, (name, value)


def test_page_that_is_no_number_is_page_one(office: Batch, client_of: Any) -> None:
    page = client_of("reader").get("/enterprises/", {"page": "abc", "size": "100000"}).context["page"]
    assert (page.page, page.size) == (1, 200)


def test_unknown_snapshot_figure_key_and_part_are_404(office: Batch, client_of: Any) -> None:
    client = client_of("admin")
    number = Snapshot.objects.get().pk
    for address in (
        "/figures/999/units.total", f"/figures/{number}/nothing", "/enterprises/k/none", "/batches/999/", "/jobs/999/",
        "/figures/?snapshot=999",
    ):  # fmt: skip
        answer = client.get(address)
        assert answer.status_code == 404, address
        assert "没有这个页面" in answer.content.decode()


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("动漫", {"青禾区云上动漫设计有限公司"}),  # two characters, in name and scope
        ("图书", {"青禾区映山红图书有限公司"}),
        ("青禾 设计", {"青禾区云上动漫设计有限公司"}),  # both words
        ("没有", set()),  # a rejected row is not in the register
    ],
)
def test_search(batch: Batch, client_of: Any, query: str, names: set[str]) -> None:
    page = client_of("reader").get("/enterprises/", {"q": query}).context["page"]
    assert {line.object.name for line in page.lines} == names
    assert page.total == len(names)


def test_filters_sort_and_paging(batch: Batch, client_of: Any) -> None:
    """Filters narrow, an unknown option is named and ignored, sorting goes both ways."""
    client = client_of("reader")
    gone = client.get("/enterprises/", {"status": "注销"}).context["page"]
    assert [line.object.name for line in gone.lines] == ["青禾区宏达建材经营部"]
    odd = client.get("/enterprises/", {"status": "飞升"}).context["page"]
    assert (odd.ignored, odd.total) == (["登记状态"], 3)
    up = [line.object.pk for line in client.get("/enterprises/?sort=registered_on").context["page"].lines]
    down = [line.object.pk for line in client.get("/enterprises/?sort=-registered_on").context["page"].lines]
    assert up == down[::-1] and len(up) == 3
    assert client.get("/enterprises/", {"year": "2019"}).context["page"].total == 1


@pytest.mark.parametrize("address", ["/enterprises/?q=sj", "/enterprises/?sort=name", "/batches/?q=名录", "/jobs/?state=done", "/events/", "/figures/"])
def test_list_needs_few_queries(
    office: Batch, client_of: Any, people: dict[str, User], address: str, django_assert_max_num_queries: Any
) -> None:
    """A list costs at most twelve queries, the same however many rows it shows."""
    for number in range(30):
        Enterprise.objects.create(key=f"more{number}", name=f"多出来的设计公司{number}", batch_id=office.pk)
        Batch.objects.create(file_name=f"名录{number}.csv", actor=people["editor"], state=BatchState.ABANDONED)
        Job.objects.create(kind="classification.run", actor=people["admin"], state=Job.State.DONE)
    client = client_of("admin")
    client.get(address)
    with django_assert_max_num_queries(12):
        assert client.get(address).status_code == 200


def test_export_is_the_filtered_list(office: Batch, client_of: Any) -> None:
    answer = client_of("reader").get("/enterprises/export", {"q": "动漫"})
    sheet = load_workbook(io.BytesIO(answer.content)).active
    cells = [[c for c in row if c] for row in sheet.iter_rows(values_only=True)]
    assert any("青禾区云上动漫设计有限公司" in row for row in cells)
    assert not any("青禾区映山红图书有限公司" in row for row in cells)
    assert any("筛选：搜索：动漫" in str(row) for row in cells)


def test_provenance_of_every_value(batch: Batch, client_of: Any) -> None:
    """A value names batch, sheet row and provider; unknown values say so; the raw row is shown."""
    enterprise = Enterprise.objects.get(name__contains="动漫")
    text = client_of("reader").get(f"/enterprises/k/{enterprise.key}").content.decode()
    assert "第 3 行" in text and "测试提供单位" in text and "测试依据" in text
    assert "—（未采集）" in text and "动漫设计；游戏软件开发" in text


def test_upload_preview_confirm_outcome_undo(client_of: Any, people: dict[str, User], csv_file: Path) -> None:
    """The file is kept, nothing enters before confirmation, all rows are accounted for, undo takes them out again."""
    client = client_of("editor")
    file = SimpleUploadedFile("C:\\桌面\\名录.csv", csv_file.read_bytes())
    answer = client.post("/batches/upload", {"file": file})
    batch, reading = Batch.objects.get(), Job.objects.get()
    assert answer.headers["Location"] == f"/batches/{batch.pk}/"
    waiting = client.get(f"/batches/{batch.pk}/").content.decode()
    assert "正在读取" in waiting and f'data-job="/jobs/{reading.pk}/"' in waiting and 'http-equiv="refresh"' in waiting
    assert client.post(f"/batches/{batch.pk}/confirm", {"provider": "甲"}).status_code == 302 and Job.objects.count() == 1
    jobs.work(once=True)
    state = client.get(f"/jobs/{reading.pk}/", headers={"Accept": "application/json"}).json()
    assert (state["active"], state["next"]) == (False, f"/batches/{batch.pk}/")
    batch.refresh_from_db()
    assert (batch.file_name, batch.rows, Enterprise.objects.count()) == ("名录.csv", 4, 0)
    preview = client.get(f"/batches/{batch.pk}/")
    assert "青禾区映山红图书有限公司" in preview.content.decode()
    assert client.post(f"/batches/{batch.pk}/confirm", {"provider": "甲"}).status_code == 400
    about = {"provider": "甲局", "basis": "协议", "purpose": "底数", "share": "不可再共享", "as_of": "2024-12-31"}
    answer = client.post(f"/batches/{batch.pk}/confirm", about)
    job = Job.objects.latest("id")
    assert answer.headers["Location"] == f"/jobs/{job.pk}/"
    said = Event.objects.get(verb="registry.batch.described")
    assert (said.actor, said.payload["provider"]) == ("editor", "甲局")  # type: ignore[index]
    assert client.get(f"/jobs/{job.pk}/", headers={"Accept": "application/json"}).json()["active"] is True
    jobs.work(once=True)
    state = client.get(f"/jobs/{job.pk}/", headers={"Accept": "application/json"}).json()
    assert (state["active"], state["next"]) == (False, f"/batches/{batch.pk}/")
    outcome = client.get(f"/batches/{batch.pk}/")
    assert outcome.context["accounted"] == 4
    assert outcome.context["rejected"][0] == 1 and "逐行相符" in outcome.content.decode()
    assert "撤出本批次新增的 <b>3</b> 家" in client.get(f"/batches/{batch.pk}/undo").content.decode()
    client.post(f"/batches/{batch.pk}/undo")
    batch.refresh_from_db()
    assert (batch.state, Enterprise.objects.filter(current=True).count()) == (BatchState.UNDONE, 0)
    again = client.post(f"/batches/{batch.pk}/undo", follow=True)
    assert "无可撤销" in again.content.decode()


def test_unreadable_upload_is_told_in_one_line(client_of: Any) -> None:
    """The file's page leads to what was wrong with it and back to a new choice; no batch stays behind."""
    client = client_of("editor")
    address = client.post("/batches/upload", {"file": SimpleUploadedFile("名录.csv", b"a,b\n1,2\n")}).headers["Location"]
    jobs.work(once=True)
    assert Batch.objects.count() == 0
    answer = client.get(address, follow=True)
    job = Job.objects.get()
    assert answer.redirect_chain == [(f"/jobs/{job.pk}/", 302)]
    text = answer.content.decode()
    assert job.message and html.escape(job.message) in text and 'href="/batches/">返回，重新办理' in text
    state = client.get(f"/jobs/{job.pk}/", headers={"Accept": "application/json"}).json()
    assert (state["active"], state["next"]) == (False, f"/jobs/{job.pk}/")
    assert client_of("reviewer").get(address).status_code == 404


def test_a_cancelled_reading_can_be_taken_up_again(client_of: Any, csv_file: Path) -> None:
    client = client_of("editor")
    address = client.post("/batches/upload", {"file": SimpleUploadedFile("名录.csv", csv_file.read_bytes())}).headers["Location"]
    client.post(f"/jobs/{Job.objects.get().pk}/cancel")
    assert "尚未读取" in client.get(address).content.decode()
    client.post(address + "read")
    client.post(address + "read")  # a second press queues nothing more
    assert Job.objects.count() == 2
    jobs.work(once=True)
    assert "尚未入库" in client.get(address).content.decode()


def test_decide_and_withdraw(office: Batch, client_of: Any) -> None:
    """A decision needs a reason and a class that exists; it can be taken back; next never leaves the site."""
    client, key = client_of("reviewer"), Enterprise.objects.get(name__contains="建材").key
    client.post("/reviews/decide", {"key": key, "outcome": "非文化"})
    client.post("/reviews/decide", {"key": key, "outcome": "全部计入类", "small_code": "9999", "reason": "x"})
    assert Review.objects.count() == 0
    data = {"key": key, "outcome": "全部计入类", "small_code": "0110 新闻业", "reason": "现场核实", "next": "https://example.org/"}
    answer = client.post("/reviews/decide", data)
    review = Review.objects.get()
    assert (review.small_code, review.actor_name) == ("0110", "reviewer")
    assert answer.headers["Location"] == "/reviews/"
    client.post("/reviews/withdraw", {"review": review.pk})
    review.refresh_from_db()
    assert review.withdrawn


def test_review_workbook_accounts_for_every_row(office: Batch, client_of: Any) -> None:
    """Export, fill, import: rows in = decided + blank + refused."""
    from openpyxl import Workbook

    book = Workbook()
    keys = list(Enterprise.objects.order_by("pk").values_list("key", flat=True))
    heads = ["标识", "判定", "小类代码", "理由"]
    for row in (heads, [keys[0], "非文化", "", "核对"], [keys[1], "", "", ""], ["没有的", "非文化", "", "x"]):
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    answer = client_of("reviewer").post("/reviews/import", {"file": SimpleUploadedFile("核定.xlsx", buffer.getvalue())})
    result = answer.context["result"]
    assert (result["rows"], result["decided"], result["blank"], len(result["refused"])) == (3, 1, 1, 1)
    assert "共 3 行：已核定 1，与现有核定相同 0，未填 1，未采用 1" in answer.content.decode()


def test_dashboard_counts_changes_since_the_snapshot(office: Batch, client_of: Any) -> None:
    client = client_of("editor")
    assert "处变更" not in client.get("/").content.decode()
    key = Enterprise.objects.first().key  # type: ignore[union-attr]
    client.post("/reviews/decide", {"key": key, "outcome": "非文化", "reason": "核对"})
    assert "快照后有 1 处变更" in client.get("/").content.decode()


def test_figure_rows_are_as_many_as_the_figure(office: Batch, client_of: Any) -> None:
    answer = client_of("reader").get("/figures/").context
    for section in answer["sections"]:
        for figure in section["figures"]:
            page = client_of("reader").get(f"/figures/{answer['snapshot'].pk}/{figure.id}")
            assert page.status_code == 200, figure.id
            if figure.kind == "count":
                assert len(page.context["lines"]) == figure.value, figure.id


def test_what_is_unconfirmed_is_shown(office: Batch, client_of: Any) -> None:
    text = client_of("reader").get("/figures/").content.decode()
    assert "待统计人员确认" in text and "0243" in text and "凭记忆写出" in text


def test_clean_copy_is_refused_with_its_reasons(office: Batch, client_of: Any) -> None:
    client = client_of("editor")
    client.post("/briefing/draft", {"kind": "送阅稿"})
    jobs.work(once=True)
    text = client.get("/briefing/").content.decode()
    assert "未出稿：送阅稿" in text and "处【】未填" in text
    client.post("/briefing/passages/office", {"action": "omit"})
    assert client.get("/briefing/passages").context["open"] == len(client.get("/briefing/passages").context["slots"]) - 1


def test_cancel_a_waiting_job(client_of: Any, people: dict[str, User]) -> None:
    job = jobs.enqueue("classification.run", {}, people["editor"])
    client_of("editor").post(f"/jobs/{job.pk}/cancel")
    job.refresh_from_db()
    assert job.state == Job.State.CANCELLED
    event = Event.objects.get(verb="jobs.job.cancelled")
    assert (event.actor, event.subject) == ("editor", f"job:{job.pk}")
