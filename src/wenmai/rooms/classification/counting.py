"""Figures that are more than a count: the interval of the published count, and the share of the three largest classes."""

from __future__ import annotations

from typing import Any

import numpy as np

from wenmai.office.figures.models import Snapshot
from wenmai.office.figures.typed import Figure
from wenmai.rooms.classification import services
from wenmai.rooms.classification.indicators import IDENTIFIED, analysed
from wenmai.rooms.classification.methods.interval import count_interval, equal_mass_edges
from wenmai.rooms.classification.methods.model import Model

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
    if not rows.num_rows:
        return figures
    model = services.current_model()
    by_person = np.array(rows["decided_by"].to_pylist()) == "人工核定"
    identified = np.isin(np.array(rows["outcome"].to_pylist()), IDENTIFIED)
    # A person's decision is sure; a unit that was never classified has no probability and counts as the base rate.
    text = np.nan_to_num(rows["probability"].to_numpy(zero_copy_only=False).astype(float), nan=0.5)
    prob = np.where(by_person, identified.astype(float), text)
    edges, counts = calibration(model, prob[~by_person])
    interval = count_interval(prob, by_person, edges, counts, level=LEVEL, seed=SEED)
    figures["culture.interval"] = Figure(
        **{
            **base.as_dict(), "id": "culture.interval", "title": "文化企业数的估计", "kind": "interval",
            "value": round(interval.estimate), "low": float(interval.low), "high": float(interval.high),
            "definition": f"识别误差的 {LEVEL:.0%} 区间（方法见 docs/methods/interval.md），含校准与标注误差",
            "parts_of": None, "table": None, "extra": {"level": LEVEL, "seed": SEED, "model": model.version},
        }
    )  # fmt: skip
    return figures


def calibration(model: Model, prob: np.ndarray) -> tuple[tuple[float, ...], np.ndarray]:
    """The model's calibration bins; one without labelled rows gets ten equal-mass bins that carry only the prior."""
    if model.calibration_counts:
        return model.calibration_edges, np.array(model.calibration_counts, dtype=np.int64)
    edges = equal_mass_edges(prob) if len(prob) else ()
    return edges, np.zeros((len(edges) + 1, 2), dtype=np.int64)


def _top_three(figures: dict[str, Figure], base: Figure) -> None:
    majors = [f for f in figures.values() if f.id.startswith("culture.major.") and ".share" not in f.id]
    top = sorted(majors, key=lambda f: (-(f.value or 0), f.id))[:3]
    if len(top) < 3 or not base.value:
        return
    total = sum(int(f.value or 0) for f in top)
    shared = {**base.as_dict(), "parts_of": None, "table": None}
    figures["culture.top3"] = Figure(
        **{
            **shared, "id": "culture.top3", "title": "居前三位大类合计", "kind": "sum", "value": total,
            "definition": "家数最多的三个大类之和", "extra": {"parts": [f.id for f in top]},
        }
    )  # fmt: skip
    figures["culture.top3.share"] = Figure(
        **{
            **shared, "id": "culture.top3.share", "title": "居前三位大类合计占比", "kind": "share", "unit": "%",
            "value": round(100 * total / base.value, 1), "decimals": 1, "definition": "居前三位大类合计 ÷ 识别为文化企业",
            "numerator": "culture.top3", "denominator": base.id,
        }
    )  # fmt: skip
