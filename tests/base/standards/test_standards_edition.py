"""Editions and crosswalks. Expected: README ("Quick test") and two public lists, one per edition."""

import pytest

from wenmai.base.standards import (
    culture_majors_2012,
    detect_edition,
    gbt_2011_to_2017,
    gbt_crosswalk,
    industry,
)
from wenmai.base.standards.crosswalk import only_in_2011, only_in_2017


@pytest.mark.parametrize("code", ["6572", "6432", "9011", "9012", "9013", "8626"])
def test_quick_test_codes_of_2017(code: str) -> None:
    edition = detect_edition([code, "5143"])
    assert edition.name == "GB/T 4754-2017" and edition.for_2017 == (code,)


@pytest.mark.parametrize("code", ["8510", "8731", "8790", "6420", "7240", "2450"])
def test_codes_only_in_2011(code: str) -> None:
    # 新闻业, 图书馆, 其他文化艺术业, 互联网信息服务, 广告业, 玩具制造 of the public 2011 list.
    edition = detect_edition([code, "5143"])
    assert edition.name == "GB/T 4754-2011" and edition.for_2011 == (code,)


def test_numbers_of_both_editions_prove_nothing_without_their_names() -> None:
    # README: 2011 has 8911 for 歌舞厅 and 6591 for 数字内容服务; in 2017 they are 体育竞赛组织 and 呼叫中心.
    assert detect_edition(["8911", "6591"]).name == "不可判定"
    assert detect_edition(["8911", "6591"], ["歌舞厅娱乐活动", "数字内容服务"]).name == "GB/T 4754-2011"
    assert detect_edition(["8911", "6591"], ["体育竞赛组织", "呼叫中心"]).name == "GB/T 4754-2017"


def test_a_mixed_column_is_undecided_and_shows_both_proofs() -> None:
    edition = detect_edition(["8790", "6572"])
    assert edition.name == "不可判定"
    assert (edition.for_2017, edition.for_2011) == (("6572",), ("8790",))


def test_unknown_codes_prove_nothing() -> None:
    edition = detect_edition(["0000", None, "88", ""])
    assert (edition.name, edition.unknown) == ("不可判定", ("0000",))


def test_the_two_sets_of_proof_do_not_meet() -> None:
    assert not only_in_2011() & only_in_2017()
    assert all(industry(c) is None for c in only_in_2011())


@pytest.mark.parametrize(
    ("old", "new"),
    [("8911", ("9011",)), ("6591", ("6571", "6572", "6579")), ("8710", ("8810",)), ("7492", ("8060",))],
)
def test_crosswalk_rows(old: str, new: tuple[str, ...]) -> None:
    row = gbt_2011_to_2017(old)
    assert row is not None and row.new_codes == new


def test_crosswalk_says_how_it_knows() -> None:
    for row in gbt_crosswalk():
        assert row.new_codes and len(row.targets()) == len(row.new_codes)
        assert row.status == ("核实" if row.evidence == "same_name" else "待确认")
        if row.evidence == "same_name":
            assert [t.name for t in row.targets()] == [row.old_name]
        assert (row.relation == "split") == (len(row.new_codes) > 1)
        assert (row.relation == "same") == (row.new_codes == (row.old_code,))


def test_uncovered_codes_are_not_declared_unchanged() -> None:
    assert gbt_2011_to_2017("1511") is None


def test_culture_2012_has_ten_majors_all_unconfirmed() -> None:
    majors = culture_majors_2012()
    assert len(majors) == 10
    assert {m.status for m in majors} == {"待确认"}
    assert {code for m in majors for code in m.majors_2018} <= {f"0{n}" for n in range(1, 10)}
