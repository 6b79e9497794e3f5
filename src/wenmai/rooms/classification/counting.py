"""Figures that are more than a count: the interval of the published count, and sums of classes.

What the interval rests on (model, calibration, level, seed) is kept with the snapshot when it is published, so that an
old snapshot's interval never changes when the site's model does.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from wenmai.office.figures.models import Snapshot
from wenmai.office.figures.typed import Figure
from wenmai.rooms.classification import services
from wenmai.rooms.classification.indicators import IDENTIFIED, analysed
from wenmai.rooms.classification.methods import interval as method
from wenmai.rooms.classification.methods.interval import calibration_bins, count_interval
from wenmai.rooms.classification.methods.queue import groups
from wenmai.rooms.classification.models import DecidedBy, Decision, Outcome
from wenmai.rooms.registry.models import Enterprise

LEVEL = 0.9
SEED = 20260101
# Enough that an independent simulation can tell the bounds from bounds that are 3 % off (docs/methods/interval.md).
DRAWS = 40000
# How many small classes a report lists before 其余小类.
LISTED_CLASSES = 15
UNKNOWN_OLD = "快照发布时未记录模型与校准，区间不能按当时的模型计算"
UNKNOWN_MIXED = "快照发布时有单位尚未按现用模型识别，校准与概率不是同一模型"
UNKNOWN_UNREAD = "快照发布时有单位尚未识别"
_COLUMNS = ("key", "probability", "decided_by", "outcome")


def interval_facts(paths: dict[str, Path]) -> dict[str, Any]:
    """What the interval of a snapshot is computed from, besides its rows; or why there is none."""
    model = services.current_model()
    others = Decision.objects.filter(enterprise__current=True, decided_by=DecidedBy.SYSTEM).exclude(model_version=model.version)
    if others.exists():
        return {"interval": {"unknown": UNKNOWN_MIXED, "model": model.version}}
    if Enterprise.objects.filter(current=True, decision=None).exists():
        return {"interval": {"unknown": UNKNOWN_UNREAD, "model": model.version}}
    table = pq.read_table(paths["units"], columns=[*_COLUMNS, "excluded"])
    rows = table.filter(pc.is_null(table["excluded"]))
    _, decided = _arrays(rows)
    edges, counts = calibration_bins(
        model.calibration_edges, model.calibration_counts, _probability(rows), decided, _identified(rows), _signatures(rows, decided)
    )
    known = {
        "model": model.version, "edges": [float(e) for e in edges], "counts": np.asarray(counts).tolist(), "level": LEVEL,
        "seed": SEED, "draws": DRAWS, "disagreement": method.DISAGREEMENT, "prior_rows": method.PRIOR_ROWS,
        "prior_floor": method.PRIOR_FLOOR,
    }  # fmt: skip
    return {"interval": known}


def interval_rows(units: Any) -> pa.Table:
    """key, probability, decided_by, outcome of every analysed unit, by key: all that the interval takes from rows."""
    return units.filter(analysed(units)).select(*_COLUMNS).order_by("key").to_pyarrow()


def _probability(rows: pa.Table) -> np.ndarray:
    return np.asarray(rows["probability"].to_numpy(zero_copy_only=False).astype(float))


def _identified(rows: pa.Table) -> np.ndarray:
    return np.isin(np.array(rows["outcome"].to_pylist()), IDENTIFIED)


def _arrays(rows: pa.Table) -> tuple[np.ndarray, np.ndarray]:
    """(P(culture), settled by a person). What a person left 待核定 is as open as before."""
    by_person = np.array(rows["decided_by"].to_pylist()) == DecidedBy.PERSON.value
    decided = by_person & (np.array(rows["outcome"].to_pylist()) != Outcome.PENDING.value)
    # A person's decision is sure; a unit that was never classified has no probability and counts as the base rate.
    text = np.nan_to_num(_probability(rows), nan=0.5)
    return np.where(decided, _identified(rows).astype(float), text), decided


def _signatures(rows: pa.Table, decided: np.ndarray) -> np.ndarray:
    """(n,) equal integers for decided units that were read alike: together they are one label, not several."""
    evidence = dict(Decision.objects.filter(decided_by=DecidedBy.PERSON).values_list("enterprise__key", "evidence"))
    at = np.flatnonzero(decided)
    keys = rows["key"].to_pylist()
    group = np.arange(len(decided), dtype=np.int64)
    if len(at):
        group[at] = at[groups([evidence.get(keys[i]) or "[]" for i in at])]
    return group


def with_interval(tables: dict[str, Any], snapshot: Snapshot, figures: dict[str, Figure]) -> dict[str, Figure]:
    """Add the sums of classes, and culture.interval computed from what was kept with the snapshot."""
    base = figures.get("culture.identified")
    if base is None:
        return figures
    figures = dict(figures)
    _top_three(figures, base)
    _other_classes(figures, base)
    rows = interval_rows(tables["units"])
    if not rows.num_rows:
        return figures
    known = snapshot.facts.get("interval") or {"unknown": UNKNOWN_OLD}
    about = {
        **base.as_dict(), "id": "culture.interval", "title": "文化企业数的估计", "kind": "interval", "parts_of": None, "table": None,
    }  # fmt: skip
    if "unknown" in known:
        extra = {"unknown": known["unknown"], "model": known.get("model")}
        figures["culture.interval"] = Figure(**{**about, "value": None, "definition": f"区间未知：{known['unknown']}", "extra": extra})
        return figures
    prob, by_person = _arrays(rows)
    found = count_interval(
        prob, by_person, tuple(known["edges"]), np.array(known["counts"], dtype=np.float64).reshape(-1, 2), level=known["level"],
        seed=known["seed"], draws=known["draws"], disagreement=known["disagreement"],
    )  # fmt: skip
    figures["culture.interval"] = Figure(
        **{
            **about, "value": round(found.estimate), "low": float(found.low), "high": float(found.high),
            "definition": f"识别误差的 {known['level']:.0%} 区间，含校准与标注误差；模型 {known['model']}",
            "extra": {"level": known["level"], "seed": known["seed"], "model": known["model"]},
        }
    )  # fmt: skip
    return figures


def _largest(figures: dict[str, Figure], prefix: str) -> list[Figure]:
    found = [f for f in figures.values() if f.id.startswith(prefix) and f.kind == "count"]
    return sorted(found, key=lambda f: (-(f.value or 0), f.id))


def _sum(base: Figure, parts: list[Figure], figure_id: str, title: str, definition: str) -> Figure:
    total = sum(int(f.value or 0) for f in parts)
    about = {"id": figure_id, "title": title, "kind": "sum", "value": total, "definition": definition, "extra": {"parts": [f.id for f in parts]}}
    return Figure(**{**base.as_dict(), "parts_of": None, "table": None, **about})


def _other_classes(figures: dict[str, Figure], base: Figure) -> None:
    rest = _largest(figures, "culture.small.")[LISTED_CLASSES:]
    if rest:
        figures["culture.small_rest"] = _sum(base, rest, "culture.small_rest", "其余小类", f"家数居前 {LISTED_CLASSES} 位以外的小类之和")


def _top_three(figures: dict[str, Figure], base: Figure) -> None:
    top = _largest(figures, "culture.major.")[:3]
    if len(top) < 3 or not base.value:
        return
    total = _sum(base, top, "culture.top3", "居前三位大类合计", "家数最多的三个大类之和")
    figures["culture.top3"] = total
    figures["culture.top3.share"] = Figure(
        **{
            **total.as_dict(), "id": "culture.top3.share", "title": "居前三位大类合计占比", "kind": "share", "unit": "%",
            "value": round(100 * int(total.value or 0) / base.value, 1), "decimals": 1, "extra": {},
            "definition": "居前三位大类合计 ÷ 识别为文化企业", "numerator": "culture.top3", "denominator": base.id,
        }
    )  # fmt: skip
