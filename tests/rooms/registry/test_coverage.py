"""The gate closes where the directory has a hole, and only there."""

from __future__ import annotations

import datetime
import math
import random

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from wenmai.rooms.registry.methods.coverage import gate, spans, year_gaps
from wenmai.rooms.registry.methods.population import REASONS, exclusion


def test_gap_of_the_yuzhong_kind() -> None:
    # Shape of the 渝中 file as its README states it: 1980–2019 with no rows for 2011–2018.
    years = [y for y in range(1980, 2020) if not 2011 <= y <= 2018 for _ in range(60)]
    assert year_gaps(years) == list(range(2011, 2019))
    assert spans(year_gaps(years)) == "2011—2018"


def test_a_long_gap_is_one_whatever_the_size() -> None:
    # 2001–2002 and 2016–2017 busy, nothing between: thirteen years, more than any window around a year would see.
    for size in (8, 60, 2000):
        years = [y for y in (2001, 2002, 2016, 2017) for _ in range(size)]
        assert year_gaps(years) == list(range(2003, 2016)), size
    # The last year may be a part of one (30 rows of a January), the hole before it is there all the same.
    assert year_gaps([y for y in range(2000, 2011) for _ in range(300)] + [2019] * 30) == list(range(2011, 2019))
    # A few stray rows in it do not fill it: 5 of 60 is under a tenth.
    assert year_gaps([y for y in (2001, 2002, 2016, 2017) for _ in range(60)] + [2010] * 5) == list(range(2003, 2016))


def test_thin_years_of_a_growing_register_are_no_gap() -> None:
    # One more quarter every year from 2 upwards, with a weak year each fifth: slow beginnings, no hole.
    counts = {1980 + n: max(1, round(2 * 1.25**n * (0.6 if n % 5 == 4 else 1))) for n in range(40)}
    assert year_gaps([y for y, n in counts.items() for _ in range(n)]) == []
    # The shape of the 渝中 file's first years, as counted in it: a year of one row among years of ten to twenty.
    thin = {1981: 9, 1982: 17, 1983: 1, 1984: 9, 1985: 13, 1986: 21, 1992: 58, 1993: 68} | dict.fromkeys(range(1987, 1992), 9)
    assert year_gaps([y for y, n in (thin | dict.fromkeys(range(1994, 2010), 200)).items() for _ in range(n)]) == []
    # A small register by chance has years without any: one to three a year say nothing.
    assert year_gaps([1990, 1991, 1991, 1994, 1996, 1996, 1996, 2001, 2003, 2003]) == []


def test_even_years_have_no_gap() -> None:
    assert year_gaps([y for y in range(1990, 2020) for _ in range(20)]) == []
    assert year_gaps([]) == []


def test_status_opens_and_closes() -> None:
    def checks(status: list[str | None]) -> dict[str, bool]:
        n = len(status)
        frame = pl.DataFrame(
            {"status": status, "street": ["甲街道"] * n, "registered_on": [datetime.date(2000 + i % 20, 1, 1) for i in range(n)],
             "industry_code": ["8710"] * n, "unit_type": ["企业法人"] * n},
            schema_overrides={"status": pl.Utf8},
        )  # fmt: skip
        return {c.id: c.open for c in gate(frame)}

    assert checks(["存续"] * 200)["status"] and not checks([None] * 200)["status"]
    assert not checks(["存续"] * 180 + [None] * 20)["status"]


def test_a_firm_that_moved_away_is_excluded_as_that() -> None:
    rows = [("迁出", "文澜区", "企业法人"), ("迁出", "望汐区", "分支机构"), ("注销", "望汐区", None), ("存续", "望汐区", None), ("存续", "文澜区", None)]
    frame = pl.DataFrame(rows, schema={"status": pl.Utf8, "district": pl.Utf8, "unit_type": pl.Utf8}, orient="row")
    assert frame.select(exclusion("文澜区").alias("why"))["why"].to_list() == ["迁出", "迁出", "注销吊销", "区外", None]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["存续", "注销", "吊销", "迁出", None]), st.sampled_from(["文澜区", "文澜", "望汐区", None]),
            st.sampled_from(["企业法人", "分支机构", "个体工商户", "其他", None]),
        ),
        min_size=1, max_size=40,
    )
)  # fmt: skip
def test_every_unit_is_analysed_or_excluded_once(rows: list[tuple[str | None, ...]]) -> None:
    frame = pl.DataFrame(rows, schema={"status": pl.Utf8, "district": pl.Utf8, "unit_type": pl.Utf8}, orient="row")
    got = frame.with_columns(exclusion("文澜区").alias("why"))
    assert set(got["why"].drop_nulls().to_list()) <= set(REASONS)
    kept = got.filter(pl.col("why").is_null())
    # Unknown never excludes; what is kept is no gone unit, no branch, no outsider.
    assert not kept["status"].is_in(["注销", "吊销", "迁出"]).any()
    assert not kept["unit_type"].is_in(["分支机构", "个体工商户", "其他"]).any()
    assert not (kept["district"] == "望汐区").any()
    assert frame.filter(pl.all_horizontal(pl.all().is_null())).height <= kept.height


def test_a_small_register_has_empty_years_by_chance() -> None:
    """40 years of Poisson registrations without any gap: hardly one register in a hundred may be said to have one; and the
    same registers with five years really missing are nearly all caught."""
    rng = random.Random(20261125)

    def draw(mean: float) -> int:
        n, left = 0, math.exp(-mean)
        p = rng.random()
        while p > left:
            n, p = n + 1, p * rng.random()
        return n

    wrong = caught = 0
    for _ in range(300):
        counts = {y: draw(rng.choice((5.0, 6.0, 9.0))) for y in range(1985, 2025)}
        years = [y for y, n in counts.items() for _ in range(n)]
        wrong += bool(year_gaps(years))
        holed = [y for y in years if not 2003 <= y <= 2007]
        caught += set(range(2003, 2008)) <= set(year_gaps(holed))
    assert wrong <= 6
    assert caught >= 285
