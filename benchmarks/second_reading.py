"""Accuracy of the shipped classifier on labels made AFTER it was finished: 440 enterprises that nobody had looked at.

    python benchmarks/second_reading.py --shared DIR

benchmarks/data/second_reading.csv holds no names: `key` is the first 20 hex digits of SHA-256("source|name") of a row of
the two registers in real/. The rows were drawn at random within five strata of what was not in the visible gold labels:
A culture word in the name; otherwise by the model's probability then: B ≥ 0.5, C 0.02–0.5, D below with a word of the
LIKE workflow in the scope, E the rest. Two readers labelled them separately from name and scope, without the model. Both
are language models that read the gold file's rules and some of its rows: their agreement flatters, and they are no
statistics officers. Rows on which they differ are left out of the score. Weights: stratum population / rows of it.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from wenmai.rooms.classification.methods.classify import classify
from wenmai.rooms.classification.methods.model import load_shipped

DATA = Path(__file__).parent / "data" / "second_reading.csv"
FILES = {"chongqing_yuzhong": "registry_district/chongqing_yuzhong.csv", "zhejiang_2019": "registry_province/zhejiang_2019.csv"}
NAMES = {"A": "名称含文化词", "B": "其余，模型≥0.5", "C": "其余，0.02—0.5", "D": "其余，更低，经营范围含检索词", "E": "其余"}
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


def score(truth: Bools, said: Bools, weight: Floats) -> tuple[float, float, float]:
    """Weighted precision, recall and F1."""
    hit = float((weight * (truth & said)).sum())
    called, there = float((weight * said).sum()), float((weight * truth).sum())
    return hit / max(called, 1e-9), hit / max(there, 1e-9), 2 * hit / max(called + there, 1e-9)


def load(shared: Path) -> pl.DataFrame:
    """The labelled rows with the name and scope found again by their key."""
    labels = {r["key"]: r for r in csv.DictReader(DATA.open(encoding="utf-8"))}
    found = {}
    for source, path in FILES.items():
        with (shared / "data/real" / path).open(encoding="utf-8-sig", newline="") as handle:
            for row in csv.DictReader(handle):
                name = row["企业名称"].strip()
                key = hashlib.sha256(f"{source}|{name}".encode()).hexdigest()[:20]
                if key in labels:
                    found.setdefault(key, {"name": name, "scope": row["经营范围"].strip(), **labels[key]})
    if len(found) != len(labels):
        raise SystemExit(f"{len(labels) - len(found)} labelled rows are not in the registers given")
    return pl.DataFrame([found[k] for k in sorted(found)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    frame = load(parser.parse_args().shared)
    same = (frame["first"] == frame["second"]).to_numpy()
    print(f"\n## 第二次标注：{frame.height} 家，两名标注者一致 {same.mean():.1%}\n")
    frame = frame.filter((pl.col("first") == pl.col("second")) & (pl.col("first") != "unclear"))
    truth = (frame["first"] == "yes").to_numpy()
    stratum = frame["stratum"].to_numpy()
    size = {s: int((stratum == s).sum()) for s in NAMES}
    weight = frame["stratum_population"].cast(pl.Float64).to_numpy() / np.array([size[s] for s in stratum])
    out = classify(frame.select("name", "scope"), load_shipped())
    said = out["forced"].to_numpy()
    rng = np.random.default_rng(20261125)
    replicates = []
    for _ in range(2000):
        rows = np.concatenate([rng.choice(np.flatnonzero(stratum == s), size[s]) for s in NAMES])
        replicates.append(score(truth[rows], said[rows], weight[rows]))
    low, high = np.quantile(np.array(replicates), [0.05, 0.95], axis=0)
    print("| | 值 | 90 % 区间 |\n|---|---|---|")
    for name, value, a, b in zip(("精确率", "召回率", "F1"), score(truth, said, weight), low, high, strict=True):
        print(f"| {name} | {value:.3f} | {a:.3f}–{b:.3f} |")
    outside = stratum != "A"
    print(f"| 名称无文化词者的召回率 | {score(truth[outside], said[outside], weight[outside])[1]:.3f} | |")
    review = (out["outcome"] == "待核定").to_numpy()
    print(f"| 待核定占比 | {(weight * review).sum() / weight.sum():.3f} | |")
    pairs = zip(frame["first_small"], frame["second_small"], out["small_code"], truth & said, strict=True)
    right = [s in (a, b) for a, b, s, both in pairs if both]
    print(f"| 小类（两者都判为文化的 {len(right)} 家，与任一标注相同） | {np.mean(right):.3f} | |\n")
    print("| 层 | 家数 | 是 | 漏 | 误 | 每家代表 |\n|---|---|---|---|---|---|")
    for s, name in NAMES.items():
        m = stratum == s
        print(f"| {s} {name} | {m.sum()} | {truth[m].sum()} | {(truth & ~said)[m].sum()} | {(~truth & said)[m].sum()} | {weight[m][0]:.1f} |")


if __name__ == "__main__":
    main()
