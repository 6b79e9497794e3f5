"""The model: weights of the shipped features, a calibration curve, and what a site adds to them.

A model is kept as a directory with `model.json` (weights, thresholds, calibration) and `arrays.npz` (site
coefficients); nothing in it is executable.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from wenmai.base.values.errors import InputError

from .features import FEATURES
from .lexicon import FloatArray

SHIPPED_VERSION = "shipped-2026.2"
FORMAT = 1

# Hand-set on the rules of the labels (name word, then first items, then the rest); no gold row was fitted.
_WEIGHTS: dict[str, float] = {
    "name_last": 1.0,
    "name_rest": 0.45,
    "name_generic": 0.5,
    "name_silent": -0.6,
    "first_item": 1.6,
    "first_three": 1.5,
    "all_items": 1.6,
    "culture_share": 0.6,
    "scope_empty": -0.3,
}
_INTERCEPT = -0.6


@dataclass(frozen=True)
class Model:
    """Everything `classify` needs.

    `weights` (len(FEATURES),) and `intercept` give a raw logit; `scale` and `shift` calibrate it. `review_low` and
    `review_high` bound the probabilities left to a person (待核定). A site model adds `arrays`: "site_coef" over shipped
    features plus hashed n-grams, and the division predictor ("div_coef", "div_intercept").
    `calibration_counts` (10, 2): rows and positives per equal-mass bin from cross-validation, empty when not trained.
    """

    version: str
    weights: FloatArray
    intercept: float
    scale: float = 1.0
    shift: float = 0.0
    review_low: float = 0.2
    review_high: float = 0.75
    divisions: tuple[str, ...] = ()
    arrays: dict[str, FloatArray] = field(default_factory=dict)
    calibration_edges: tuple[float, ...] = ()
    calibration_counts: tuple[tuple[int, int], ...] = ()

    def save(self, path: str | Path) -> None:
        """Write the model into the directory `path`, which is created."""
        folder = Path(path)
        folder.mkdir(parents=True, exist_ok=True)
        meta = {
            "format": FORMAT,
            "version": self.version,
            "features": list(FEATURES),
            "weights": self.weights.tolist(),
            "intercept": self.intercept,
            "scale": self.scale,
            "shift": self.shift,
            "review_low": self.review_low,
            "review_high": self.review_high,
            "divisions": list(self.divisions),
            "calibration_edges": list(self.calibration_edges),
            "calibration_counts": [list(c) for c in self.calibration_counts],
        }
        (folder / "model.json").write_text(json.dumps(meta, ensure_ascii=False, indent=1), encoding="utf-8")
        np.savez_compressed(folder / "arrays.npz", **self.arrays)  # type: ignore[arg-type]

    @staticmethod
    def load(path: str | Path) -> Model:
        """Read a model directory; `InputError` when it is absent or was made for other features."""
        folder = Path(path)
        if not (folder / "model.json").is_file():
            raise InputError("没有找到分类模型", where=str(folder), remedy="请先运行 wenmai train 或检查目录")
        meta = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        if meta.get("format") != FORMAT or tuple(meta.get("features", ())) != FEATURES:
            raise InputError("分类模型由别的版本生成，不能使用", where=str(folder), remedy="请用当前版本重新训练")
        with np.load(folder / "arrays.npz", allow_pickle=False) as stored:
            arrays = {k: stored[k] for k in stored.files}
        return Model(
            version=meta["version"],
            weights=np.array(meta["weights"], dtype=np.float64),
            intercept=float(meta["intercept"]),
            scale=float(meta["scale"]),
            shift=float(meta["shift"]),
            review_low=float(meta["review_low"]),
            review_high=float(meta["review_high"]),
            divisions=tuple(meta["divisions"]),
            arrays=arrays,
            calibration_edges=tuple(meta["calibration_edges"]),
            calibration_counts=tuple((int(a), int(b)) for a, b in meta["calibration_counts"]),
        )

    def shipped_logit(self, dense: FloatArray) -> FloatArray:
        """Raw logit of the hand-set part, (n,)."""
        return np.asarray(dense @ self.weights + self.intercept, dtype=np.float64)


def load_shipped() -> Model:
    """The model that comes with the package: lexicons and hand-set weights only."""
    return Model(
        version=SHIPPED_VERSION,
        weights=np.array([_WEIGHTS[f] for f in FEATURES], dtype=np.float64),
        intercept=_INTERCEPT,
    )
