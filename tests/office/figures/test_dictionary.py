"""The indicator dictionary: complete, consistent, ordered; what does not fit and what is no table is refused."""

import csv
import io
import zipfile
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wenmai.base.values.errors import InputError
from wenmai.office.figures.methods import dictionary
from wenmai.office.figures.methods.dictionary import COLUMNS, GROUPS, LANES, Entry, load, load_file, order, read, units, validate
from wenmai.office.figures.methods.formula import check, parse

BOOK = {entry.code: entry for entry in load()}
LISTED = {"SC": 25, "ST": 16, "PK": 9, "PJ": 4, "PF": 10, "FN": 11, "IP": 8, "TL": 11, "IN": 7, "HC": 5, "GV": 4}
SOURCE_CODES = [f"{prefix}{i:02d}" for prefix, count in LISTED.items() for i in range(1, count + 1)]


# --- the table -------------------------------------------------------------------------------------------------


def test_all_110_indicators_of_the_source_table_are_there() -> None:
    assert len(SOURCE_CODES) == 110
    assert [code for code in SOURCE_CODES if code not in BOOK] == []
    assert Counter(BOOK[code].tier for code in SOURCE_CODES) == {"core60": 60, "extended": 50}


def test_every_formula_passes_the_dimension_check() -> None:
    measures = units(load())
    checked = [entry.code for entry in load() if entry.formula and check(parse(entry.formula), entry.measure, measures) is None]
    assert len(checked) > 55


def test_a_ratio_without_formula_says_who_computes_it() -> None:
    bare = [entry for entry in load() if entry.kind in ("比率", "结构") and not entry.formula]
    assert {entry.code for entry in bare} == {"SC08", "SC25R", "ST07", "ST08", "ST08T", "ST08H", "ST09", "PF10I", "IN02R", "IN03", "GV02"}
    assert [entry.code for entry in bare if "计算" not in entry.note and "照录" not in entry.note] == []


def test_value_added_is_entered_by_the_bureau_only() -> None:
    """practice.md: enter-only, lane ① only, with its accounting stage; the same holds for all that is read from it."""
    assert BOOK["SC09"].formula == BOOK["GDP"].formula == ""
    staged = {entry.code for entry in load() if entry.stages}
    assert staged == {"SC09", "GDP", "SC10", "SC11", "SC12", "ST01V", "ST03V"}
    assert {BOOK[code].lanes for code in staged} == {("统计部门数据",)}
    assert "不是单季数" in BOOK["SC06"].note


def test_points_and_percent_are_kept_apart() -> None:
    assert {entry.code for entry in load() if entry.unit == "个百分点"} == {"SC12", "ST06"}
    shares = [entry for entry in load() if entry.name.endswith(("占比", "比重", "增速", "率")) and entry.code != "ST06"]
    assert len(shares) > 30
    assert {entry.unit for entry in shares} == {"%"}


def test_entries_are_written_out() -> None:
    assert all(len(entry.definition) >= 12 and entry.sources for entry in load())
    assert len({entry.name for entry in load()}) == len(load())
    assert len({entry.definition for entry in load()}) == len(load())
    assert {lane for entry in load() for lane in entry.lanes} == set(LANES)
    assert all(entry.note for entry in load())
    assert {entry.group for entry in load()} == set(GROUPS)


def test_base_rows_are_read_by_a_formula() -> None:
    """A row added for a formula that no formula reads would be a leftover; the two budget stages stand beside PF02."""
    read_codes = {ref.code for entry in load() if entry.formula for ref in parse(entry.formula).references()}
    assert {e.code for e in load() if e.tier == "base"} - read_codes == {"FUND_BUDGET", "FUND_APPROVED"}


# --- items ---------------------------------------------------------------------------------------------------------


def test_formula_for_an_item_and_for_the_total() -> None:
    def said(code: str, item: str = "") -> list[str]:
        formula = BOOK[code].formula_for(item)
        assert formula is not None
        return [ref.text() for ref in formula.references()]

    assert said("ST02R", "大类=03") == ["SC06[大类=03]", "SC06"]
    assert said("ST02R") == ["SC06"]
    assert said("SC16", "大类=03") == ["SC15[大类=03]", "SC06[大类=03]"]
    assert said("SC16") == ["SC15", "SC06"]
    assert BOOK["SC09"].formula_for("大类=03") is None
    with pytest.raises(InputError, match="没有分项"):
        BOOK["SC16"].formula_for("街道=东街")


# --- order ---------------------------------------------------------------------------------------------------------


def made(code: str, formula: str = "", **changed: object) -> Entry:
    plain = {
        "code": code, "tier": "base", "group": "规模", "name": code, "definition": "试验用", "unit": "亿元", "kind": "时期", "formula": formula,
        "scope_default": "规上", "lanes": LANES, "owner": "统计局", "frequency": ("年度",),
        "note": "", "stages": (), "items": (), "sources": (), "row": 2,
    }  # fmt: skip
    return Entry(**{**plain, **changed})  # type: ignore[arg-type]


def test_packaged_order_puts_inputs_first() -> None:
    at = {code: i for i, code in enumerate(order(load()))}
    assert set(at) == set(BOOK)
    pairs = [(ref.code, e.code) for e in load() if e.formula for ref in parse(e.formula).references()]
    assert len(pairs) > 100
    assert [(a, b) for a, b in pairs if at[a] >= at[b]] == []


@given(st.lists(st.lists(st.integers(0, 30), max_size=4), min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_order_of_any_acyclic_table(reads: list[list[int]], shuffle: object) -> None:
    """Row i reads rows before it only; whatever the order of the table, inputs come first."""
    entries = [made(f"X{i}", " + ".join(f"X{j % i}" for j in js) if i else "") for i, js in enumerate(reads)]
    shuffle.shuffle(entries)  # type: ignore[attr-defined]
    validate(entries)
    at = {code: i for i, code in enumerate(order(entries))}
    assert sorted(at) == sorted(e.code for e in entries)
    assert all(at[ref.code] < at[e.code] for e in entries if e.formula for ref in parse(e.formula).references())


@pytest.mark.parametrize(
    ("formulas", "circle"),
    [
        ({"AA": "BB", "BB": "CC", "CC": "AA"}, {"AA", "BB", "CC"}),
        ({"AA": "AA * 2"}, {"AA"}),
        ({"AA": "AA@上期 + BB", "BB": ""}, {"AA"}),
        ({"AA": "BB", "BB": "CC", "CC": "BB"}, {"BB", "CC"}),
    ],
)
def test_circles_are_refused_and_named(formulas: dict[str, str], circle: set[str]) -> None:
    entries = [made(code, text) for code, text in formulas.items()]
    with pytest.raises(InputError, match="循环引用") as caught:
        order(entries)
    named = str(caught.value.message).partition("：")[2].split(" → ")
    assert set(named) == circle
    assert named[0] == named[-1]
    assert all(any(ref.code == b for ref in parse(formulas[a]).references()) for a, b in pairwise(named))


def test_order_refuses_an_unknown_code() -> None:
    with pytest.raises(InputError, match="没有定义的指标 BB"):
        order([made("AA", "BB")])


# --- what does not fit together --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ([made("AA"), made("AA", row=3)], "编号AA重复"),
        ([made("AA", "BB / CC", unit="%")], "没有定义的指标 BB"),
        ([made("AA", "BB - CC", unit="%"), made("BB", unit="%"), made("CC", unit="%")], "个百分点"),
        ([made("AA", "BB / CC", unit="%"), made("BB"), made("CC", scope_default="全口径")], "写成 CC{全口径}"),
        ([made("AA", "BB{全口径}"), made("BB")], "口径是“规上”"),
        ([made("AA", "BB"), made("BB", lanes=("统计部门数据",))], "不同来源类别不能合算"),
        ([made("AA", "BB", lanes=("统计部门数据",)), made("BB", lanes=("统计部门数据",), stages=("最终核实",))], "没有写版次"),
        ([made("AA", "BB[大类=01]"), made("BB")], "没有按“大类”分列"),
        ([made("AA", "BB[大类]"), made("BB", items=("大类",))], "维度=取值"),
        ([made("AA", "BB[*]"), made("BB", items=("大类",))], "没有写分项"),
        ([made("AA", "BB[*]", items=("大类",)), made("BB", items=("类型",))], "没有按“大类”分列"),
        ([made("AA", "BB", items=("大类",)), made("BB")], "没有按“大类”分列"),
    ],
)
def test_entries_that_do_not_fit_are_refused(entries: list[Entry], said: str) -> None:
    with pytest.raises(InputError) as caught:
        validate(entries)
    assert said in str(caught.value)
    assert "行" in (caught.value.where or "")


def test_a_fitting_table_passes() -> None:
    """The counterpart of the refusals: each of them is one change away from this table."""
    bureau = {"lanes": ("统计部门数据",), "stages": ("最终核实",)}
    table = [
        made("AA", "BB[*] / CC{全口径}", unit="%", items=("大类",)), made("BB", items=("大类", "类型")), made("CC", scope_default="全口径"),
        made("DD", "EE", kind="比率", **bureau), made("EE", **bureau), made("FF", "BB[大类=01..03]"),
    ]  # fmt: skip
    validate(table)
    found = order(table)
    assert sorted(found) == ["AA", "BB", "CC", "DD", "EE", "FF"]
    assert all(found.index(used) < found.index(user) for user, used in (("AA", "BB"), ("AA", "CC"), ("DD", "EE"), ("FF", "BB")))


# --- files of a site -------------------------------------------------------------------------------------------

GOOD = {
    "code": "QX01", "tier": "extended", "group": "结构", "name": "电竞企业营业收入占比", "definition": "电竞企业营业收入占规上文化企业营业收入的比重",
    "unit": "%", "kind": "比率", "formula": "QX02 / SC06", "scope_default": "规上", "lanes": "本办监测口径",
    "owner": "宣传部", "frequency": "季度；年度", "note": "", "stages": "", "items": "", "sources": "",
}  # fmt: skip
PART = {**GOOD, "code": "QX02", "name": "电竞企业营业收入", "unit": "万元", "kind": "时期", "formula": ""}


def sheet(*rows: dict[str, str], columns: tuple[str, ...] = COLUMNS, encoding: str = "utf-8-sig") -> bytes:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


def test_a_site_adds_indicators_that_read_packaged_ones(tmp_path: Path) -> None:
    file = tmp_path / "本区指标.csv"
    file.write_bytes(sheet(GOOD, PART, columns=tuple(reversed(COLUMNS))) + b",,\r\n\r\n".replace(b",,", b"," * (len(COLUMNS) - 1)))
    added = load_file(str(file))
    assert [(e.code, e.row, e.frequency) for e in added] == [("QX01", 2, ("季度", "年度")), ("QX02", 3, ("季度", "年度"))]
    assert added[0].where == "本区指标.csv第2行，QX01"
    both = order((*load(), *added))
    assert both.index("QX01") > max(both.index("QX02"), both.index("SC06"))
    assert "QX01" not in {e.code for e in load()}


def test_a_line_break_inside_a_cell_does_not_shift_the_rows() -> None:
    data = sheet({**PART, "note": "第一句\n第二句\u2028第三句"}, {**PART, "code": "QX03", "unit": "斤"})
    with pytest.raises(InputError, match="第3行") as caught:
        read(data, "x.csv")
    assert "不认识的单位“斤”" in str(caught.value)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"code": "SC06"}, "编号SC06重复"),
        ({"code": "qx1"}, "不合规则"),
        ({"unit": "千万斤"}, "不认识的单位"),
        ({"unit": "亿元"}, "量纲"),
        ({"formula": "QX02 / "}, "没有写完"),
        ({"formula": "QX09 / SC06"}, "没有定义的指标 QX09"),
        ({"formula": "QX01 * 2"}, "循环引用：QX01 → QX01"),
        ({"formula": "(" * 199 + "1"}, "公式"),
        ({"formula": "-" * 199 + "1"}, "公式"),
        ({"formula": "1 - 0.5"}, "没有引用任何指标"),
        ({"formula": "9" * 5000}, "超过200个字符"),
        ({"lanes": "税务数据"}, "不能是“税务数据”"),
        ({"lanes": "；"}, "没有填“数据来源类别”"),
        ({"lanes": "行政记录"}, "不同来源类别不能合算"),
        ({"tier": "核心"}, "“层级”（tier）不能是“核心”"),
        ({"group": "其他"}, "不能是“其他”"),
        ({"kind": "比例"}, "不能是“比例”"),
        ({"kind": "结构"}, "没有写分项"),
        ({"frequency": "每天"}, "不能是“每天”"),
        ({"stages": "快报"}, "不能是“快报”"),
        ({"stages": "初步核算"}, "只能是统计部门数据"),
        ({"stages": "初步核算", "lanes": "统计部门数据", "kind": "时期"}, "只能录入"),
        ({"name": " "}, "没有填“名称”"),
        ({"definition": ""}, "没有填“定义”"),
        ({"unit": ""}, "没有填“单位”"),
    ],
)
def test_a_faulty_row_is_named(tmp_path: Path, changed: dict[str, str], said: str) -> None:
    file = tmp_path / "site.csv"
    file.write_bytes(sheet(PART, {**GOOD, **changed}))
    with pytest.raises(InputError) as caught:
        load_file(str(file))
    assert said in str(caught.value)
    assert "site.csv第3行" in (caught.value.where or "")


def workbook() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (workbook(), "电子表格文件"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "电子表格文件"),
        (sheet(PART, encoding="gb18030"), "编码不是UTF-8"),
        (sheet(PART, encoding="utf-16"), "编码不是UTF-8"),
        (sheet(PART).replace("宣传部".encode(), b"\0"), "空字符"),
        (b"", "是空的"),
        (b"\xef\xbb\xbf\r\n", "是空的"),
        (sheet(PART, columns=tuple(c for c in COLUMNS if c not in ("unit", "lanes"))), "缺少列：unit、lanes"),
        (sheet(PART, columns=(*COLUMNS, "unit")), "重复的列：unit"),
        (sheet(PART, columns=(*COLUMNS, "备注")), "多余或重复的列：备注"),
        ("编号;名称\nA;B\n".encode(), "缺少列"),
        (sheet(PART) + b"QX03,base\n", "这一行有2格"),
        (sheet(PART) + b'"QX03,base\n', "双引号没有成对"),
    ],
)
def test_garbage_is_refused_in_one_line(data: bytes, said: str) -> None:
    with pytest.raises(InputError) as caught:
        read(data, "x.csv")
    text = str(caught.value)
    assert said in text and "x.csv" in text and "\n" not in text


def test_a_file_that_is_not_there_or_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(InputError, match="打不开"):
            load_file(str(path))
    monkeypatch.setattr(dictionary, "_LARGEST_FILE", 10)
    (tmp_path / "big.csv").write_bytes(sheet(PART))
    with pytest.raises(InputError, match="超过"):
        load_file(str(tmp_path / "big.csv"))


def refusal(attempt: Callable[[], object]) -> InputError | None:
    """The refusal, or None when it was read; any other exception is the test's failure."""
    try:
        attempt()
    except InputError as error:
        return error
    return None


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    refused = refusal(lambda: read(data, "x.csv"))
    assert refused is None or (refused.remedy and "x.csv" in str(refused))


@given(st.sampled_from(COLUMNS), st.text(max_size=40))
def test_any_cell_is_read_or_refused(column: str, value: str) -> None:
    refused = refusal(lambda: validate((*load(), *read(sheet({**GOOD, column: value}, PART), "x.csv"))))
    assert refused is None or (refused.remedy and "x.csv" in str(refused))
