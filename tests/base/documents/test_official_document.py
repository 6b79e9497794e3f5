"""The .docx of an official document: page, faces, headings, placeholders, tables, charts, bytes."""

from __future__ import annotations

import io
import subprocess
import zipfile
from pathlib import Path

import docx
import openpyxl
import pytest
from docx.oxml.ns import qn
from lxml import etree

from wenmai.base.documents import OfficialDocument, Run, placeholders
from wenmai.base.documents.official import chinese_numeral
from wenmai.base.values.errors import InputError

C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
NAMES = ["内容创作生产", "创意设计服务", "文化传播渠道"]


def build() -> OfficialDocument:
    document = OfficialDocument("全区文化创意产业发展情况汇报", "（代拟稿）")
    document.heading1("基本情况")
    document.heading2("登记主体。", [Run("企业"), Run("1,234", figure_id="reg.n", bold=True), Run("家")])
    document.paragraph("园区【待园区台账】。")
    document.table(
        ["序号", "大类", "企业数"], [["1", NAMES[0], "1,200"], ["2", NAMES[1], "34"]], caption="表1"
    )
    document.bar_chart("企业数", NAMES, [120, None, 35.5], "家", [(100, 150), None, (30, 40)])
    document.heading1("主要做法")
    document.signature("区文化和旅游发展委员会", "2026年3月5日")
    document.annex_break("附件1", "口径说明")
    document.bar_chart("收入", ["2022", "2023"], [1, 2], "亿元")
    return document


def reopened(document: OfficialDocument) -> docx.document.Document:
    return docx.Document(io.BytesIO(document.to_bytes()))


def test_page_follows_gb_t_9704() -> None:
    section = reopened(build()).sections[0]
    sizes = [section.page_width.mm, section.page_height.mm, section.top_margin.mm, section.bottom_margin.mm]
    assert [round(size) for size in sizes] == [210, 297, 37, 35]
    assert (round(section.left_margin.mm), round(section.right_margin.mm)) == (28, 26)
    grid = section._sectPr.find(qn("w:docGrid"))
    assert grid.get(qn("w:type")) == "lines"
    # 22 lines of the leading fill the 225 mm of the type area and a 23rd does not fit.
    lines = 225 / 25.4 * 72 / reopened(build()).styles["Normal"].paragraph_format.line_spacing.pt
    assert 22 <= lines < 23


def test_faces_are_the_names_the_office_has() -> None:
    document = reopened(build())
    faces = {
        paragraph.text[:2]: paragraph.runs[0]._element.rPr.rFonts.get(qn("w:eastAsia"))
        for paragraph in document.paragraphs
        if paragraph.text
    }
    assert faces["全区"] == "方正小标宋简体"
    assert faces["一、"] == faces["附件"] == "黑体"
    assert faces["（一"] == "楷体_GB2312"
    assert faces["园区"] == "仿宋_GB2312"


def test_page_numbers_stand_outside_on_odd_and_even_pages() -> None:
    section = reopened(build()).sections[0]
    for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
        (paragraph,) = footer.paragraphs
        assert paragraph.text == "— 1 —"
        assert paragraph._element.pPr.find(qn("w:jc")).get(qn("w:val")) == side
        assert "PAGE" in "".join(text.text for text in paragraph._element.iter(qn("w:instrText")))
        assert {run.font.size.pt for run in paragraph.runs} == {14.0}


def test_headings_are_numbered_unless_they_bring_a_number() -> None:
    document = OfficialDocument("题")
    document.heading1("情况")
    document.heading2("甲")
    document.heading2("（二）乙")
    document.heading2("丙")
    document.heading1("二、问题")
    document.heading2("丁")
    texts = [paragraph.text for paragraph in document.docx.paragraphs if paragraph.text]
    assert texts == ["题", "一、情况", "（一）甲", "（二）乙", "（三）丙", "二、问题", "（一）丁"]
    assert [chinese_numeral(n) for n in (10, 11, 20, 35)] == ["十", "十一", "二十", "三十五"]


def test_a_body_paragraph_is_indented_two_characters() -> None:
    (paragraph,) = [each for each in reopened(build()).paragraphs if each.text.startswith("园区")]
    indent = paragraph._element.pPr.ind
    assert (indent.get(qn("w:firstLineChars")), indent.get(qn("w:firstLine"))) == ("200", "640")


def test_placeholders_are_found_and_shaded(tmp_path: Path) -> None:
    document = OfficialDocument("【题】")
    document.paragraph([Run("据"), Run("单位", placeholder=True), Run("提供【甲】和【没有关上")])
    document.table(["a"], [["【格】"]])
    document.bar_chart("【图】", ["甲"], [1], "家")
    document.save(tmp_path / "a.docx")
    expected = ["【题】", "【单位】", "【甲】", "【没有关上", "【格】", "【图】"]
    assert placeholders(document) == placeholders(tmp_path / "a.docx") == expected
    shaded = [shade.getparent().getparent().text for shade in document.docx.element.iter(qn("w:shd"))]
    assert shaded == ["【题】", "【单位】", "【甲】", "【格】"]


def test_a_clean_document_has_no_placeholders() -> None:
    document = OfficialDocument("题")
    document.paragraph("全部写完。")
    assert placeholders(document) == []


def test_placeholders_of_something_that_is_no_document(tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_text("x")
    with pytest.raises(InputError, match="打不开"):
        placeholders(tmp_path / "a.docx")


def test_figures_become_bookmarks_and_marks_only_when_asked() -> None:
    for marked in (False, True):
        document = OfficialDocument("题", mark_figures=marked)
        document.paragraph([Run("12", figure_id="reg.n"), Run("家，"), Run("12", figure_id="reg.n")])
        names = [each.get(qn("w:name")) for each in document.docx.element.iter(qn("w:bookmarkStart"))]
        assert names == ["fig_reg_n", "fig_reg_n__2"]
        assert document.docx.paragraphs[-1].text == ("12[reg.n]家，12[reg.n]" if marked else "12家，12")


def test_tables_have_fixed_widths_and_a_repeated_header() -> None:
    (table,) = reopened(build()).tables
    assert table.autofit is False
    assert sum(column.width.mm for column in table.columns) == pytest.approx(156, abs=0.5)
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert table.rows[1]._tr.trPr.find(qn("w:tblHeader")) is None
    sides = [cell.paragraphs[0].alignment.name for cell in table.rows[1].cells]
    assert sides == ["CENTER", "LEFT", "RIGHT"]


def test_code_columns_are_not_numbers() -> None:
    document = OfficialDocument("题")
    document.table(["代码", "占比", "增减"], [["0110", "3.1%", "−1.2"], ["8625", "—", "5"]])
    sides = [cell.paragraphs[0].alignment.name for cell in document.docx.tables[0].rows[1].cells]
    assert sides == ["LEFT", "RIGHT", "RIGHT"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([], []), "没有列"),
        ((["a", "b"], [["1"]]), "第1行有1格，表头有2列"),
        ((["a", "b"], [], [100, 80]), "超过版心"),
        ((["a", "b"], [], [100]), "列宽个数"),
        ((["a"], [], None, None, ["middle"]), "对齐"),
    ],
)
def test_tables_that_cannot_be_set_are_refused(arguments: tuple, message: str) -> None:
    with pytest.raises(InputError, match=message):
        OfficialDocument("题").table(*arguments)


def test_charts_are_native_with_their_workbook() -> None:
    with zipfile.ZipFile(io.BytesIO(build().to_bytes())) as package:
        charts = sorted(name for name in package.namelist() if name.startswith("word/charts/chart"))
        assert charts == ["word/charts/chart1.xml", "word/charts/chart2.xml"]
        root = etree.fromstring(package.read(charts[0]))
        book = openpyxl.load_workbook(io.BytesIO(package.read("word/embeddings/Microsoft_Excel_Sheet1.xlsx")))
    assert [point.findtext(f"{C}v") for point in root.find(f".//{C}cat").iter(f"{C}pt")] == NAMES
    values = {point.get("idx"): point.findtext(f"{C}v") for point in root.find(f".//{C}val").iter(f"{C}pt")}
    assert values == {"0": "120", "2": "35.5"}
    plus = [point.findtext(f"{C}v") for point in root.find(f".//{C}plus").iter(f"{C}pt")]
    assert plus == ["30", "0", "4.5"]
    rows = list(book.active.iter_rows(values_only=True))
    assert rows == [
        ("类别", "家", "下限", "上限"),
        (NAMES[0], 120, 100, 150),
        (NAMES[1], None, None, None),
        (NAMES[2], 35.5, 30, 40),
    ]


def test_charts_that_cannot_be_drawn_are_refused() -> None:
    document = OfficialDocument("题")
    with pytest.raises(InputError, match="区间不含"):
        document.bar_chart("图", ["甲"], [5], "家", [(6, 7)])
    with pytest.raises(InputError, match="个数不一致"):
        document.bar_chart("图", ["甲", "乙"], [5], "家")
    with pytest.raises(InputError, match="不是有限数"):
        document.bar_chart("图", ["甲"], [float("nan")], "家")


def test_libreoffice_opens_the_charts(tmp_path: Path) -> None:
    build().save(tmp_path / "a.docx")
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = ["soffice", "--headless", profile, "--convert-to", "odt", "--outdir", str(tmp_path)]
    subprocess.run([*command, str(tmp_path / "a.docx")], check=True, capture_output=True, timeout=120)
    with zipfile.ZipFile(tmp_path / "a.odt") as package:
        objects = [
            name for name in package.namelist() if name.startswith("Object") and name.endswith("/content.xml")
        ]
        charts = [package.read(name).decode() for name in objects]
    charts = [chart for chart in charts if "chart:chart " in chart]
    assert len(charts) == 2
    assert any(
        "内容创作生产" in chart and "35.5" in chart and "chart:error-indicator" in chart for chart in charts
    )


def test_equal_content_gives_equal_bytes_without_machine_data() -> None:
    assert build().to_bytes() == build().to_bytes()
    with zipfile.ZipFile(io.BytesIO(build().to_bytes())) as package:
        assert {entry.date_time for entry in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        names = package.namelist()
        core = package.read("docProps/core.xml").decode()
    assert "文脉" in core and "python-docx" not in core
    assert not [name for name in names if "thumbnail" in name or name.endswith("app.xml")]


def test_saving_replaces_the_old_file_and_leaves_nothing_beside(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    path.write_text("old")
    build().save(path)
    assert [each.name for each in tmp_path.iterdir()] == ["a.docx"]
    with pytest.raises(InputError, match="写不进去"):
        build().save(tmp_path / "missing" / "a.docx")


def test_control_characters_of_old_exports_are_dropped() -> None:
    document = OfficialDocument("题\x0b目")
    document.paragraph("甲\x00乙")
    document.bar_chart("图\x01", ["甲\x02"], [1], "家")
    assert [each.text for each in reopened(document).paragraphs if each.text] == ["题目", "甲乙"]


def test_signature_places_the_date_two_characters_right_of_the_office() -> None:
    document = OfficialDocument("题")
    document.signature("区文化和旅游发展委员会", "2026年3月5日")  # 11 and 6 characters wide
    document.signature("区文旅委", "2026年11月15日")  # 4 and 7: the date is longer
    right = [
        int(each._element.pPr.ind.get(qn("w:rightChars"))) / 100
        for each in document.docx.paragraphs
        if each.text.startswith(("区", "2026"))
    ]
    assert right == [2, 5, 7, 2]
