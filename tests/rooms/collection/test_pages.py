"""The pages: what was typed comes back, the second of two pages is told, each organisation sees its own over the web too."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from wenmai.office.people.models import User
from wenmai.rooms.collection import asking, sheets
from wenmai.rooms.collection.models import Ask, Return, Round, State, Submission

from .conftest import FORM

People = dict[str, User]
Of = Callable[[str], Client]
TYPED = {"v-A01": "1000", "v-A02": "900.5", "v-C01": "5000.25", "s-C02": "拒报", "n-A01": "含在建"}


def test_fill_in_the_browser(one: Return, client_of: Of) -> None:
    client, address = client_of("op1"), f"/returns/{one.pk}/"
    page = client.get(address).content.decode()
    assert "甲园" in page and 'name="v-A01"' in page and 'name="base" value="1"' in page
    wrong = client.post(address, {**TYPED, "v-A02": "约900", "base": "1", "action": "submit"})
    text = wrong.content.decode()
    assert wrong.status_code == 400 and 'value="约900"' in text and "不是数" in text and 'value="含在建"' in text
    assert not Submission.objects.exists()
    hard = client.post(address, {**TYPED, "v-A02": "1001", "base": "1", "action": "check"}).content.decode()
    assert "必须：A01 &gt;= A02" in hard and "右边 1,001 平方米" in hard
    assert client.post(address, {**TYPED, "v-A02": "x", "base": "1", "action": "save"}).status_code == 302
    assert 'value="x"' in client.get(address).content.decode()  # a draft keeps what is wrong as well
    assert client.post(address, {**TYPED, "base": "2", "action": "submit"}).status_code == 302
    assert Return.objects.get(pk=one.pk).state == State.SUBMITTED


def test_the_second_of_two_pages_is_told_and_keeps_its_values(one: Return, client_of: Of) -> None:
    address = f"/returns/{one.pk}/"
    first, second = client_of("op1"), client_of("editor")
    assert first.post(address, {**TYPED, "base": "1", "action": "submit"}).status_code == 302
    answer = second.post(address, {**TYPED, "v-C01": "7", "base": "1", "action": "submit"})
    text = answer.content.decode()
    assert answer.status_code == 409 and "没有覆盖" in text and 'value="7"' in text and 'name="base" value="2"' in text
    assert [(s.number, s.unused) for s in Submission.objects.order_by("number")] == [(1, False), (2, True)]
    assert second.post(address, {**TYPED, "v-C01": "7", "base": "2", "action": "submit"}).status_code == 302


def test_objects_of_two_owners(issued: Round, people: People, client_of: Of) -> None:
    """op1 and op2 over every respondent's address: own 200, the other's 404; the list holds own rows only."""
    own = {"op1": issued.returns.get(key="p1"), "op2": issued.returns.get(key="p2")}
    asked = {}
    for name in own:
        organisation = people[name].organisation
        assert organisation is not None
        asked[name] = Ask.objects.create(organisation=organisation, code="PK05", period="2026", lane="本办监测口径", scope="园区", unit="亿元", purpose="x", due="2026-12-31")
    for me, other in (("op1", "op2"), ("op2", "op1")):
        client = client_of(me)
        text = client.get("/returns/").content.decode()
        assert own[me].name in text and own[other].name not in text
        assert f"/returns/asked/{asked[me].pk}/" in client.get("/returns/asked/").content.decode()
        assert f"/returns/asked/{asked[other].pk}/" not in client.get("/returns/asked/").content.decode()
        for path, mine, theirs in (("", 200, 404), ("template", 200, 404)):
            assert client.get(f"/returns/{own[me].pk}/{path}").status_code == mine
            assert client.get(f"/returns/{own[other].pk}/{path}").status_code == theirs
        assert client.post(f"/returns/{own[other].pk}/", {**TYPED, "base": "1", "action": "submit"}).status_code == 404
        assert client.post(f"/returns/{own[other].pk}/upload").status_code == 404
        assert client.get(f"/returns/asked/{asked[me].pk}/").status_code == 200
        assert client.post(f"/returns/asked/{asked[other].pk}/", {"value": "1", "base": "0"}).status_code == 404
    assert not Submission.objects.exists()


def test_outside_people_have_no_office_pages(issued: Round, one: Return, people: People, client_of: Of) -> None:
    client = client_of("op1")
    for path in ("/collection/", f"/collection/rounds/{issued.pk}/", f"/collection/rounds/{issued.pk}/merge", f"/collection/returns/{one.pk}/", "/asks/", "/cards/", "/layouts/", "/old-reports/"):
        assert client.get(path).status_code == 404, path  # the outside site has no such address
    office = Client()
    office.force_login(people["op1"])
    for path in ("/collection/", f"/collection/rounds/{issued.pk}/merge", f"/returns/{one.pk}/"):
        assert office.get(path).status_code in (302, 403), path  # and the office site lets nobody from outside in
    street = client_of("st")
    text = street.get(f"/collection/rounds/{issued.pk}/").content.decode()
    assert "甲园" in text and "乙园" in text and "丙园" not in text and "0</b> / 2" in text
    book = openpyxl.load_workbook(io.BytesIO(street.get(f"/collection/rounds/{issued.pk}/merge").content))
    assert "丙园" not in book.sheetnames and "甲园" in book.sheetnames
    assert street.get(f"/collection/returns/{issued.returns.get(key='p3').pk}/").status_code == 404
    assert {street.get(path).status_code for path in ("/cards/", "/old-reports/", "/layouts/")} == {403}


def test_upload_accept_return(issued: Round, one: Return, client_of: Of) -> None:
    book = openpyxl.load_workbook(io.BytesIO(client_of("op1").get(f"/returns/{one.pk}/template").content))
    for cell, value in (("E7", 1000), ("E8", 900), ("E9", 5000)):
        book[sheets.SHEET][cell] = value
    out = io.BytesIO()
    book.save(out)
    files = [SimpleUploadedFile("甲.xlsx", out.getvalue()), SimpleUploadedFile("坏.xlsx", b"PK\x03\x04 broken")]
    text = client_of("editor").post(f"/collection/rounds/{issued.pk}/upload", {"files": files}).content.decode()
    assert "报送 <b>1</b> 份" in text and "坏.xlsx" in text and "损坏" in text
    editor = client_of("editor")
    assert editor.post(f"/collection/returns/{one.pk}/send-back", {"reason": "请核"}).status_code == 302
    assert "退回理由：<b>请核</b>" in client_of("op1").get(f"/returns/{one.pk}/").content.decode()
    client_of("op1").post(f"/returns/{one.pk}/", {**TYPED, "base": str(Return.objects.get(pk=one.pk).version), "action": "submit"})
    editor.post(f"/collection/returns/{one.pk}/accept", {"number": "2"})
    page = editor.get(f"/collection/returns/{one.pk}/").content.decode()
    assert Return.objects.get(pk=one.pk).state == State.ACCEPTED and "来源" in page and "请核" in page


def test_a_faulty_form_stays_in_the_box(client_of: Of) -> None:
    text = FORM.replace("期后15日", "不知道")
    answer = client_of("editor").post("/collection/forms/", {"text": text})
    assert answer.status_code == 400 and "第5行第5列" in answer.content.decode() and "不知道" in answer.content.decode()
    assert client_of("reader").post("/collection/forms/", {"text": FORM}).status_code == 403
    done = client_of("editor").post("/collection/forms/", {"file": SimpleUploadedFile("f.yaml", FORM.replace("\n", "\r\n").encode())})
    assert done.status_code == 302
    assert client_of("editor").post("/collection/forms/", {"file": SimpleUploadedFile("f.yaml", b"\xff\xfe\x00")}).status_code == 400


def test_queries_do_not_grow_with_the_list(issued: Round, client_of: Of, django_assert_max_num_queries: Any) -> None:
    client = client_of("editor")
    for path in ("/collection/", f"/collection/rounds/{issued.pk}/", "/returns/", "/asks/"):
        client.get(path)
        with django_assert_max_num_queries(12):
            assert client.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/collection/rounds/999/", "/collection/returns/999/", "/returns/999/", "/asks/999/", "/cards/999/", "/collection/forms/nosuch/", "/old-reports/999/", "/layouts/999/"])
def test_what_does_not_exist(people: People, client_of: Of, path: str) -> None:
    assert client_of("editor").get(path).status_code == 404


def test_signing_over_the_web(people: People, client_of: Of) -> None:
    own = people["dept"].organisation
    assert own is not None
    form = {"organisation": str(own.pk), "code": "SC06", "period": "2026H1", "lane": "统计部门数据", "scope": "规上", "purpose": "汇报", "due": "2026-07-20"}
    editor = client_of("editor")
    bad = editor.post("/asks/", {**form, "due": "七月"})
    assert bad.status_code == 400 and 'value="汇报"' in bad.content.decode()
    assert editor.post("/asks/", form).status_code == 302
    asked = Ask.objects.get()
    wrong = client_of("dept").post(f"/returns/asked/{asked.pk}/", {"value": "12.3", "base": "0"})
    assert wrong.status_code == 400 and 'value="12.3"' in wrong.content.decode() and "确认单" in wrong.content.decode()
    slip = SimpleUploadedFile("单.pdf", b"%PDF-1.4 x")
    assert client_of("dept").post(f"/returns/asked/{asked.pk}/", {"value": "12.3", "base": "0", "slip": slip}).status_code == 302
    assert "以“经办”签字" in editor.get(f"/asks/{asked.pk}/").content.decode()
    editor.post(f"/asks/{asked.pk}/sign", {"base": "1"})
    assert [s.actor_name for s in asking.signatures(Ask.objects.get())] == ["editor"]
    assert "以“科长”签字" in client_of("reviewer").get(f"/asks/{asked.pk}/").content.decode()
    assert client_of("reader").post(f"/asks/{asked.pk}/sign", {"base": "1"}).status_code == 403
