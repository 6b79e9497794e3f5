"""区自定口径 files: what they decide and how a wrong file is told. Codes: GB/T 4754-2017."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wenmai.base.standards import ancestors, example_scope_list, industries, industry, load_scope_list, parse_scope_list, read_scope_bytes
from wenmai.base.standards.scopes import MAX_BYTES, MAX_RULES
from wenmai.base.values.errors import InputError

HEAD = "项目,取值,限定代码,说明\n名称,试,,\n版本,1,,\n"


def write(folder: Path, text: str, name: str = "scope.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_example_is_valid_and_versioned() -> None:
    scope = example_scope_list()
    assert (scope.name, scope.version, scope.review_on) == ("文化旅游（示例）", "1", date(2026, 12, 31))
    assert len(scope.digest) == 64
    assert scope.in_force(date(2025, 1, 1)) and not scope.in_force(date(2024, 12, 31))


@pytest.mark.parametrize(
    ("code", "text", "answer"),
    [
        ("7861", None, "纳入"),  # under group 786
        ("7862", None, "不纳入"),  # the more specific code wins
        ("6110", "民宿服务", "纳入"),
        ("6110", "住宿", "待核定"),
        ("6110", None, "待核定"),
        ("6432", "旅游平台；外卖配送", "不纳入"),  # an exclusion word takes the match back
        ("8810", "文艺创作", "不纳入"),
        ("0000", None, "待核定"),
    ],
)
def test_example_decides(code: str, text: str | None, answer: str) -> None:
    assert example_scope_list().judge(code, text).answer == answer


def test_a_match_by_text_is_marked_as_preliminary() -> None:
    verdict = example_scope_list().judge("6110", "民宿服务")
    assert verdict.by_text and "初步识别" in verdict.reason
    assert not example_scope_list().judge("7861").by_text


def test_tsv_and_byte_order_mark_are_read(tmp_path: Path) -> None:
    text = "\ufeff" + (HEAD + "纳入,88,,\n").replace(",", "\t")
    scope = load_scope_list(write(tmp_path, text, "scope.tsv"))
    assert scope.judge("8810").answer == "纳入"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("项目,取值\n名称,试\n", "表头不对（scope.csv 第1行）"),
        ("项目,取值,限定代码,说明\n名称,试,,\n纳入,88,,\n", "缺少“版本”"),
        (HEAD, "没有纳入任何行业"),
        (HEAD + "纳入,8911x,,\n", "代码“8911x”不在 GB/T 4754-2017 中（scope.csv 第4行）"),
        (HEAD + "纳入,8790,,\n", "代码“8790”不在 GB/T 4754-2017 中"),
        (HEAD + "纳入,88,,\n排除,88,,\n", "代码 88 已在第4行写为“纳入”（scope.csv 第5行）"),
        (HEAD + "纳入,88,,\n关键词,旅游,,\n", "不作用于任何行业"),
        (HEAD + "部分纳入,88,,\n关键词,旅游,90,\n", "不作用于任何行业"),
        (HEAD + "纳入,,,\n", "“纳入”没有取值"),
        (HEAD + "部分纳入,88,,\n关键词,|,,\n", "没有词语"),
        (HEAD + "纳入,88,90,\n", "不能写限定代码"),
        (HEAD + "包括,88,,\n", "不认识的项目“包括”"),
        (HEAD + "名称,又,,\n纳入,88,,\n", "“名称”写了两次"),
        (HEAD + "起用日期,2025年,,\n纳入,88,,\n", "日期“2025年”不对"),
        (HEAD + "起用日期,2025-02-01,,\n失效日期,2025-01-01,,\n纳入,88,,\n", "失效日期早于起用日期"),
        (HEAD + "纳入,88,,甲,乙\n", "列数多于表头"),
    ],
)
def test_wrong_files_are_told_in_chinese(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        load_scope_list(write(tmp_path, text))
    assert message in str(caught.value)
    assert caught.value.remedy


def test_missing_and_undecodable_files(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="读不出来"):
        load_scope_list(tmp_path / "none.csv")
    path = tmp_path / "gbk.csv"
    path.write_bytes("项目,取值".encode("gb18030"))
    with pytest.raises(InputError, match="UTF-8"):
        load_scope_list(path)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "空的"),
        (b" \n\n", "空的"),
        (b"PK\x03\x04" + b"\x00" * 200, "Excel 工作簿"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "Excel 97—2003"),
        (b"%PDF-1.7", "PDF"),
        (HEAD.encode("utf-16"), "UTF-8"),
        (HEAD.encode("gb18030"), "UTF-8"),
        ("项目,取值\x00".encode(), "二进制"),
        (bytes(range(256)) * 10, "UTF-8"),
        (b"x" * (MAX_BYTES + 1), "超过"),
        ((HEAD + '纳入,"' + "7" * 200_000 + '",,\n').encode(), "规范的 CSV"),
        ((HEAD + '纳入,"88,,\n纳入,90,,\n').encode(), "单元格内有换行"),  # a quote that never closes
        ((HEAD + "纳入,7291,,\n" * (MAX_RULES + 1)).encode(), "规则超过"),
        (HEAD.replace("试", "试" * 41).encode(), "“名称”超过 40 个字（口径.csv 第2行）"),
        (HEAD.replace("试", '"试\n二"').encode(), "单元格内有换行"),
        (HEAD.replace("试", "试\u200b").encode(), "不可见字符"),
        (b"<html><body>404</body></html>", "表头不对"),
    ],
)  # fmt: skip
def test_garbage_is_told_in_one_chinese_line(raw: bytes, message: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_scope_list(raw, "口径.csv")
    assert message in str(caught.value) and "口径.csv" in str(caught.value)
    assert caught.value.remedy and "\n" not in str(caught.value)


def test_no_more_than_the_limit_is_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.csv"
    with path.open("wb") as handle:
        handle.truncate(5 * 10**9)  # a sparse file: reading it whole would take memory and minutes
    assert len(read_scope_bytes(path)) == MAX_BYTES + 1


def test_full_width_separators_and_letters_are_read(tmp_path: Path) -> None:
    scope = load_scope_list(write(tmp_path, HEAD + "部分纳入,61,,\n部分纳入,90,,\n关键词,民宿｜ＶＲ,61；90,\n"))
    assert [r.words for r in scope.rules if r.kind == "关键词"] == [("民宿", "ＶＲ")]
    assert scope.judge("9020", "VR 体验馆").answer == scope.judge("6110", "民宿").answer == "纳入"


def test_a_coarse_code_waits_where_the_list_is_finer() -> None:
    """61 is a division; a list that counts 6130 otherwise than the rest of it cannot be answered for 61."""
    text = HEAD + "部分纳入,61,,\n纳入,6130,,\n纳入,R,,\n排除,9020,,\n纳入,7291,,\n"
    scope = parse_scope_list(text.encode(), "x.csv")
    assert [scope.judge(c).answer for c in ("61", "6130", "R", "90", "902", "86", "72", "729", "73")] == [
        "待核定", "纳入", "待核定", "待核定", "待核定", "纳入", "待核定", "待核定", "不纳入",
    ]  # fmt: skip
    assert "过粗" in scope.judge("61", "民宿").reason


@pytest.mark.parametrize(("version", "label"), [("1", "试第1版"), ("2025年", "试2025年版"), ("征求意见稿", "试征求意见稿"), ("第2版", "试第2版")])
def test_label(version: str, label: str) -> None:
    assert parse_scope_list(HEAD.replace("版本,1", f"版本,{version}").encode() + b"\xe7\xba\xb3\xe5\x85\xa5,88,,\n", "x.csv").label == label


CLASSES = [i.code for i in industries("class")]


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.data())
def test_the_most_specific_code_decides(data: st.DataObject) -> None:
    """For random lists and classes: the answer is that of the longest listed code in the class's own chain."""
    chosen = data.draw(st.lists(st.sampled_from([i.code for i in industries()]), min_size=1, max_size=12, unique=True))
    kinds = {c: data.draw(st.sampled_from(["纳入", "排除", "部分纳入"])) for c in chosen}
    kinds[chosen[0]] = "纳入"
    scope = parse_scope_list((HEAD + "".join(f"{k},{c},,\n" for c, k in kinds.items())).encode(), "x.csv")
    under = [c for c in CLASSES if any(a.code in kinds for a in ancestors(c))]
    code = data.draw(st.sampled_from(under))
    # Order of the chain by the standard: 4, 3, 2 digits, then the section letter.
    levels = [code, code[:3], code[:2], industry(code).section]  # type: ignore[union-attr]
    first = next(kinds[level] for level in levels if level in kinds)
    assert scope.judge(code, "随便").answer == {"纳入": "纳入", "排除": "不纳入", "部分纳入": "待核定"}[first]


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    st.lists(st.sampled_from(["民宿", "露营", "餐饮", "外卖", "货运", "展览"]), min_size=1, max_size=5),
    st.sets(st.sampled_from(["民宿", "露营", "展览"]), min_size=1),
    st.sets(st.sampled_from(["外卖", "货运"]), min_size=1),
    st.booleans(),
)
def test_an_exclusion_word_beats_every_keyword(items: list[str], keys: set[str], bad: set[str], bracketed: bool) -> None:
    """Wherever it stands; in a bracket neither counts."""
    rules = f"部分纳入,61,,\n关键词,{'|'.join(sorted(keys))},,\n排除词,{'|'.join(sorted(bad))},,\n"
    scope = parse_scope_list((HEAD + rules).encode(), "x.csv")
    text = "住宿" + (f"（{'、'.join(items)}）" if bracketed else "；" + "；".join(items))
    said = set() if bracketed else set(items)
    expected = "不纳入" if said & bad else "纳入" if said & keys else "待核定"
    verdict = scope.judge("6110", text)
    assert verdict.answer == expected and verdict.by_text == (expected != "待核定")
