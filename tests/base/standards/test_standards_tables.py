"""Row counts and keys of the shipped tables. Expected counts: README of the data, unless said."""

from importlib.resources import files

import pytest

from wenmai.base import standards
from wenmai.base.standards.tables import read_rows
from wenmai.base.values.errors import NotFound

# README: "gbt4754_2017.csv - 1,972 rows" and so on; the count of phrases is in the product brief.
ROWS = {
    "gbt4754_2017.csv": 1972,
    "culture_2018.csv": 156,
    "digital_culture_ningbo_2024.csv": 24,
    "tourism_2018_codes_unverified.csv": 180,
    "strategic_emerging_2018_major8.csv": 5,
    "enterprise_size_2017.csv": 30,
    "above_scale_thresholds.csv": 8,
    "registration_types.csv": 166,
    "uscc_test_vectors.csv": 41,
    "ich_categories.csv": 10,
    "ich_national.csv": 3610,
    "occupations_culture_2022.csv": 198,
    "business_scope_phrases.csv": 1550,
}


@pytest.mark.parametrize(("name", "count"), ROWS.items())
def test_row_count_is_that_of_the_source(name: str, count: int) -> None:
    assert len(read_rows(name)) == count


def test_every_data_file_is_in_the_catalogue_with_source_and_doubt() -> None:
    data = files("wenmai.base.standards") / "data"
    shipped = {f.name for f in data.iterdir() if f.name.endswith(".csv")}
    assert {t.file for t in standards.tables()} == shipped
    for info in standards.tables():
        assert info.title and info.edition and info.source and info.doubt
        assert info.status in {"核实", "待确认"}


def test_unknown_table_is_told_in_chinese() -> None:
    with pytest.raises(NotFound, match=r"没有这张标准表（nothing\.csv）"):
        standards.table("nothing.csv")


def test_pending_lists_the_starred_classes_and_the_unverified_tables() -> None:
    items = standards.pending()
    starred = [p for p in items if p.item.startswith("部分计入类")]
    assert len(starred) == 18  # README: 18 starred codes, partial_scope recalled
    unverified = {p.table for p in items if p.item.startswith("整表")}
    assert {"tourism_2018_codes_unverified.csv", "business_scope_phrases.csv"} <= unverified
    assert "gbt4754_2017.csv" not in unverified
    assert all(p.reason and p.confirm_by for p in items)


def test_ich_totals_per_category() -> None:
    # README: official totals 251, 431, 356, 473, 213, 166, 417, 629, 182, 492; 83 rows without a province.
    totals = [c.national_subitems for c in standards.ich_categories()]
    assert totals == [251, 431, 356, 473, 213, 166, 417, 629, 182, 492]
    assert [len(standards.ich_of(category=c.name)) for c in standards.ich_categories()] == totals
    assert len(standards.ich_of(province="")) == 83
    assert sum(not i.protecting_unit for i in standards.ich_items()) == 2


def test_occupations_and_phrases_are_found_by_code_and_by_text() -> None:
    # Rows of the two CSV files; README: 4-13-04-04 differs between the sources.
    occupation = standards.occupation("2-02-14-02")
    assert occupation is not None and occupation.digital and not occupation.green
    assert standards.occupation("9-99-99-99") is None
    guide = standards.occupation("4-13-04-04")
    assert guide is not None and guide.sources_agreeing == "differs"
    phrase = standards.scope_phrase("谷物种植")
    assert phrase is not None and (phrase.code, phrase.section) == ("A1001", "A")
    assert standards.scope_phrase("谷物") is None


def test_side_lists_use_codes_of_the_2017_edition() -> None:
    # README: "Every code exists in GB/T 4754-2017"; 16 new-form and 8 digital media classes.
    assert all(standards.industry(t.gbt_code) for t in standards.tourism_unverified())
    groups = [c.group for c in standards.digital_culture_ningbo()]
    assert (groups.count("new_form"), groups.count("digital_core")) == (16, 8)
    assert standards.strategic_major8()[0] == ("8", "数字创意产业")
