"""Files of figures: long and wide tables, columns settled and remembered, every value accounted for, lists of 入退库."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from wenmai.base.values import InputError
from wenmai.office.events.models import Event
from wenmai.office.figures import entering, importing
from wenmai.office.figures.methods.layout import CELL, LONG, WIDE, Reading, Role, item_of, suggest, values
from wenmai.office.figures.models import Fact, FrameSpell, Intake, Source
from wenmai.office.figures.sources import About
from wenmai.office.people.models import Role as Rank
from wenmai.office.people.models import Subject, User

ABOUT = {"provider": "区文旅局", "basis": "共享协议", "purpose": "监测", "share": "不可再共享"}
NAMES = {"规上文化企业营业收入": "SC06", "规模以上文化企业数": "SC04", "利润总额": "SC15"}
MAJORS = {"大类": {"新闻信息服务": "01", "内容创作生产": "02"}}


@pytest.fixture(autouse=True)
def _home(home: Any) -> None:
    """Uploads of a test go to its own home."""


@pytest.fixture
def editor(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_user("editor", role=Rank.EDITOR))
    return client


def book(rows: list[list[Any]], sheet: str = "表一", more: dict[str, list[list[Any]]] | None = None) -> bytes:
    made = openpyxl.Workbook()
    first = made.active
    assert first is not None
    first.title = sheet
    for row in rows:
        first.append(row)
    for name, lines in (more or {}).items():
        other = made.create_sheet(name)
        for row in lines:
            other.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def upload(client: Client, name: str, data: bytes, **more: Any) -> Any:
    return client.post("/facts/import/", {**ABOUT, "file": SimpleUploadedFile(name, data), **more})


def fields(page: str) -> dict[str, str]:
    """What the mapping form would send if nothing were changed."""
    form = page[page.index('<form method="post" action="/facts/import/map" novalidate') :]
    found = {m[1]: m[2] for m in re.finditer(r'<input[^>]*?name="([^"]+)"[^>]*?value="([^"]*)"', form)}
    for select in re.finditer(r'<select name="([^"]+)".*?</select>', form, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', select[0])
        found[select[1]] = chosen[1] if chosen else ""
    return {k: v.replace("&amp;", "&").replace("&quot;", '"') for k, v in found.items()}


# --- reading columns ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heads", "expected"),
    [
        (["指标代码", "对象", "时期", "数值", "单位"], ["code", "key", "period", CELL, "unit"]),
        (["企业名称", "统一社会信用代码", "2024年（亿元）"], ["name", "key", ("", "2024", "亿元")]),
        (["行业大类", "2024年1—9月（亿元）", "2023年1—9月（亿元）"], ["item", ("", "2024M01-09", "亿元"), ("", "2023M01-09", "亿元")]),
        (["园区名称", "规上文化企业营业收入（万元）", "规模以上文化企业数（家）"], ["name", ("SC06", "", "万元"), ("SC04", "", "家")]),
        (["", "2024年上半年营业收入", "2024年上半年规上文化企业营业收入（万元）"], ["item", ("", "2024H1", ""), ("SC06", "2024H1", "万元")]),
        (["时期", "SC06（亿元）", "SC15", "备注"], ["period", ("SC06", "", "亿元"), ("SC15", "", ""), ""]),
        (["名称", "名称", "数值"], ["name", "", CELL]),
        (["2024年末（万人）", "电话号码", "2024年13月"], [("", "2024-12-31", "万人"), "", ""]),
    ],
)
def test_heads_are_understood(heads: list[str], expected: list[Any]) -> None:
    from wenmai.base.readers.header import clean_title

    roles = suggest([(h, clean_title(h)[1]) for h in heads], NAMES)
    got = [(r.code, r.period, r.unit) if r.role == CELL and (r.code or r.period) else r.role for r in roles]
    assert got == expected


@pytest.mark.parametrize(
    ("text", "item"),
    [("01 新闻信息服务", "大类=01"), ("新闻信息服务", "大类=01"), ("01", "大类=01"), ("大类=02", "大类=02"), ("合 计", ""), ("全区", ""), ("2号园", "大类=2号园")],
)
def test_an_item_is_named_once(text: str, item: str) -> None:
    assert item_of(text, "大类", MAJORS) == item


cells = st.sampled_from(["1", "2.5", "", "—", "查无", "abc", "1,234", "12%"])


@given(st.lists(st.lists(cells, min_size=3, max_size=3), max_size=12), st.booleans())
@settings(max_examples=60, deadline=None)
def test_every_cell_comes_out_once(rows: list[list[str]], wide: bool) -> None:
    """Rows × columns of values, whatever stands in them."""
    roles = (Role("item"), Role(CELL, period="2023"), Role(CELL, period="2024")) if wide else (Role("period"), Role(CELL), Role("unit"))
    reading = Reading(roles, {"code": "SC06"}, "大类")
    assert reading.layout == (WIDE if wide else LONG)
    numbered = [(i + 2, tuple(row)) for i, row in enumerate(rows)]
    found = list(values(numbered, ("a", "b", "c"), reading, NAMES, MAJORS))
    assert len(found) == len(rows) * (2 if wide else 1)
    assert [v.row for v in found] == [n for n, _ in numbered for _ in range(2 if wide else 1)]
    assert all(v.blank == (wide and v.text in ("", "—")) for v in found)
    assert all(not v.text.endswith("%") for v in found)


# --- through the browser -----------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_wide_table_from_upload_to_outcome(dictionary: None, editor: Client) -> None:
    """Figures of N24 in the shape a statistics office sends: title line, unit in the head, a total, a dash, a note."""
    data = book([["2024年规上文化企业营业收入"], ["大类", "2023年（亿元）", "2024年（亿元）"], ["合计", 129515, 141510], ["01 新闻信息服务", 17243, 19000], ["02 内容创作生产", "—", "查无"], ["注：快报数"]])  # fmt: skip
    slip = SimpleUploadedFile("s.pdf", b"%PDF-1.4")
    page = upload(editor, "九大类.xlsx", data, slip=slip).content.decode()
    assert "按宽表理解" in page and "表尾说明和重复的表头 1 行" in page
    said = fields(page)
    assert said["c0-role"] == "item" and said["c1-period"] == "2023" and said["c2-unit"] == "亿元"
    said |= {"code": "SC06", "lane": "统计部门数据", "scope": "规上", "key": "本区", "kind": "area", "dimension": "大类"}
    tried = editor.post("/facts/import/map", {**said, "action": "try"}).content.decode()
    assert "读入 <b>6</b> 个数值，新增 5，更正 0，未变 0，退回 0，空白 1" in tried
    assert not Fact.objects.exists() and not Intake.objects.exists()
    answer = editor.post("/facts/import/map", {**said, "action": "save"})
    made = Intake.objects.get()
    assert answer["Location"] == f"/facts/import/{made.pk}/"
    assert sum(made.counts.values()) == len(made.rows) == 6
    assert {(f.item, f.period, f.status): f.value for f in Fact.objects.all()} == {
        ("", "2023", "reported"): 129515, ("", "2024", "reported"): 141510, ("大类=01", "2023", "reported"): 17243,
        ("大类=01", "2024", "reported"): 19000, ("大类=02", "2024", "none"): None,
    }  # fmt: skip
    assert Event.objects.get(verb="figures.intake.finished").payload["counts"]["新增"] == 5  # type: ignore[index]
    source = Source.objects.get()
    assert source.document == "九大类.xlsx" and source.slip_digest and source.file_digest
    outcome = editor.get(f"/facts/import/{made.pk}/?outcome=空白").content.decode()
    assert "2023年" in outcome and outcome.count("<tr>") < 8


@pytest.mark.django_db
def test_the_columns_of_a_provider_are_remembered(dictionary: None, editor: Client) -> None:
    """A head that says nothing is settled once by hand; the next file of the same provider needs no hand, another's does."""
    def file(n: int) -> bytes:
        return book([["对象", "甲栏", "乙栏"], ["本区", n, n + 1], ["别区", n + 2, n + 3]])

    said = fields(upload(editor, "一.xlsx", file(1)).content.decode())
    assert said["c1-role"] == ""
    said |= {"c1-role": CELL, "c1-code": "SC06", "c1-unit": "亿元", "c2-role": CELL, "c2-code": "SC15", "c2-unit": "亿元", "period": "2023年", "lane": "行政记录", "scope": "登记", "kind": "area"}
    assert editor.post("/facts/import/map", {**said, "action": "save"}).status_code == 302
    assert Fact.objects.count() == 4
    again = upload(editor, "二.xlsx", file(50)).content.decode()
    assert "沿用该单位上次的列对应" in again
    kept = fields(again)
    assert (kept["c1-role"], kept["c1-code"], kept["c2-code"], kept["lane"]) == (CELL, "SC06", "SC15", "行政记录")
    other = upload(editor, "二.xlsx", file(50), provider="另一单位").content.decode()
    assert "沿用" not in other and fields(other)["c1-role"] == ""


@pytest.mark.django_db
def test_a_long_table_gives_each_row_its_end(dictionary: None, editor: Client) -> None:
    lines = ["指标代码,对象类别,对象标识,对象名称,时期,数值,单位,来源类,口径,状态",
             "SC06,企业,K1,企业一,2024年,1000,万元,本办监测口径,规上,",
             "SC06,企业,,企业一,2023年,900,万元,本办监测口径,规上,",
             "SC06,企业,,没有见过的企业,2024年,5,万元,本办监测口径,规上,",
             "SC15,企业,K1,企业一,2024年,,万元,本办监测口径,规上,拒报",
             "SC15,企业,K1,企业一,2023年,,万元,本办监测口径,规上,",
             "SC06,企业,K2,企业二,2024年,1,家,本办监测口径,规上,",
             "SC06,区域,本区,本区,2024年,1,亿元,统计部门数据,规上,"]  # fmt: skip
    # 企业一 is known before: its second row is found by name.
    Subject.objects.create(kind="enterprise", key="K1", name="企业一")
    said = fields(upload(editor, "长表.csv", "\n".join(lines).encode("gb18030")).content.decode())
    tried = editor.post("/facts/import/map", {**said, "action": "try"}).content.decode()
    assert "读入 <b>7</b> 个数值，新增 3，更正 0，未变 0，退回 4，空白 0" in tried
    for reason in ("没有数值", "不能换算", "须附盖章确认单", "没有标识"):
        assert reason in tried, reason
    editor.post("/facts/import/map", {**said, "action": "save"})
    made = Intake.objects.get()
    assert made.counts == {"新增": 3, "更正": 0, "未变": 0, "退回": 4, "空白": 0}
    assert sorted(Fact.objects.values_list("subject__key", "period", "status")) == [("K1", "2023", "reported"), ("K1", "2024", "refused"), ("K1", "2024", "reported")]


@pytest.mark.django_db
def test_another_sheet_can_be_chosen(dictionary: None, editor: Client) -> None:
    data = book([["说明"], ["填表说明"]], "说明", {"数据": [["大类", "2024年（亿元）"], ["合计", 5]], "旧数据": [["大类", "2023年（亿元）"], ["合计", 4]]})
    page = upload(editor, "三表.xlsx", data).content.decode()
    assert "工作表“数据”" in page
    said = fields(page) | {"sheet": "2", "action": "sheet"}
    assert "工作表“旧数据”" in editor.post("/facts/import/map", said).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "data"),
    [("a.xlsx", b"\x89PNG\r\n\x1a\n" + b"0" * 400), ("a.xlsx", b"PK\x03\x04 broken"), ("a.csv", b"\x00\x01\x02\x03" * 200), ("a.pdf", b"%PDF-1.7"),
     ("a.docx", b"PK\x03\x04"), ("a.csv", b"   \n"), ("noname", b"a,b"), ("a.csv", b"\xff\xfe\xfa\x00"), ("../../etc/a.xlsx", b"<html><table>"),
     ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 600)],
)  # fmt: skip
def test_garbage_is_one_chinese_error(dictionary: None, editor: Client, name: str, data: bytes) -> None:
    answer = upload(editor, name, data)
    page = answer.content.decode()
    faults = re.findall(r'<p class="fault" role="alert">([^<]+)</p>', page)
    assert answer.status_code == 400 and len(faults) == 1 and re.search("[一-鿿]", faults[0])
    assert "/tmp" not in faults[0] and "Traceback" not in page
    for kept in ABOUT.values():
        assert kept in page  # nothing that was typed is lost
    assert not Intake.objects.exists() and not Source.objects.exists()


@pytest.mark.django_db
def test_a_table_without_values_is_told(dictionary: None, editor: Client) -> None:
    said = fields(upload(editor, "a.csv", "姓名,备注\n甲,x\n".encode()).content.decode())
    answer = editor.post("/facts/import/map", {**said, "action": "try"})
    assert answer.status_code == 400 and "没有一列对应为数值" in answer.content.decode()
    changed = editor.post("/facts/import/map", {**said, "ticket": said["ticket"] + "x", "action": "save"}, follow=True)
    assert "请重新选择文件" in changed.content.decode() and not Source.objects.exists()


@pytest.mark.django_db
def test_the_templates_can_be_imported(dictionary: None, editor: Client, tmp_path: Path) -> None:
    for layout in ("long", "wide"):
        data = editor.get(f"/facts/import/template?layout={layout}").content
        path = tmp_path / f"{layout}.xlsx"
        path.write_bytes(data)
        plan = importing.plan(path, path.name)
        assert plan.reading.layout == (LONG if layout == "long" else WIDE)
        assert sum(1 for r in plan.reading.roles if r.role == "") == 0
        assert len(plan.values()) == (1 if layout == "long" else 20)


@pytest.mark.django_db
def test_thirty_sheets_worth_of_values_in_time(db: None, monitor: Source) -> None:
    """A return batch of 30 parks × 50 indicators × 2 periods is tried and taken in within 10 s (issue 3, section 6)."""
    import time

    from wenmai.office.figures import definitions
    from wenmai.office.figures.models import Definition

    definitions.install_shipped()
    codes = list(Definition.objects.filter(formula="", kind="时期", unit="亿元").values_list("entry_id", flat=True))[:50]
    heads = ["园区名称", *[f"{c}（亿元）" for c in codes]]
    rows = [(i + 2, (f"园区{i}", *[str(i + j) for j in range(len(codes))])) for i in range(60)]
    roles = suggest([(h, "亿元") for h in heads], entering.indicator_names())
    reading = Reading(roles, {"kind": "park", "lane": "本办监测口径", "scope": "园区", "period": "2024"})
    found = list(values(rows, heads, reading, {}, {}))
    started = time.monotonic()
    made = entering.take_in(found, About("园区", "a", "b", "可公开"), heads, reading, "园区.xlsx")
    assert time.monotonic() - started < 10
    assert sum(made.counts.values()) == 60 * len(codes)


# --- lists of 入退库 ---------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_list_of_spells(dictionary: None, editor: Client) -> None:
    rows = [["在库名单"], ["统一社会信用代码", "企业名称", "入库日期", "入库类型", "退库日期", "退库原因"], ["K1", "企业一", "2022-01-01", "年度新增", None, None],
            ["K2", "企业二", "2022-01-01", "年度新增", "2024-01-15", "降规"], ["K1", "企业一", "2022-01-01", None, None, None], ["", "企业二", None, None, "2024-01-15", None],
            ["K3", "企业三", "去年", None, None, None], ["", "没见过", "2022-01-01", None, None, None]]  # fmt: skip
    told = {f"list-{k}": v for k, v in ABOUT.items()}
    page = editor.post("/frames/import", {**told, "frame": "规上", "lane": "本办监测口径", "list-file": SimpleUploadedFile("名单.xlsx", book(rows))}).content.decode()
    assert "新增 2，更正 0，未变 1，退回 3" in page
    assert "看不懂的时期“去年”" in page and "按名称也认不出" in page and "无可退库" in page
    assert sorted(FrameSpell.objects.values_list("subject__key", "entered", "left")) == sorted(
        [("K1", FrameSpell.objects.get(subject__key="K1").entered, None), ("K2", FrameSpell.objects.get(subject__key="K1").entered, FrameSpell.objects.get(subject__key="K2").left)]
    )
    leaving = [["企业名称", "退库日期", "退库原因"], ["企业一", "2024年6月30日", "注销"]]
    page = editor.post("/frames/import", {**told, "frame": "规上", "lane": "本办监测口径", "list-file": SimpleUploadedFile("退库.xlsx", book(leaving))}).content.decode()
    assert "新增 0，更正 1" in page
    assert str(FrameSpell.objects.get(subject__key="K1").left) == "2024-06-30"
    bad = editor.post("/frames/import", {**told, "frame": "规上", "lane": "本办监测口径", "list-file": SimpleUploadedFile("a.xlsx", book([["甲", "乙"], ["1", "2"]]))})
    assert bad.status_code == 400 and "缺列" in bad.content.decode()


@pytest.mark.django_db
def test_a_source_says_all_it_has_to(db: None) -> None:
    with pytest.raises(InputError, match="依据、用途"):
        About("单位", share="可公开").check()
    with pytest.raises(InputError, match="可选项"):
        About("单位", "a", "b", "随便").check()
