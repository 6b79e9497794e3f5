"""GB/T 4754-2017: counts, parents, names, division by a register's text. Source: README of the data."""

import pytest

from wenmai.base import standards
from wenmai.base.standards.gbt4754 import name_key


def test_counts_of_the_amended_edition() -> None:
    # README: 20 sections, 97 divisions, 473 groups, 1,382 classes (1,382 also stated by the Jiangsu bureau).
    counts = [len(standards.industries(level)) for level in ("section", "division", "group", "class")]
    assert counts == [20, 97, 473, 1382]
    assert len(standards.industries()) == 1972


def test_every_parent_exists_and_every_code_starts_with_it() -> None:
    for item in standards.industries():
        if item.level == "section":
            assert item.parent == ""
            continue
        parent = standards.industry(item.parent)
        assert parent is not None and parent.section == item.section
        assert item.level == "division" or item.code.startswith(parent.code)


def test_codes_keep_leading_zeros_and_are_not_repaired() -> None:
    rice = standards.industry("0111")
    assert rice is not None and rice.name == "稻谷种植" and rice.parent == "011"
    shortened = standards.industry("111")
    assert shortened is not None and shortened.level == "group" and shortened.parent == "11"


@pytest.mark.parametrize("text", ["R8810", " 8810 ", "８８１０", "8810.0"])
def test_ways_of_writing_a_class_code(text: str) -> None:
    item = standards.industry(text)
    assert item is not None and item.code == "8810"


@pytest.mark.parametrize("text", ["C8810", "", "88101", "文化", "881.0", "Z", "9800"])
def test_what_is_no_code_is_none(text: str) -> None:
    assert standards.industry(text) is None


def test_amendment_of_2019() -> None:
    # README: 9231 监察委员会 is new, 人民法院 moved 9231 -> 9232, 人民检察院 9232 -> 9233.
    by_code = {i.code: i for i in standards.gbt_amendment_2019()}
    assert set(by_code) == {"923", "9231", "9232", "9233"}
    assert (by_code["9231"].name, by_code["9231"].name_before_2019) == ("监察委员会", "人民法院")
    assert (by_code["9232"].name, by_code["9232"].name_before_2019) == ("人民法院", "人民检察院")


def test_division_of_any_code() -> None:
    assert standards.division_name("3075") == "非金属矿物制品业"
    assert standards.division_name("88") == "文化艺术业"
    assert standards.division_name("R") is None
    assert standards.division_name("9999") is None


def test_division_names_do_not_collide_under_the_comparison_key() -> None:
    keys = {name_key(i.name) for i in standards.industries("division")}
    assert len(keys) == 97


@pytest.mark.parametrize("item", standards.industries("division"), ids=lambda i: i.code)
def test_every_division_is_found_by_name_and_with_its_number_glued(item: standards.Industry) -> None:
    for text in (item.name, f"{item.name}{item.code}", f"{item.section}{item.code}{item.name}"):
        assert standards.find_division(text) == item


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("造纸和纸制品业", "22"),  # product brief
        ("非金属矿物制品业30", "30"),  # product brief
        ("造纸及纸制品业", "22"),  # 及 for 和, as older registers write
        ("文化艺术业87", "88"),  # division 87 of the 2011 edition (public list of that edition)
        ("广播、电视、电影和影视录音制作业", "87"),  # 2011 name of division 86
        ("仓储业", "59"),  # 2011 name
    ],
)
def test_division_by_text(text: str, code: str) -> None:
    found = standards.find_division(text)
    assert found is not None and found.code == code


@pytest.mark.parametrize("text", ["娱乐业88", "30", "", "文化、体育和娱乐业", "装卸搬运和运输代理业"])
def test_division_text_that_decides_nothing(text: str) -> None:
    assert standards.find_division(text) is None


def test_section_by_text() -> None:
    found = standards.find_section("文化、体育和娱乐业")
    assert found is not None and found.code == "R"
    assert standards.find_section("文化艺术业") is None
