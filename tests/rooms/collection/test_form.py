"""The form language: what it reads, and that every fault names its place."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wenmai.base.values import InputError
from wenmai.base.values.period import period
from wenmai.rooms.collection import forming
from wenmai.rooms.collection.methods.form import LEGAL, read

from .conftest import FORM
from .conftest import LEGAL as HEAD


def test_reads_the_packaged_example() -> None:
    form = read(forming.example())
    assert form.kind == "园区管理记录" and form.subject == "park"
    assert [line.id for line in form.lines] == ["A01", "A02", "B01", "B02", "C01", "C02"]
    assert form.missing_to_issue() == ()
    assert form.lines[0].when(period("2026Q3")).code == "2026-09-30" and form.lines[4].when(period("2026Q3")).code == "2026Q3"


def test_a_statistical_form_needs_every_legal_field() -> None:
    text = FORM.replace("类别: 园区管理记录", "类别: 地方统计调查")
    assert read(text).missing_to_issue() == LEGAL
    assert read(HEAD + text).missing_to_issue() == ()
    for name in LEGAL:
        rest = "\n".join(x for x in HEAD.splitlines() if not x.startswith(name))
        assert read(rest + "\n" + text).missing_to_issue() == (name,)
    # Said twice by the brief's own word.
    assert read(FORM.replace("类别: 园区管理记录", "kind: 园区管理记录")).kind == "园区管理记录"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("截止: 期后15日", "截止: 十五天内", "第5行第5列"),
        ("标识: park-q", "标识: 园区", "第1行第5列"),
        ("频率: 季度", "频率: 每季", "频率“每季”不在可选项内"),
        ("编号: A02", "编号: A01", "“A01”出现两次"),
        ("单位: 万元, 来源类: 本办监测口径, 口径: 园区}\n  - {编号: C02", "单位: 块, 来源类: 本办监测口径, 口径: 园区}\n  - {编号: C02", "不认识的单位"),
        ("来源类: 本办监测口径, 口径: 园区, 必填: 否", "来源类: 统计部门数据, 口径: 园区, 必填: 否", "不能用于报表"),
        ("指标: PK06", "指标: PK05", "与 C01 写入同一个数"),
        ("必填: 否", "必填: false", "只能写 是 或 否"),
        ("{式: A01 >= A02}", "{式: A01 >= C01}", "量纲"),
        ("{式: A01 >= A02}", "{式: A01 >= B09}", "没有的行：B09"),
        ("{式: A01 >= A02}", "{式: A01}", "有且只有一个比较号"),
        ("{式: A01 >= A02}", "{式: A01 >= A02 >= A01}", "有且只有一个比较号"),
        ("标识: p2", "标识: p1", "“p1”出现两次"),
        ("用途: 测试", "用途: 测试\n备注: x", "不认识“备注”"),
        ("用途: 测试", "用途: &a 测试", "不能用引用"),
        ("用途: 测试\n", "", "没有写“用途”"),
    ],
)
def test_a_fault_names_its_place(old: str, new: str, said: str) -> None:
    assert old in FORM
    with pytest.raises(InputError) as caught:
        read(FORM.replace(old, new, 1), "表.yaml")
    assert said in str(caught.value)
    assert caught.value.where is not None and caught.value.where.startswith("表.yaml第") and "列" in caught.value.where


def test_due_day_and_frequency() -> None:
    form = read(FORM)
    assert form.due(period("2026Q3")) == date(2026, 10, 15)
    assert read(FORM.replace("期后15日", "次月10日")).due(period("2026Q4")) == date(2027, 1, 10)
    assert [form.fits(period(p)) for p in ("2026Q1", "2026", "2026M07", "2026H1", "2026-09-30")] == [True, False, False, False, False]
    cumulated = read(FORM.replace("频率: 季度", "频率: 累计季度"))
    assert [cumulated.fits(period(p)) for p in ("2026年1—9月", "2026H1", "2026Q1", "2026Q3", "2026")] == [True, True, True, False, True]


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(max_size=300), st.lists(st.sampled_from(FORM.splitlines() + ["- [", "  {a: b", "x: [[[[[[[[[[[[1]]]]]]]]]]]]", "? a", "!!python/object:os.system x", "&a *a"]), max_size=25).map("\n".join)))
def test_garbage_is_an_input_error(text: str) -> None:
    """Whatever comes in is read or refused in Chinese; nothing else is ever raised and no object is built from a tag."""
    try:
        read(text)
    except InputError as error:
        assert error.message
