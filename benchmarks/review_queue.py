"""The review queue by simulation: what is left of the interval and of the error after k looks, in three orders.

Population: both real registers. Truth: the gold label where a row is gold; else a draw: the true rate of each bin from
its posterior on gold, the probabilities of the bin shifted in logit to that rate, one Bernoulli per row. So the truth keeps
the differences within a bin that the interval ignores. Every look decides one row, in the last setting the rows of its
signature (by an explicit bulk decision) for all orders alike.

Called by accuracy.py; alone: python benchmarks/review_queue.py --shared DIR
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from wenmai.rooms.classification.methods.classify import classify
from wenmai.rooms.classification.methods.interval import (
    bin_counts,
    calibration_bins,
    count_interval,
    even_doubt_edges,
    posterior,
    updated_counts,
)  # fmt: skip
from wenmai.rooms.classification.methods.model import load_shipped
from wenmai.rooms.classification.methods.queue import groups, ranking

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
REGISTERS = {"chongqing_yuzhong": "registry_district/chongqing_yuzhong.csv", "zhejiang_2019": "registry_province/zhejiang_2019.csv"}
LOOKS = (0, 10, 20, 50, 100, 200, 400)
PAGE = 20  # the queue is ranked anew after each page, as in the workbench
DRAWS = 400


@dataclass(frozen=True)
class Register:
    """One register: probability, forced decision, signature group, and the gold label of the rows that have one."""

    prob: Floats
    group: Ints
    is_gold: Bools
    gold: Bools


@dataclass(frozen=True)
class Bins:
    """Edges and labelled counts that a simulated office starts from."""

    edges: tuple[float, ...]
    counts: Floats


def load(shared: Path, file: str, labels: dict[tuple[str | None, str | None], bool]) -> Register:
    """Classify a register with the shipped model; signatures only where there is doubt, as in the workbench."""
    frame = pl.read_csv(shared / "data/real" / file, infer_schema=False).select(name="企业名称", scope="经营范围")
    out = classify(frame, load_shipped())
    prob = out["probability"].to_numpy()
    group = np.where((prob > 0.02) & (prob < 0.98), groups(out["evidence"].to_list()), np.arange(len(prob)))
    known = [labels.get(row) for row in frame.iter_rows()]
    return Register(prob, group, np.array([k is not None for k in known]), np.array([bool(k) for k in known]))


def shifted(prob: Floats, rate: float) -> Floats:
    """Probabilities moved by one logit so that their mean is `rate`."""
    z = np.log(prob / (1 - prob))
    low, high = -25.0, 25.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if (1 / (1 + np.exp(-(z + middle)))).mean() < rate else (low, middle)
    return np.asarray(1 / (1 + np.exp(-(z + low))))


def draw_truth(register: Register, fit: Bins, shared_group: bool, rng: np.random.Generator) -> Bools:
    """One possible truth of the register."""
    known = posterior(register.prob, fit.edges, fit.counts)
    rate = rng.beta(known.alpha, known.beta)
    prob = register.prob.copy()
    for b in range(len(rate)):
        inside = known.place == b
        if inside.any():
            prob[inside] = shifted(register.prob[inside], float(rate[b]))
    lot = rng.random(len(prob))
    truth = (lot[register.group] if shared_group else lot) < prob
    truth[register.is_gold] = register.gold[register.is_gold]
    return truth


def looks(register: Register, start: Bins, truth: Bools, decided: Bools, bulk: bool, rng: np.random.Generator) -> Ints:
    """The rows our queue shows first, ranked anew after each page with what the reviews have taught."""
    n = len(truth)
    lot, group = rng.permutation(n), register.group if bulk else np.arange(n)
    seen = decided.copy()
    picked: list[int] = []
    mine = np.zeros(n, dtype=bool)
    while len(picked) < LOOKS[-1]:
        counts = updated_counts(start.edges, start.counts, register.prob[mine], truth[mine], group[mine])
        page = ranking(register.prob, group, start.edges, counts, None, seen, lot)
        page_rows = page.order[page.gain > 0][:PAGE]
        picked += page_rows.tolist()
        mine |= np.isin(group, group[page_rows]) & ~decided
        seen |= mine
    return np.array(picked[: LOOKS[-1]])


def curve(register: Register, start: Bins, truth: Bools, decided: Bools, rows: Ints, evidence: bool, bulk: bool, seed: int) -> Floats:
    """(len(LOOKS), 4): width of the 90 % interval, error of its estimate, whether it covers, error of the standing count."""
    prob, out = register.prob, np.zeros((len(LOOKS), 4))
    group = register.group if bulk else np.arange(len(prob))
    total = float(truth.sum())
    for i, k in enumerate(LOOKS):
        mine = np.isin(group, group[rows[:k]]) & ~decided
        counts = updated_counts(start.edges, start.counts, prob[mine], truth[mine], group[mine]) if evidence else start.counts
        done = decided | mine
        got = count_interval(np.where(done, truth, prob), done, start.edges, counts, seed=seed, draws=DRAWS)
        standing = float(np.where(done, truth, prob >= 0.5).sum())
        out[i] = (got.high - got.low, abs(got.estimate - total), got.low <= total <= got.high, abs(standing - total))
    return out


def simulate(register: Register, start: Bins, fit: Bins, decided: Bools, bulk: bool, replications: int) -> dict[str, Floats]:
    """Curves (replications, len(LOOKS), 4) of each order."""
    n = len(register.prob)
    half = np.argsort(np.abs(register.prob - 0.5), kind="stable")
    half = half[~decided[half]]
    found: dict[str, list[Floats]] = {}
    for seed in range(replications):
        rng = np.random.default_rng(seed)
        truth = draw_truth(register, fit, bulk, rng)
        chance = rng.permutation(np.flatnonzero(~decided))
        if bulk:  # one look per signature for every order
            half_rows, chance = (r[np.sort(np.unique(register.group[r], return_index=True)[1])] for r in (half, chance))
        else:
            half_rows = half
        orders = {"本方法": (looks(register, start, truth, decided, bulk, rng), True), "随机": (chance, True)}
        orders |= {"最近 0.5": (half_rows, False), "最近 0.5（作证据）": (half_rows, True)}
        for label, (rows, evidence) in orders.items():
            found.setdefault(label, []).append(curve(register, start, truth, decided, rows, evidence, bulk, seed))
    return {label: np.array(curves) for label, curves in found.items() if n}


def area(curves: Floats) -> Floats:
    """(replications,) mean height of the width curve over the looks."""
    return np.asarray(np.trapezoid(curves[:, :, 0], LOOKS, axis=1) / LOOKS[-1])


def report(
    shared: Path,
    gold: tuple[pl.DataFrame, Floats, Bools, Floats],
    say: Callable[[str], None],
    table: Callable[[list[str], list[list[object]]], None],
    replications: int = 200,
) -> None:
    """Print the curves and the areas. `gold`: frame (name, scope), probability, truth, weight."""
    frame, prob, truth, weight = gold
    labels: dict[tuple[str | None, str | None], bool] = dict(zip(zip(frame["name"], frame["scope"], strict=True), truth.tolist(), strict=True))
    edges = even_doubt_edges(prob, 8)
    fit = Bins(edges, bin_counts(prob, truth, edges, weight))
    say(f"## 核定队列：模拟 {replications} 次（两个真实名录；括号内为 5%–95%）\n")
    for name, file in REGISTERS.items():
        register = load(shared, file, labels)
        none = np.zeros(len(register.prob), dtype=bool)
        bare = Bins(*calibration_bins((), (), register.prob, none, none))
        settings = {
            "出厂模型，无标注": (bare, none, False),
            "gold 作校准标注": (fit, register.is_gold, False),
            "无标注，同类一次核定": (bare, none, True),
        }
        for setting, (start, decided, bulk) in settings.items():
            curves = simulate(register, start, fit, decided, bulk, replications)
            say(f"### {name}（{len(register.prob)} 户），{setting}：90% 区间宽度（户）\n")
            rows: list[list[object]] = []
            for label, values in curves.items():
                mean, low, high = values[:, :, 0].mean(0), *np.quantile(values[:, :, 0], [0.05, 0.95], axis=0)
                rows.append([label, *(f"{m:.0f} ({a:.0f}–{b:.0f})" for m, a, b in zip(mean, low, high, strict=True))])
            table(["队列", *(f"k={k}" for k in LOOKS)], rows)
            rows = []
            ours = area(curves["本方法"])
            for label, values in curves.items():
                ratio = ours / area(values)
                low, high = np.quantile(ratio, [0.05, 0.95])
                error, covered, standing = values[:, :, 1].mean(0), values[:, 1:, 2].mean(), values[:, :, 3].mean(0)
                rows.append([
                    label, f"{area(values).mean():.0f}", f"{ratio.mean():.2f} ({low:.2f}–{high:.2f})", f"{(ratio < 1).mean():.0%}",
                    f"{error[3]:.0f} / {error[4]:.0f} / {error[-1]:.0f}", f"{covered:.0%}",
                    f"{standing[3]:.0f} / {standing[4]:.0f} / {standing[-1]:.0f}",
                ])  # fmt: skip
            table(["队列", "曲线下面积", "本方法之比", "本方法更小", "估计误差 k=50/100/400", "区间覆盖", "认定数误差 k=50/100/400"], rows)


def main() -> None:
    """The report alone."""
    from accuracy import load_gold, say, table

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--replications", type=int, default=200)
    args = parser.parse_args()
    gold = load_gold(args.shared)
    prob = classify(gold.frame.select("name", "scope"), load_shipped())["probability"].to_numpy()
    report(args.shared, (gold.frame, prob, gold.truth, gold.weight), say, table, args.replications)


if __name__ == "__main__":
    main()
