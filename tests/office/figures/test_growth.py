"""Growth, contribution, points contributed, matched frames."""

from fractions import Fraction as F

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wenmai.office.figures.methods.growth import base_from_growth, contributions, growth, matched_growth

VALUES = st.dictionaries(st.sampled_from("ABCDEFGH"), st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), min_size=1)


@given(VALUES)
def test_pulls_add_to_growth_and_contributions_to_one(parts: dict[str, tuple[int, int]]) -> None:
    now = {k: F(v[0]) for k, v in parts.items()}
    before = {k: F(v[1]) for k, v in parts.items()}
    if sum(before.values()) <= 0:
        with pytest.raises(ValueError, match="positive"):
            contributions(now, before)
        return
    rows = contributions(now, before)
    total = growth(sum(now.values()), sum(before.values()))
    assert sum(r.pull for r in rows) == total
    if total:
        assert sum(r.contribution for r in rows) == 1
    else:
        assert all(r.contribution is None for r in rows)


def test_contribution_within_rounding_is_unknown() -> None:
    rows = contributions({"a": F(10), "b": F(5)}, {"a": F(9), "b": F(5)}, F(1, 2))
    assert all(r.contribution is None for r in rows)


def test_new_formats_contribution_of_2024() -> None:
    """N24 (benchmarks.csv): all above-scale 141,510 up 6.0 %, new formats 59,082 contribute 65.7 % of the growth. With the
    base that 6.0 % implies, the new formats' own growth must then be near 9.8 %, and the pull 65.7 % of 6.0 points."""
    base = base_from_growth(F(141510), F("0.06"))
    assert base is not None
    change = F(141510) - base
    new_before = F(59082) - F("0.657") * change
    rows = contributions({"新业态": F(59082), "其他": F(141510 - 59082)}, {"新业态": new_before, "其他": base - new_before})
    assert rows[0].contribution == F("0.657")
    assert float(rows[0].pull) == pytest.approx(0.657 * 0.06, abs=1e-12)
    assert float(growth(F(59082), new_before) or 0) == pytest.approx(0.098, abs=0.001)


def test_comparable_growth_is_not_the_ratio_of_levels() -> None:
    """NBS above-scale revenue 2019: 86,624 after 89,257 in 2018, yet +7.0 % on a comparable base
    (real/economic_tables/nbs_culture_above_scale_revenue.csv): the implied base is 80,957, far from the published level."""
    assert round(float(base_from_growth(F(86624), F("0.07")) or 0)) == 80957
    assert float(growth(F(86624), F(89257)) or 0) < 0


def test_a_loss_has_no_growth_rate() -> None:
    assert growth(F(5), F(-3)) is None
    assert growth(F(5), F(0)) is None
    assert base_from_growth(F(1), F(-1)) is None


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 999), st.integers(0, 999)), max_size=12))
def test_matched_change_entered_and_left_add_up(units: list[tuple[bool, bool, int, int]]) -> None:
    names = [f"u{i}" for i in range(len(units))]
    frame_now = {n for n, u in zip(names, units, strict=True) if u[0]}
    frame_before = {n for n, u in zip(names, units, strict=True) if u[1]}
    now = {n: F(u[2]) for n, u in zip(names, units, strict=True) if u[0]}
    before = {n: F(u[3]) for n, u in zip(names, units, strict=True) if u[1]}
    m = matched_growth(now, before, frame_now, frame_before)
    assert sum(now.values()) - sum(before.values()) == m.matched_now - m.matched_before + m.entered - m.left
    assert not m.unmatched


def test_a_unit_without_report_is_named_not_zero() -> None:
    m = matched_growth({"a": F(11)}, {"a": F(10), "b": F(90)}, {"a", "b"}, {"a", "b"})
    assert m.unmatched == ("b",)
    assert m.rate == F(1, 10)


def test_a_restated_base_stands_before_the_old_report() -> None:
    m = matched_growth({"a": F(12)}, {"a": F(6)}, {"a"}, {"a"}, {"a": F(10)})
    assert m.rate == F(1, 5)
