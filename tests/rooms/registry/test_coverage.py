"""The gate closes where the directory has a hole, and only there."""

from __future__ import annotations

import datetime

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


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["存续", "注销", "吊销", None]), st.sampled_from(["文澜区", "文澜", "望汐区", None]),
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
    assert not kept["status"].is_in(["注销", "吊销"]).any()
    assert not kept["unit_type"].is_in(["分支机构", "个体工商户", "其他"]).any()
    assert not (kept["district"] == "望汐区").any()
    assert frame.filter(pl.all_horizontal(pl.all().is_null())).height <= kept.height
