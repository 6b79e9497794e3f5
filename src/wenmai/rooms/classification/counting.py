"""Figures that are more than a count: the interval of the published count, and the share of the three largest classes."""

from __future__ import annotations

from typing import Any

from wenmai.office.figures.models import Snapshot
from wenmai.office.figures.typed import Figure
from wenmai.rooms.classification import services
from wenmai.rooms.classification.indicators import analysed
from wenmai.rooms.classification.methods.interval import count_interval

LEVEL = 0.9
SEED = 20260101


def with_interval(tables: dict[str, Any], snapshot: Snapshot, figures: dict[str, Figure]) -> dict[str, Figure]:
    """Add culture.interval and culture.top3.share to the figures of a snapshot."""
    base = figures.get("culture.identified")
    if base is None:
        return figures
    figures = dict(figures)
    _top_three(figures, base)
    units = tables["units"]
    rows = units.filter(analysed(units)).select("probability", "decided_by", "outcome", "basis", "key").order_by("key").to_pyarrow()
    model = services.current_model()
    interval = count_interval(rows, model, level=LEVEL, seed=SEED)
    if interval is None:
        return figures
    figures["culture.interval"] = Figure(
        **{
            **base.as_dict(), "id": "culture.interval", "title": "文化企业数的估计", "kind": "interval",
            "value": round(interval.estimate), "low": float(interval.low), "high": float(interval.high),
            "definition": f"识别误差的 {LEVEL:.0%} 区间（方法见 docs/methods/interval.md），含校准与标注误差",
            "parts_of": None, "table": None, "extra": {"level": LEVEL, "seed": SEED, "model": model.version},
        }
    )  # fmt: skip
    return figures


def _top_three(figures: dict[str, Figure], base: Figure) -> None:
    majors = [f for f in figures.values() if f.id.startswith("culture.major.") and ".share" not in f.id]
    top = sorted(majors, key=lambda f: (-(f.value or 0), f.id))[:3]
    if len(top) < 3 or not base.value:
        return
    value = round(100 * sum(f.value or 0 for f in top) / base.value, 1)
    figures["culture.top3.share"] = Figure(
        **{
            **base.as_dict(), "id": "culture.top3.share", "title": "居前三位大类合计占比", "kind": "share", "unit": "%",
            "value": value, "decimals": 1, "definition": "前三大类家数之和 ÷ 识别为文化企业", "numerator": None,
            "denominator": base.id, "parts_of": None, "table": None, "extra": {"numerators": [f.id for f in top]},
        }
    )  # fmt: skip
