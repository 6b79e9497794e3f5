"""口径对账桥: closes exactly, and what nobody explained is said."""

from fractions import Fraction as F

from hypothesis import given
from hypothesis import strategies as st

from wenmai.office.figures.methods.bridge import source_bridge, unit_bridge

SETS = st.sets(st.sampled_from([f"u{i}" for i in range(30)]))


@given(SETS, SETS)
def test_every_unit_has_one_line(before: set[str], now: set[str]) -> None:
    bridge = unit_bridge(before, now, lambda u: "新设" if u < "u2" else "迁入", lambda u: "注销", ("迁入", "新设"))
    assert bridge.start + sum(line.change for line in bridge.lines) == bridge.end == len(now)
    listed = [u for line in bridge.lines for u in line.units]
    assert sorted(listed) == sorted(before ^ now)


def test_remainder_is_printed_not_hidden() -> None:
    bridge = source_bridge(F(412), F(450), {"个体工商户": F(30), "分支机构": F(5)})
    assert bridge.unexplained == 3
    assert not bridge.closed
    assert source_bridge(F(412), F(450), {"个体工商户": F(38)}).closed
