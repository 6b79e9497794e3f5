"""Linkage by likeness: vectorised as defined name by name, and stable when the same file comes again."""

from __future__ import annotations

import random
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wenmai.rooms.registry import services
from wenmai.rooms.registry.methods.linkage import MARGIN, THRESHOLD, link, score
from wenmai.rooms.registry.methods.names import core_name, core_names, normal_name
from wenmai.rooms.registry.models import Enterprise, EnterpriseName

LETTERS = st.sampled_from("云岭文澜甲乙丙市区省县有限责任公司股份集团(普通合伙)（）· AB1")
NAMES = st.text(LETTERS, max_size=24)


@given(st.lists(NAMES, max_size=20))
def test_the_column_form_equals_the_single_form(names: list[str]) -> None:
    normal = [normal_name(n) for n in names]
    assert core_names(pl.Series(normal, dtype=pl.Utf8)).to_list() == [core_name(n) for n in names]


def frame(names: list[str], addresses: list[str | None] | None = None) -> pl.DataFrame:
    columns = {"name": [normal_name(n) for n in names], "address": addresses or [None] * len(names)}
    return pl.DataFrame(columns, schema={"name": pl.Utf8, "address": pl.Utf8})


@st.composite
def crowded(draw: st.DrawFn) -> tuple[list[str], list[str]]:
    """(asked, pool): names of one place and trade that differ in a few characters, so that some link and some rivals
    are near; the asked ones are often a pool name with one character changed."""
    mark = st.text(st.sampled_from("甲乙丙丁戊己庚辛壬癸"), min_size=4, max_size=6)
    pool = [f"云岭{m}文化传播有限公司" for m in draw(st.lists(mark, min_size=1, max_size=10))]
    asked = []
    for name in draw(st.lists(st.sampled_from(pool), min_size=1, max_size=6)):
        at = draw(st.integers(0, len(name) - 5))
        asked.append(name[:at] + draw(st.sampled_from("甲乙丙丁子丑寅")) + name[at + 1 :])
    return asked, pool


def test_a_link_is_the_best_and_clear_of_the_next() -> None:
    # Oracle: every pair scored one by one. No pool here is large enough for blocking to leave out a near rival.
    linked = refused = 0

    @settings(deadline=None, max_examples=150, derandomize=True)
    @given(crowded())
    def check(names: tuple[list[str], list[str]]) -> None:
        nonlocal linked, refused
        asked, pool = names
        found = {row: (index, value) for row, index, value in link(frame(asked), frame(pool)).iter_rows()}
        for row, name in enumerate(asked):
            scores = sorted((score(name, other) for other in pool), reverse=True) + [0.0]
            if row not in found:
                refused += 1
                continue
            linked += 1
            index, value = found[row]
            assert value == pytest.approx(score(name, pool[index])) and value == pytest.approx(scores[0])
            assert value >= THRESHOLD - 1e-9 and value - scores[1] >= MARGIN - 1e-9
            assert len(core_name(name)) >= 4

    check()
    assert linked > 50 and refused > 50  # neither side of the rule was tried in vain


def test_one_wrong_character_is_found_and_two_equals_are_not() -> None:
    pool = frame(["云岭甲乙丙丁文化传播有限公司", "云岭戊己庚辛商贸有限公司"])
    assert link(frame(["云岭甲乙丙丁文化传媒有限公司"]), pool)["index"].to_list() == [0]
    twice = pl.concat([pool, pool])
    assert link(frame(["云岭甲乙丙丁文化传媒有限公司"]), twice).is_empty()
    assert MARGIN > 0


def test_the_address_decides_near_the_threshold() -> None:
    # Cores of 7, one character apart: 1 - 1/7 = 0.857; the address moves it by 0.06 either way.
    pool = frame(["云岭甲乙丙丁坊"], ["文澜区某路1号"])
    assert link(frame(["云岭甲乙丙戊坊"], ["文澜区某路1号"]), pool).height == 1
    assert link(frame(["云岭甲乙丙戊坊"], ["望汐县别村9组"]), pool).is_empty()


def register(rng: random.Random) -> list[tuple[str, str, str]]:
    """Rows with crowded names: some coded, many not, some one character off another's name."""
    from wenmai.base.standards.uscc import ALPHABET, check

    marks, trades = "甲乙丙丁戊己庚辛壬癸", ("文化传播", "文化传媒", "数字科技", "广告设计")
    rows: list[tuple[str, str, str]] = []
    serial = 0
    while len(rows) < 260:
        name = "云岭" + "".join(rng.choices(marks, k=3)) + rng.choice(trades) + rng.choice(("有限公司", "有限责任公司", "工作室"))
        code = ""
        if rng.random() < 0.6:
            serial += 1
            body = f"91{999901:06d}{serial:08d}"
            code = next((c for a in ALPHABET for b in ALPHABET if check(c := body + a + b).ok and check(c).org_code_ok), "")
        rows.append((name, code, f"某路{rng.randint(1, 40)}号"))
    return rows


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_crowded_names_are_linked_the_same_way_the_second_time(home: Path, tmp_path: Path, seed: int) -> None:
    # Without remembering the linked name, what the first import created competes in the second and undoes links:
    # 156 enterprises too many in a million generated rows.
    path = tmp_path / "a.csv"
    rows = register(random.Random(seed))
    path.write_text("企业名称,统一社会信用代码,注册地址\n" + "".join(",".join(r) + "\n" for r in rows), encoding="utf-8")
    first = services.import_file(path)
    assert first.counts["duplicate"] > 5 and EnterpriseName.objects.filter(kind="variant").exists()
    before = list(Enterprise.objects.order_by("key").values_list())
    again = services.import_file(path)
    assert again.counts["created"] == again.counts["updated"] == 0
    assert list(Enterprise.objects.order_by("key").values_list()) == before


@pytest.mark.django_db(transaction=True)
def test_a_name_recognised_by_likeness_replaces_nothing(home: Path, tmp_path: Path) -> None:
    code = "91440300708461136T"  # from uscc_test_vectors.csv
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    first.write_text(f"企业名称,统一社会信用代码,登记状态\n云岭甲乙丙丁文化传播有限公司,{code},存续\n", encoding="utf-8")
    second.write_text("企业名称,统一社会信用代码,登记状态\n云岭甲乙丙丁文化传媒有限公司,,注销\n", encoding="utf-8")
    services.import_file(first)
    batch = services.import_file(second)
    enterprise = Enterprise.objects.get()
    assert batch.counts["updated"] == 1
    assert (enterprise.name, enterprise.status) == ("云岭甲乙丙丁文化传播有限公司", "注销")
    assert list(enterprise.names.values_list("kind", "name")) == [("variant", "云岭甲乙丙丁文化传媒有限公司")]
    assert services.import_file(second).counts["unchanged"] == 1
