"""文化及相关产业分类（2018）. Expected: README of the data (9/43/146 from two copies of the preface)."""

from wenmai.base import standards


def test_counts_stated_in_the_preface() -> None:
    assert len(standards.culture_majors()) == 9
    assert len(standards.culture_middles()) == 43
    assert len(standards.culture_smalls()) == 146
    assert len(standards.culture_entries()) == 156


def test_138_whole_and_18_starred_codes_none_used_twice() -> None:
    whole = {e.gbt_code for e in standards.culture_entries() if not e.partial}
    starred = {e.gbt_code for e in standards.starred()}
    assert (len(whole), len(starred)) == (138, 18)
    assert not whole & starred


def test_every_gbt_class_exists_and_bears_the_same_name() -> None:
    for entry in standards.culture_entries():
        item = standards.industry(entry.gbt_code)
        assert item is not None and item.level == "class" and item.name == entry.gbt_name


def test_whole_small_classes_with_one_code_are_named_like_it() -> None:
    # README check 3: all 126 plain one-code small classes have exactly the name of their GB/T class.
    plain = [c for c in standards.culture_smalls() if len(c.entries) == 1 and not c.entries[0].partial]
    assert len(plain) == 126
    assert all(c.name == c.entries[0].gbt_name for c in plain)


def test_the_two_small_classes_of_several_codes() -> None:
    exhibitions, toys = standards.culture_small("0740"), standards.culture_small("0930")
    assert exhibitions is not None and toys is not None
    assert [e.gbt_code for e in exhibitions.entries] == ["7281", "7282", "7283", "7284", "7289"]
    assert [e.gbt_code for e in toys.entries] == ["2451", "2452", "2453", "2454", "2455", "2456", "2459"]
    assert standards.culture_small("9999") is None


def test_new_forms_are_those_of_the_ningbo_guide() -> None:
    # Ningbo 2024 guide, annex 1: 16 new-form classes with their codes.
    guide = {c.gbt_code for c in standards.digital_culture_ningbo() if c.group == "new_form"}
    ours = {e.gbt_code for c in standards.new_forms() for e in c.entries}
    assert len(standards.new_forms()) == 16
    assert ours == guide


def test_stars_of_the_ningbo_guide_agree() -> None:
    for item in standards.digital_culture_ningbo():
        entry = standards.culture_of(item.gbt_code)
        assert entry is not None and entry.partial == item.partial


def test_core_is_majors_one_to_six() -> None:
    assert [m.core for m in standards.culture_majors()] == [True] * 6 + [False] * 3


def test_sector_kind_follows_the_section() -> None:
    # README: derived from the GB/T section (C; 51; 52; rest).
    for entry in standards.culture_entries():
        item = standards.industry(entry.gbt_code)
        assert item is not None
        expected = {"51": "wholesale", "52": "retail"}.get(entry.gbt_code[:2], "service")
        assert entry.sector_kind == ("manufacturing" if item.section == "C" else expected)


def test_starred_entries_say_what_counts_and_are_unconfirmed() -> None:
    for entry in standards.starred():
        assert entry.partial_scope and entry.scope_keywords and entry.status == "待确认"
    performance = standards.culture_of("8810")
    assert performance is not None and performance.status == "核实" and performance.small_code == "0231"


def test_outside_the_scope_is_none() -> None:
    assert standards.culture_of("6510") is None  # a 2011 number
    assert standards.culture_of("7291") is None  # 旅行社: not a culture class
    assert standards.culture_of("88") is None  # a division is not a class
