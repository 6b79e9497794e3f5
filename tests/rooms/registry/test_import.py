"""Import loses nothing: every row has one end, the same file changes nothing, undo gives back what was."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from wenmai.base.values import InputError, Refused
from wenmai.office.events.models import Event
from wenmai.office.events.services import verify_chain
from wenmai.rooms.registry import services, storage
from wenmai.rooms.registry.models import Batch, Enterprise, EnterpriseName
from wenmai.samples import write_district

pytestmark = pytest.mark.django_db(transaction=True)

HEAD = "企业名称,统一社会信用代码,注册日期,登记状态,注册资本,经营范围,注册地址\n"
# Two codes of uscc_test_vectors.csv that pass both checks.
A, B = "91440300708461136T", "914403001922038216"


def write(path: Path, body: str, head: str = HEAD) -> Path:
    path.write_text(head + body, encoding="utf-8")
    return path


def test_every_row_has_one_end(home: Path, tmp_path: Path) -> None:
    for path in write_district(tmp_path / "sample", 400):
        batch = services.import_file(path)
        assert sum(batch.counts.values()) == batch.rows
        outcomes = storage.read(batch.pk, "outcomes")
        assert outcomes.height == batch.rows
        assert outcomes["seq"].n_unique() == batch.rows


def test_same_file_again_changes_nothing(home: Path, tmp_path: Path) -> None:
    path = write_district(tmp_path / "sample", 300)[0]
    services.import_file(path)
    before = list(Enterprise.objects.order_by("key").values_list())
    again = services.import_file(path)
    assert again.counts["created"] == again.counts["updated"] == again.counts["rejected"] == 0
    assert again.counts["unchanged"] + again.counts["duplicate"] == again.rows
    assert list(Enterprise.objects.order_by("key").values_list()) == before


def test_unknown_never_replaces_a_known_value(home: Path, tmp_path: Path) -> None:
    services.import_file(write(tmp_path / "a.csv", f"甲乙文化传播有限公司,{A},2019-01-02,存续,100万元人民币,广告设计,甲路1号\n"))
    batch = services.import_file(write(tmp_path / "b.csv", f"甲乙文化传播有限公司,{A},-,吊销,N/A,不详,空\n"))
    assert batch.counts["updated"] == 1
    enterprise = Enterprise.objects.get(key=A)
    assert (enterprise.status, enterprise.scope, str(enterprise.registered_on)) == ("吊销", "广告设计", "2019-01-02")
    assert enterprise.capital_amount == 1_000_000
    # The file's word for the status goes with it, from the same place.
    assert json.loads(enterprise.overrides or "{}") == {"status": f"{batch.pk}:0:2", "status_text": f"{batch.pk}:0:2"}


def test_blank_names_do_not_chain_rows(home: Path, tmp_path: Path) -> None:
    batch = services.import_file(write(tmp_path / "a.csv", f"空,{A},,,,,\n空,{B},,,,,\n空,,,,,,\n"))
    assert batch.counts == {"created": 2, "updated": 0, "unchanged": 0, "duplicate": 0, "rejected": 1}
    row = services.rejected_rows(batch).row(0, named=True)
    assert row["row"] == 4 and row["reason"]


def test_same_code_with_another_name_is_kept_as_a_variant(home: Path, tmp_path: Path) -> None:
    body = f"甲乙文化传播有限公司,{A},,,,,\n甲乙文化传媒有限公司,{A},,,,广告设计,\n"
    batch = services.import_file(write(tmp_path / "a.csv", body))
    assert batch.counts["duplicate"] == 1
    enterprise = Enterprise.objects.get(key=A)
    assert enterprise.scope == "广告设计"
    assert list(EnterpriseName.objects.values_list("name", "kind")) == [("甲乙文化传媒有限公司", "variant")]


def test_a_new_name_makes_the_old_one_former(home: Path, tmp_path: Path) -> None:
    services.import_file(write(tmp_path / "a.csv", f"甲乙文化传播有限公司,{A},,,,,\n"))
    services.import_file(write(tmp_path / "b.csv", f"丙丁数字科技有限公司,{A},,,,,\n"))
    assert list(EnterpriseName.objects.values_list("name", "kind")) == [("甲乙文化传播有限公司", "former")]


def test_a_row_without_code_joins_by_name(home: Path, tmp_path: Path) -> None:
    services.import_file(write(tmp_path / "a.csv", f"云岭甲乙丙文化传播有限公司,{A},,,,,\n"))
    batch = services.import_file(write(tmp_path / "b.csv", "云岭甲乙丙文化传播有限责任公司,,,存续,,,\n云岭戊己庚贸易有限公司,,,,,,\n"))
    assert batch.counts["updated"] == 1 and batch.counts["created"] == 1
    assert Enterprise.objects.get(key=A).status == "存续"


def test_undo_withdraws_and_restores(home: Path, tmp_path: Path) -> None:
    services.import_file(write(tmp_path / "a.csv", f"甲乙文化传播有限公司,{A},,存续,,,\n"))
    second = services.import_file(write(tmp_path / "b.csv", f"甲乙文化传播有限公司,{A},,注销,,,\n丙丁数字科技有限公司,{B},,存续,,,\n"))
    undone = services.undo(second.pk)
    assert undone.counts == {"撤出": 1, "复原": 2, "保留": 0}  # the status and the file's word for it
    enterprise = Enterprise.objects.get(key=A)
    assert (enterprise.status, enterprise.status_text) == ("存续", "存续")
    assert not Enterprise.objects.get(key=B).current
    again = services.import_file(tmp_path / "b.csv")
    assert again.counts["created"] == 1 and again.counts["updated"] == 1
    assert Enterprise.objects.get(key=B).current


def test_undo_keeps_what_was_changed_since(home: Path, tmp_path: Path) -> None:
    first = services.import_file(write(tmp_path / "a.csv", f"甲乙文化传播有限公司,{A},,存续,,,\n"))
    services.import_file(write(tmp_path / "b.csv", f"甲乙文化传播有限公司,{A},,注销,,,\n"))
    undone = services.undo(first.pk)
    assert undone.counts["保留"] == 1 and undone.notes[0]["key"] == A
    assert Enterprise.objects.get(key=A).current
    with pytest.raises(Refused, match="无可撤销"):
        services.undo(first.pk)


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.pdf", b"%PDF-1.7"), ("a.wps", b"\xd0\xcf\x11\xe0"), ("a.et", b"\xd0\xcf\x11\xe0"), ("a.xlsx", b"PK\x03\x04broken"),
     ("a.csv", b""), ("a.csv", "甲,乙\n1,2\n".encode()), ("a.csv", b"\x00\xff\x00\x01" * 40), ("a.xls", b"garbage")],
)  # fmt: skip
def test_garbage_is_one_chinese_error_and_leaves_only_a_trace_in_the_log(home: Path, tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        services.import_file(path)
    assert name in str(caught.value)
    assert not Batch.objects.exists() and not Enterprise.objects.exists()
    # That somebody brought a file, and that it was sent back, stands in the log (with its digest, without its words).
    events = list(Event.objects.order_by("id").values_list("verb", "subject"))
    assert [verb for verb, _ in events] == ["registry.batch.received", "registry.batch.unreadable"]
    assert events[0][1] == events[1][1]
    assert name not in json.dumps(list(Event.objects.values_list("payload", flat=True)))


def test_an_abandoned_upload_is_not_taken_up_again(home: Path, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", f"甲乙文化传播有限公司,{A},,存续,,,\n")
    batch = services.stage(services.receive(path))
    services.abandon(batch.pk)
    assert services.resume() == [] and not Enterprise.objects.exists()
    assert services.import_file(path).pk != batch.pk
    with pytest.raises(Refused, match="不能放弃"):
        services.abandon(batch.pk)


def test_publishing_is_an_event_in_an_unbroken_chain(home: Path, tmp_path: Path) -> None:
    services.import_file(write(tmp_path / "a.csv", f"甲乙文化传播有限公司,{A},,存续,,,\n"))
    services.import_file(write(tmp_path / "b.csv", f"丙丁数字科技有限公司,{B},,存续,,,\n"))
    assert Event.objects.filter(verb="registry.batch.published").count() == 2
    assert verify_chain() is None
    Event.objects.filter(pk=Event.objects.order_by("pk").first().pk).update(actor="别人")
    assert verify_chain() is not None


def test_filling_an_empty_register_leaves_its_indexes_in_place(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import connection

    from wenmai.rooms.registry import publishing

    def indexes() -> list[tuple[str, str]]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type='index' AND tbl_name='registry_enterprise' AND sql IS NOT NULL ORDER BY 1")
            return list(cursor.fetchall())

    before = indexes()
    monkeypatch.setattr(publishing, "_INDEX_LATER", 1)
    services.import_file(write(tmp_path / "a.csv", f"甲乙文化传播有限公司,{A},,存续,,,\n丙丁数字科技有限公司,{B},,存续,,,\n"))
    assert indexes() == before and len(before) > 3
    # A fault in the middle brings them back with everything else.
    Enterprise.objects.all().delete()

    def broken(*_: object) -> None:
        raise RuntimeError("struck")

    monkeypatch.setattr(publishing, "_insert", broken)
    with pytest.raises(RuntimeError, match="struck"):
        services.import_file(tmp_path / "a.csv")
    assert indexes() == before
