"""GB 32100-2015. Expected: the 41 rows of uscc_test_vectors.csv (checked with python-stdnum 2.2)."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc as stdnum_uscc

from wenmai.base.standards import uscc
from wenmai.base.standards.tables import read_rows

VECTORS = read_rows("uscc_test_vectors.csv")
characters = st.sampled_from(uscc.ALPHABET)


@st.composite
def valid_codes(draw: st.DrawFn) -> str:
    body = draw(st.text(characters, min_size=17, max_size=17))
    return body + uscc.check_character(body)


@pytest.mark.parametrize("row", VECTORS, ids=lambda r: r["code"])
def test_vectors(row: dict[str, str]) -> None:
    result = uscc.check(row["code"])
    assert result.ok == (row["uscc_check_ok"] == "true")
    assert result.org_code_ok == (row["org_code_check_ok"] == "true")
    assert bool(result.reason) == (not result.ok)


def test_there_are_41_vectors_and_the_mask_agrees_on_them() -> None:
    assert len(VECTORS) == 41
    expected = [r["uscc_check_ok"] == "true" for r in VECTORS]
    assert uscc.valid_mask([r["code"] for r in VECTORS]).tolist() == expected


@given(
    st.text(st.sampled_from("0123456789"), min_size=8, max_size=8),
    st.text(characters, min_size=9, max_size=9),
)
def test_check_character_agrees_with_python_stdnum(first: str, last: str) -> None:
    assert uscc.check_character(first + last) == stdnum_uscc.calc_check_digit(first + last)


@given(st.lists(st.one_of(st.none(), st.text(max_size=20), st.text(characters, min_size=18, max_size=18), valid_codes())))
def test_mask_equals_check(codes: list[str | None]) -> None:
    assert uscc.valid_mask(codes).tolist() == [uscc.check(c).ok for c in codes]


@given(valid_codes(), st.integers(0, 17), characters)
def test_any_single_wrong_character_is_found(code: str, place: int, character: str) -> None:
    # All weights are invertible modulo the prime 31, so one substitution always changes the sum.
    wrong = code[:place] + character + code[place + 1 :]
    assert uscc.check(code).ok
    assert uscc.check(wrong).ok == (wrong == code)


def test_letters_among_the_first_eight_places_are_accepted() -> None:
    # README: python-stdnum rejects codes that begin with A, N or Y (military, rural collectives, others).
    body = "N2110105MF0000012"
    code = body + uscc.check_character(body)
    assert not stdnum_uscc.is_valid(code)
    result = uscc.check(code)
    assert result.ok and (result.authority, result.kind) == ("农业农村", "村级集体经济组织")
    assert result.is_enterprise is False


@pytest.mark.parametrize(
    ("prefix", "kind", "enterprise"),
    [
        ("91", "企业", True),  # practice.md and product brief: 91, 92, 93, 11-13, 51-53, 81
        ("92", "个体工商户", False),
        ("93", "农民专业合作社", False),
        ("11", "机关", False),
        ("12", "事业单位", False),
        ("51", "社会团体", False),
        ("52", "民办非企业单位", False),
        ("53", "基金会", False),
        ("81", "基层工会", False),
        ("99", "未知机构类别", None),
    ],
)
def test_first_two_places_say_what_kind_of_unit(prefix: str, kind: str, enterprise: bool | None) -> None:
    body = prefix + "110000600037341"
    result = uscc.check(body + uscc.check_character(body))
    assert result.ok and (result.kind, result.is_enterprise) == (kind, enterprise)


def test_parts_of_a_code() -> None:
    result = uscc.check("91110000600037341L")  # python-stdnum docstring
    assert (result.area, result.org_code, result.authority_digit, result.kind_digit) == (
        "110000",
        "600037341",
        "9",
        "1",
    )


@pytest.mark.parametrize(
    "written",
    [
        "91110000600037341l",
        " 91110000600037341L",
        "9111 0000 6000 37341L",
        "９1110000600037341L",
        "9I110000600037341L",
    ],
)
def test_nothing_is_repaired_but_a_suggestion_is_made(written: str) -> None:
    result = uscc.check(written)
    assert not result.ok and result.reason and result.code == written
    assert result.suggestion == "91110000600037341L"


def test_no_suggestion_when_no_reading_passes() -> None:
    assert uscc.check("91110000600037341X").suggestion is None
    assert uscc.check("9133000073600620X").suggestion is None  # 17 characters


def test_reasons_name_what_is_wrong() -> None:
    assert uscc.check(None).reason == "统一社会信用代码为空"
    assert uscc.check("123").reason == "应为18位，实为3位"
    assert "第2位" in uscc.check("9I440300708461136T").reason
    assert "第18位应为L" in uscc.check("91110000600037341X").reason


def test_an_identity_number_in_the_column_is_recognised() -> None:
    # 11010519491231002X is the example number printed in GB 11643-1999.
    assert "身份证" in uscc.check("11010519491231002X").reason


def test_mask_takes_arrays_and_empty_input() -> None:
    assert uscc.valid_mask(np.array(["91110000600037341L", "x"])).tolist() == [True, False]
    assert uscc.valid_mask(np.array(["91110000600037341L", None], dtype=object)).tolist() == [True, False]
    assert uscc.valid_mask([]).shape == (0,)


def test_a_million_codes_take_under_three_seconds() -> None:
    codes = [r["code"] for r in VECTORS] * 24_500  # 1,004,500 codes
    start = time.perf_counter()
    mask = uscc.valid_mask(codes)
    assert time.perf_counter() - start < 3
    assert int(mask.sum()) == 22 * 24_500  # README: 22 valid codes
