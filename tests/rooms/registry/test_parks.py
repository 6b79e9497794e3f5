"""Spellings of one park: merged by the office's table, proposed by likeness, never merged by likeness."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wenmai.base.values import InputError
from wenmai.office.events.models import Event
from wenmai.rooms.registry import parks, queries, services, storage
from wenmai.rooms.registry.methods.parks import Parks, propose, reason_alike
from wenmai.rooms.registry.models import Enterprise

A, B = "91440300708461136T", "914403001922038216"
FULL = "云栖文化创意产业园"


@pytest.mark.parametrize(
    "other",
    ["云栖文化创意产业园 ", "云栖·文化创意产业园", "云栖文化创意产业园区", "云栖文创意产业园", "云栖产业园", "云栖园区", "文澜区云栖文化创意产业园",
     "甲乙路8号云栖文化创意产业园", "文澜区东门街道云栖产业园", "云栖文化创义产业园"],
)  # fmt: skip
def test_variants_of_one_park_are_proposed(other: str) -> None:
    assert reason_alike(FULL, other)


@pytest.mark.parametrize(
    ("one", "two"),
    [("云栖产业园一期", "云栖产业园二期"), ("云栖产业园A区", "云栖产业园B区"), ("云栖东园", "云栖西园"), ("1号文创园", "2号文创园"),
     ("云栖产业园", "望汐产业园"), ("文澜数字产业园", "文澜影视基地"), ("798艺术区", "751艺术区")],
)  # fmt: skip
def test_parks_that_differ_in_what_tells_them_apart_are_not_proposed(one: str, two: str) -> None:
    assert reason_alike(one, two) is None


@given(st.text(st.sampled_from("云栖文澜产业园区甲乙路12号AB一二期东西（）·"), max_size=12), st.text(st.sampled_from("云栖产业园区12AB"), max_size=10))
def test_likeness_has_no_order(a: str, b: str) -> None:
    assert reason_alike(a, b) == reason_alike(b, a)


def test_the_table_merges_and_only_the_table() -> None:
    table = Parks([(2, FULL, "云栖园"), (3, FULL, "云栖产业园"), (4, "望汐数字园", "")])
    assert table.name("云栖园") == table.name(" 云栖产业园（") == table.name(FULL + " ") == FULL
    assert table.name("望汐数字园区") == "望汐数字园区"
    assert table.names == [FULL, "望汐数字园"] and len(table) == 2


def test_names_of_the_table_are_what_others_may_mean() -> None:
    table = Parks([(2, "望汐数字园", "")])
    found = propose({"望汐数字园区": 90, "云栖产业园": 5, "云栖园区": 2}, table)
    assert [(p.name, p.park) for p in found] == [("望汐数字园区", "望汐数字园"), ("云栖园区", "云栖产业园")]


@pytest.mark.parametrize(
    ("rows", "words"),
    [([(2, "", "甲园")], "第 2 行"), ([(2, "甲园", "丙园"), (3, "乙园", "丙园")], "第 3 行"), ([(2, "甲园", "乙园"), (3, "乙园", "")], "第 2 行")],
)  # fmt: skip
def test_a_table_that_contradicts_itself_is_refused(rows: list[tuple[int, str, str]], words: str) -> None:
    with pytest.raises(InputError, match=words):
        Parks(rows)


def write(path: Path, *rows: tuple[str, str, str]) -> Path:
    path.write_text("企业名称,统一社会信用代码,所属园区\n" + "".join(",".join(r) + "\n" for r in rows), encoding="utf-8")
    return path


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_an_import_uses_the_table_and_tells(home: Path, tmp_path: Path, encoding: str) -> None:
    parks.path().write_text(f"园区,别名\n{FULL},云栖园\n", encoding=encoding)
    file = write(tmp_path / "a.csv", ("云岭甲文化有限公司", A, "云栖园"), ("云岭乙文化有限公司", B, "云栖产业园"))
    batch = services.import_file(file)
    assert parks.counts() == {FULL: 1, "云栖产业园": 1}
    told = {(k["reason"], k["count"]) for k in queries.problem_kinds(batch)}
    assert (f"按园区对照表归为“{FULL}”", 1) in told
    assert batch.columns["parks"] and "云栖产业园" in batch.columns["parks"][0]
    # The file's own cell stays verbatim, and the same file changes nothing.
    assert storage.read(batch.pk, "raw-0")["所属园区"].to_list() == ["云栖园", "云栖产业园"]
    assert services.import_file(file).counts["unchanged"] == 2


@pytest.mark.django_db(transaction=True)
def test_a_table_changed_later_is_applied_on_demand(home: Path, tmp_path: Path) -> None:
    services.import_file(write(tmp_path / "a.csv", ("云岭甲文化有限公司", A, "云栖园区"), ("云岭乙文化有限公司", B, FULL)))
    assert [(p.name, p.park) for p in parks.proposals()] == [(FULL, "云栖园区")]
    assert services.merge_parks() == {} and not Event.objects.filter(verb="registry.parks.merged").exists()
    parks.path().write_text(f"{FULL},云栖园区\n", encoding="utf-8")
    version = queries.version()
    assert services.merge_parks() == {FULL: 1}
    assert set(Enterprise.objects.values_list("park", flat=True)) == {FULL} and queries.version() == version + 1
    assert Event.objects.filter(verb="registry.parks.merged").count() == 1
    assert services.merge_parks() == {} and queries.version() == version + 1
