"""The benchmark generator: shape, valid codes, distinct scopes, lengths near the hard-coded quantiles."""

from pathlib import Path

import polars as pl
import pytest

from wenmai.base.standards import uscc
from wenmai.base.values.errors import InputError
from wenmai.samples import write_big
from wenmai.samples.big import SCOPE_LENGTH_QUANTILES


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    path = write_big(tmp_path_factory.mktemp("big") / "big.csv", 60_000, seed=7)
    return pl.read_csv(path, infer_schema_length=0)


def test_has_the_rows_asked_for_across_a_batch_border(big: pl.DataFrame) -> None:
    assert big.height == 60_000
    assert big.columns[0] == "企业名称"
    assert "企业名称" not in set(big["企业名称"])


def test_at_least_four_scopes_in_five_are_distinct(big: pl.DataFrame) -> None:
    assert big["经营范围"].n_unique() / big.height >= 0.8


def test_scope_lengths_follow_the_quantiles(big: pl.DataFrame) -> None:
    length = big["经营范围"].str.len_chars()
    for step in range(2, 20):
        found = length.quantile(step / 20)
        assert found is not None
        assert abs(found - SCOPE_LENGTH_QUANTILES[step]) <= max(3, 0.1 * SCOPE_LENGTH_QUANTILES[step])


def test_codes_are_distinct_and_pass_both_check_digits(big: pl.DataFrame) -> None:
    codes = big["统一社会信用代码"].drop_nulls().to_list()
    assert len(set(codes)) == len(codes) > 57_000
    assert uscc.valid_mask(codes).all()
    assert all(uscc.org_code_is_valid(code[8:17]) for code in codes[:5000])


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    first = write_big(tmp_path / "a.csv", 500, seed=1).read_bytes()
    assert write_big(tmp_path / "b.csv", 500, seed=1).read_bytes() == first
    assert write_big(tmp_path / "c.csv", 500, seed=2).read_bytes() != first


def test_impossible_row_count_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="行数"):
        write_big(tmp_path / "a.csv", 0)
