"""An old report's numbers, what is proposed for them, old against new; pocket cards."""

from __future__ import annotations

import io
from fractions import Fraction

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wenmai.base.values import InputError, Refused
from wenmai.office.figures import facts
from wenmai.office.figures.facts import NewFact
from wenmai.office.figures.models import Source
from wenmai.office.people.models import User
from wenmai.rooms.collection import cards, reporting
from wenmai.rooms.collection.methods import binding
from wenmai.rooms.collection.methods.binding import Candidate
from wenmai.rooms.collection.models import Report

People = dict[str, User]
TEXT = [
    "2025年上半年全区文化创意产业发展情况汇报",
    "上半年，全区规模以上文化企业69家，实现营业收入10.5亿元，按可比口径增长8.2%；文化及相关产业增加值占GDP比重4.46%。",
    "园区入驻率为85%，共召开3次会议，一是底数不够实。",
]


def document(paragraphs: list[str], table: list[list[str]] | None = None) -> bytes:
    made = docx.Document()
    for text in paragraphs:
        made.add_paragraph(text)
    if table:
        grid = made.add_table(rows=len(table), cols=len(table[0]))
        for r, row in enumerate(table):
            for c, text in enumerate(row):
                grid.cell(r, c).text = text
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


@pytest.fixture
def figures(people: People) -> Source:
    source = Source.objects.create(provider="测试统计局", slip_digest="0" * 64)
    rows = [("SC06", "2026H1", "12.6", "亿元"), ("SC04", "2026-06-30", "72", "家"), ("SC08", "2026H1", "9.0", "%")]
    outcome = facts.record([NewFact("area", "本区", c, w, v, u, "统计部门数据", "规上") for c, w, v, u in rows], source)
    assert outcome.counts["新增"] == 3, outcome.rows
    return source


def test_numbers_with_units_only() -> None:
    found = binding.numbers(TEXT)
    assert [(f.paragraph, f.raw) for f in found] == [(1, "69家"), (1, "10.5亿元"), (1, "8.2%"), (1, "4.46%"), (2, "85%")]
    assert all(TEXT[f.paragraph][f.start : f.start + len(f.raw)] == f.raw for f in found)


def test_proposals_by_name_unit_and_scope() -> None:
    known = [
        Candidate("SC04", "规模以上文化企业数", "家", scope="规上"), Candidate("SC06", "规上文化企业营业收入", "亿元", scope="规上"),
        Candidate("SC07", "全口径文化产业营业收入", "亿元", scope="全口径"), Candidate("SC08", "规上文化企业营业收入同比增速（可比口径）", "%", scope="规上"),
        Candidate("SC10", "文化及相关产业增加值占GDP比重", "%", scope="全口径"), Candidate("PK03", "园区入驻率（出租率）", "%", scope="园区"),
    ]  # fmt: skip
    best = [[p.candidate.code for p in binding.propose(f, known)][:1] for f in binding.numbers(TEXT)]
    assert best == [["SC04"], ["SC06"], ["SC08"], ["SC10"], ["PK03"]]


@given(st.lists(st.text(max_size=80), max_size=5))
def test_any_text_gives_numbers_at_their_places(texts: list[str]) -> None:
    for one in binding.numbers(texts):
        assert texts[one.paragraph][one.start : one.start + len(one.raw)] == one.raw
        for p in binding.propose(one, [Candidate("SC06", "营业收入", "亿元"), Candidate("SC08", "增速", "%")]):
            assert 0 <= p.score <= 100


def test_change_in_the_old_unit() -> None:
    moved = binding.change(Fraction(10), "亿元", Fraction(110000), "万元")
    assert (moved.new, moved.difference, moved.rate, moved.points) == (11, 1, Fraction(1, 10), False)
    share = binding.change(Fraction(446, 100), "%", Fraction(5), "%")
    assert share.points and share.rate is None and share.difference == Fraction(54, 100)
    assert binding.change(Fraction(0), "家", Fraction(5), "家").rate is None


def test_import_confirm_compare(figures: Source, people: People) -> None:
    report = reporting.take_in([document(TEXT, [["指标", "数值"], ["营业收入", "10.5亿元"]])], "去年汇报.docx", "2026年上半年", people["reviewer"])
    lines = list(report.bindings.order_by("paragraph", "start"))
    assert [b.raw for b in lines] == ["69家", "10.5亿元", "8.2%", "4.46%", "85%", "10.5亿元"]
    assert all(not b.code for b in lines)  # nothing is bound by itself
    top = {b.raw: b.proposals[0][:4] for b in lines if b.proposals}
    assert top["10.5亿元"] == ["SC06", "", "统计部门数据", "规上"]
    chosen = {b.pk: reporting.Choice(*top[b.raw]) for b in lines[:3]}
    assert reporting.bind(report.pk, chosen, people["reviewer"]) == 3
    told = [(c.binding.raw, c.new, c.change) for c in reporting.compare(report, people["reviewer"])]
    assert told[:3] == [("69家", "72", "+3（+4.3%）"), ("10.5亿元", "12.6", "+2.1（+20.0%）"), ("8.2%", "9", "+0.80 个百分点")]
    assert told[3:] == [("4.46%", "", ""), ("85%", "", ""), ("10.5亿元", "", "")]  # unbound ones stay listed
    with pytest.raises(InputError, match="单位不合"):
        reporting.bind(report.pk, {lines[0].pk: reporting.Choice("SC06", "", "统计部门数据", "规上")}, people["editor"])
    with pytest.raises(Refused):
        reporting.bind(report.pk, {}, people["reader"])
    reporting.bind(report.pk, {lines[0].pk: reporting.Choice("")}, people["editor"])
    assert not report.bindings.get(pk=lines[0].pk).confirmed_by


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "空的"), (b"not a docx", "损坏"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 99, "旧格式"), (document(["没有数字"]), "没有带单位的数字"),
        (document([]), "没有文字"), (document(TEXT)[:2000], "损坏"), (b"PK\x05\x06" + b"\0" * 18, "不是 Word"),
    ],
)  # fmt: skip
def test_garbage_documents(people: People, data: bytes, said: str) -> None:
    with pytest.raises(InputError, match=said):
        reporting.take_in([data], "x.docx", "2026H1", people["editor"])
    assert not Report.objects.exists()


def test_pocket_card(figures: Source, people: People) -> None:
    chosen = [f.pk for f in cards.choosable("") if f.subject.key == "本区"]
    card = cards.make("上半年口袋卡", chosen, people["editor"])
    lines = {p.code: p for p in cards.lines(card, people["reader"])}
    assert (lines["SC06"].value, lines["SC06"].unit, lines["SC06"].period, lines["SC06"].provider, lines["SC06"].mark) == ("12.6", "亿元", "2026年上半年", "测试统计局", "内部")
    assert lines["SC04"].scope == "规上 · 统计部门数据"
    # A revision shows; a secret figure is withheld from who may not see it.
    facts.record([NewFact("area", "本区", "SC06", "2026H1", "12.8", "亿元", "统计部门数据", "规上", mark="不得外传")], figures)
    assert {p.code: p for p in cards.lines(card, people["editor"])}["SC06"].value == "12.8"
    withheld = {p.code: p for p in cards.lines(card, people["reader"])}["SC06"]
    assert "12.8" not in withheld.value and withheld.mark == "不得外传"
    paper = docx.Document(io.BytesIO(cards.document(card, people["editor"])))
    text = "\n".join(c.text for t in paper.tables for r in t.rows for c in r.cells)
    assert "12.8" in text and "测试统计局" in text and "不得外传" in text
    for title, ids in (("", chosen), ("x", []), ("x", list(range(1, 30)))):
        with pytest.raises(InputError):
            cards.make(title, ids, people["editor"])
