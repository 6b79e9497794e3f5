"""区自定口径 files: what they decide and how a wrong file is told. Codes: GB/T 4754-2017."""

from datetime import date
from pathlib import Path

import pytest

from wenmai.base.standards import example_scope_list, load_scope_list
from wenmai.base.values.errors import InputError

HEAD = "项目,取值,限定代码,说明\n名称,试,,\n版本,1,,\n"


def write(folder: Path, text: str, name: str = "scope.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_example_is_valid_and_versioned() -> None:
    scope = example_scope_list()
    assert (scope.name, scope.version, scope.review_on) == ("文化旅游（示例）", "示例-1", date(2026, 12, 31))
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
