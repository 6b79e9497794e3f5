"""Units that are not one are not merged: rival codes, other numbers, shops of one name at other addresses.

Codes are from uscc_test_vectors.csv (they pass both checks); the expected counts follow from the rows by hand.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wenmai.rooms.registry import services
from wenmai.rooms.registry.methods.identity import assign_keys
from wenmai.rooms.registry.models import Enterprise

A, B = "91440300708461136T", "914403001922038216"
HEAD = "企业名称,统一社会信用代码,注册号,注册地址\n"


def bring(path: Path, body: str) -> dict[str, int]:
    path.write_text(HEAD + body, encoding="utf-8")
    return {k: n for k, n in services.import_file(path).counts.items() if n}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["便民超市", "云岭便民商贸有限公司"])
def test_two_codes_never_become_one_unit(home: Path, tmp_path: Path, name: str) -> None:
    # One uncoded entry, then two codes under its name: which of them it is cannot be told, so it is neither.
    assert bring(tmp_path / "a.csv", f"{name},,,甲路1号\n") == {"created": 1}
    assert bring(tmp_path / "b.csv", f"{name},{A},,甲路1号\n{name},{B},,甲路1号\n") == {"created": 2}
    assert set(Enterprise.objects.values_list("credit_code", flat=True)) == {None, A, B}
    assert bring(tmp_path / "b.csv", f"{name},{A},,甲路1号\n{name},{B},,甲路1号\n") == {"unchanged": 2}


@pytest.mark.django_db(transaction=True)
def test_one_code_is_the_code_of_the_entry_that_had_none(home: Path, tmp_path: Path) -> None:
    bring(tmp_path / "a.csv", "云岭便民商贸有限公司,,,甲路1号\n便民超市,,,乙路2号\n")
    assert bring(tmp_path / "b.csv", f"云岭便民商贸有限公司,{A},,丙路3号\n便民超市,{B},,乙路2号\n") == {"updated": 2}
    assert Enterprise.objects.count() == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("together", [True, False])
def test_shops_of_one_name_at_other_addresses_stay_apart(home: Path, tmp_path: Path, together: bool) -> None:
    coded, others = f"便民超市,{A},,甲路1号\n", "便民超市,,,乙路2号\n便民超市,,,丙路3号\n便民超市,,,\n"
    if together:
        assert bring(tmp_path / "a.csv", coded + others) == {"created": 4}
    else:
        assert bring(tmp_path / "a.csv", coded) == {"created": 1}
        assert bring(tmp_path / "b.csv", others) == {"created": 3}
    assert Enterprise.objects.get(key=A).address == "甲路1号"
    assert bring(tmp_path / "c.csv", others) == {"unchanged": 3}
    # At the same address it is the same shop.
    assert bring(tmp_path / "d.csv", "便民超市,,,甲路1号\n") == {"unchanged": 1}
    assert Enterprise.objects.count() == 4


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("together", [True, False])
def test_two_registration_numbers_are_two_units(home: Path, tmp_path: Path, together: bool) -> None:
    first, second = "云岭文华书画社,,500103000000001,甲路1号\n", "云岭文华书画社,,500103000000002,乙路2号\n"
    bring(tmp_path / "a.csv", first + second if together else first)
    bring(tmp_path / "b.csv", second)
    found = set(Enterprise.objects.values_list("reg_no", "address"))
    assert found == {("500103000000001", "甲路1号"), ("500103000000002", "乙路2号")}


@pytest.mark.django_db(transaction=True)
def test_two_numbers_cannot_both_be_those_of_an_entry_without_one(home: Path, tmp_path: Path) -> None:
    bring(tmp_path / "a.csv", "云岭文华书画社,,,甲路1号\n")
    body = "云岭文华书画社,,500103000000001,甲路1号\n云岭文华书画社,,500103000000002,乙路2号\n"
    assert bring(tmp_path / "b.csv", body) == {"created": 2}
    assert bring(tmp_path / "b.csv", body) == {"unchanged": 2}


ROW = st.tuples(
    st.sampled_from([None, A, B]), st.sampled_from([None, "1", "2"]), st.sampled_from(["便民超市", "云岭文华书画社", "云岭文华商贸有限公司"]),
    st.sampled_from([None, "甲路1号", "乙路2号"]),
)  # fmt: skip


def frame(rows: list[tuple[str | None, ...]]) -> pl.DataFrame:
    schema = dict.fromkeys(("credit_code", "reg_no", "name", "address"), pl.Utf8)
    at = pl.int_range(pl.len(), dtype=pl.Int64)
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(
        at.alias("seq"), pl.lit(0).alias("sheet"), (at + 2).alias("row"), pl.lit(None, pl.Utf8).alias("fatal")
    )


@settings(deadline=None, max_examples=200)
@given(st.lists(ROW, max_size=5), st.lists(ROW, min_size=1, max_size=6))
def test_one_unit_never_has_two_codes(register: list[tuple[str | None, ...]], rows: list[tuple[str | None, ...]]) -> None:
    # Whatever stands and whatever comes: rows of one key have one code at most, and it is not another than the entry's.
    known = frame(register)
    known = known.with_columns(assign_keys(known, known.clear().with_columns(pl.lit("").alias("key")))["key"])
    standing = known.group_by("key").agg(*(pl.col(c).drop_nulls().first() for c in ("credit_code", "reg_no", "name", "address")))
    both = frame(rows).join(assign_keys(frame(rows), standing).select("seq", "key"), on="seq")
    codes = pl.concat([both.select("key", "credit_code"), standing.select("key", "credit_code")]).drop_nulls()
    assert both.height == len(rows) and both["key"].null_count() == 0
    assert codes.group_by("key").agg(pl.col("credit_code").n_unique()).filter(pl.col("credit_code") > 1).is_empty()
