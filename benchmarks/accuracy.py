"""Accuracy of the classifier on the gold labels and the labelled registers, beside simple rules.

    python benchmarks/accuracy.py --shared DIR      (default ../shared); prints markdown, writes out/accuracy.md

Gold rows are weighted to the population of their stratum; intervals are 90 % stratified bootstrap. No gold row enters
the shipped model; the site model "交叉验证" sees four fifths of gold and is scored on the other fifth.
"""

from __future__ import annotations

import argparse
import csv
import json
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
import python_calamine
import review_queue
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import GroupKFold
from sklearn.svm import LinearSVC

from wenmai.base.standards.culture import culture_of
from wenmai.base.standards.gbt4754 import find_division
from wenmai.rooms.classification.methods import baselines
from wenmai.rooms.classification.methods.classify import CHUNK, classify
from wenmai.rooms.classification.methods.division import predict_division, with_industry, with_shipped_divisions
from wenmai.rooms.classification.methods.interval import bin_counts, count_interval, equal_mass_edges
from wenmai.rooms.classification.methods.model import Model, load_shipped
from wenmai.rooms.classification.methods.train import train

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
SEED = 20260101
NOT_CULTURE_SW = ("11", "22", "23", "24", "37", "41", "42", "43", "48", "49", "62", "63", "64", "65", "74", "75", "76")
LINES: list[str] = []


def say(line: str = "") -> None:
    """Print one line of the report and keep it."""
    print(line, flush=True)
    LINES.append(line)


def table(header: list[str], rows: list[list[object]]) -> None:
    """One markdown table."""
    say("| " + " | ".join(header) + " |")
    say("|" + "---|" * len(header))
    for row in rows:
        say("| " + " | ".join(f"{v:.3f}" if isinstance(v, float) else str(v) for v in row) + " |")
    say()


@dataclass(frozen=True)
class Gold:
    """Scored gold rows with truth, weight (enterprises a row stands for) and stratum number."""

    frame: pl.DataFrame
    truth: Bools
    weight: Floats
    stratum: npt.NDArray[np.int64]


def load_gold(shared: Path) -> Gold:
    """Gold without `unclear` rows, weighted to strata_population.json."""
    frame = pl.read_csv(shared / "data/gold/culture_gold_visible.csv", infer_schema=False)
    frame = frame.filter(pl.col("culture") != "unclear")
    population = json.loads((shared / "data/gold/strata_population.json").read_text(encoding="utf-8"))
    keys = list(zip(frame["source"], frame["stratum"], strict=True))
    names = sorted(set(keys))
    size = {k: keys.count(k) for k in names}
    return Gold(
        frame=frame,
        truth=(frame["culture"] == "yes").to_numpy(),
        weight=np.array([population[s][t] / size[(s, t)] for s, t in keys]),
        stratum=np.array([names.index(k) for k in keys]),
    )


def scores(hit: Bools, truth: Bools, weight: Floats) -> tuple[float, float, float]:
    """Weighted precision, recall, F1."""
    both, said, true = weight[hit & truth].sum(), weight[hit].sum(), weight[truth].sum()
    return both / max(said, 1e-9), both / max(true, 1e-9), 2 * both / max(said + true, 1e-9)


def bootstrap_f1(hit: Bools, gold: Gold, draws: int = 1000) -> tuple[float, float]:
    """90 % interval of the weighted F1, rows redrawn within their stratum."""
    rng = np.random.default_rng(SEED)
    groups = [np.flatnonzero(gold.stratum == s) for s in np.unique(gold.stratum)]
    values = []
    for _ in range(draws):
        rows = np.concatenate([rng.choice(g, len(g)) for g in groups])
        values.append(scores(hit[rows], gold.truth[rows], gold.weight[rows])[2])
    low, high = np.quantile(values, [0.05, 0.95])
    return float(low), float(high)


def read_shandong(shared: Path) -> pl.DataFrame:
    """name, scope, gbt_division (text) of distinct enterprises with an industry."""
    path = shared / "data/real/enterprise_export_shandong/enterprise_export.xlsx"
    sheet = python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    at = {str(h): i for i, h in enumerate(sheet[0])}
    rows = [[str(r[at[c]]) for c in ("企业名称", "经营范围", "所属行业")] for r in sheet[1:]]
    kept = [r for r in rows if all(v not in ("", "-") for v in r)]
    frame = pl.DataFrame(kept, schema=["name", "scope", "gbt_division"], orient="row")
    return frame.unique(["name", "scope"], maintain_order=True)


def real_labels(shared: Path) -> pl.DataFrame:
    """name, scope, culture, gbt_division from the visible labelled files (Wuhu, A-shares, Shandong)."""
    rows: list[tuple[str | None, str, str | None, str | None]] = []
    with open(shared / "data/real/gb4754_labelled_wuhu/base_info_visible.csv", encoding="utf-8") as handle:
        for r in csv.DictReader(handle):
            code = r["industryco"].split(".")[0].zfill(4)
            entry = culture_of(code)
            label = "no" if entry is None else None if entry.partial else "yes"
            rows.append((None, r["opscope"], label, code[:2]))
    with open(shared / "data/real/listed_companies/ashare_scope_labels_visible.csv", encoding="utf-8-sig") as handle:
        for r in csv.DictReader(handle):
            sw = (r["申万行业代码2021"] or "")[:2]
            label = "yes" if sw == "72" else "no" if sw in NOT_CULTURE_SW else None
            if label:
                rows.append((r["企业名称"], r["经营范围"], label, None))
    frame = pl.DataFrame(rows, schema=["name", "scope", "culture", "gbt_division"], orient="row")
    shandong = read_shandong(shared).with_columns(culture=pl.lit(None, dtype=pl.Utf8))
    return pl.concat([frame, shandong.select(frame.columns)])


def cross_validated(gold: Gold, real: pl.DataFrame, base: Model, seed: int) -> pl.DataFrame:
    """Classified gold, each fifth by a site model trained on the real labels and the other four fifths."""
    rng = np.random.default_rng(seed)
    fold = np.zeros(len(gold.truth), dtype=np.int64)
    for s in np.unique(gold.stratum):
        where = rng.permutation(np.flatnonzero(gold.stratum == s))
        fold[where] = np.arange(len(where)) % 5
    parts, index = [], []
    labelled = gold.frame.select("name", "scope", "culture", gbt_division=pl.lit(None, dtype=pl.Utf8))
    for k in range(5):
        site = train(pl.concat([real, labelled.filter(pl.Series(fold != k))]), base, divisions=False)
        parts.append(classify(gold.frame.filter(pl.Series(fold == k)), site))
        index.append(np.flatnonzero(fold == k))
    return pl.concat(parts)[np.argsort(np.concatenate(index)).tolist()]


def report_culture(gold: Gold, shared: Path, answers: dict[str, pl.DataFrame]) -> None:
    """Precision, recall, F1 of all methods, then by stratum."""
    words = (shared / "data/gold/like_workflow_words.txt").read_text(encoding="utf-8").split()
    name, scope = gold.frame["name"], gold.frame["scope"]
    hits: dict[str, Bools] = {
        "LIKE 工作流": baselines.like_workflow(scope, words),
        "名称含文化词": baselines.culture_word_in_name(name),
        "最近类名 TF-IDF": baselines.nearest_class_name(name, scope)[0],
        **{k: v["forced"].to_numpy() for k, v in answers.items()},
    }
    say(f"## 文化企业判定（gold {len(gold.truth)} 行，加权到总体）\n")
    rows: list[list[object]] = []
    for label, hit in hits.items():
        low, high = bootstrap_f1(hit, gold)
        plain = scores(hit, gold.truth, np.ones(len(hit)))[2]
        rows.append([label, *scores(hit, gold.truth, gold.weight), f"{low:.3f}–{high:.3f}", plain])
    table(["方法", "精确率", "召回率", "F1", "F1 90% 区间", "不加权 F1"], rows)
    say("### 分层（不加权）\n")
    rows = []
    for label, hit in hits.items():
        for stratum in ("name", "keyword", "hard", "random"):
            chosen = (gold.frame["stratum"] == stratum).to_numpy()
            y, h = gold.truth[chosen], hit[chosen]
            rows.append([label, stratum, int(y.sum()), int((h & y).sum()), int((h & ~y).sum()), int((~h & y).sum())])
    table(["方法", "层", "正例", "判对", "误报", "漏报"], rows)


def report_review(gold: Gold, answers: dict[str, pl.DataFrame]) -> None:
    """Share left to a person, small class among true positives, Brier score and calibration bins."""
    rows: list[list[object]] = []
    for label, out in answers.items():
        review = (out["outcome"] == "待核定").to_numpy()
        hit = out["forced"].to_numpy() & gold.truth
        accepted = [set((c or "").split("|")) for c in gold.frame["small_code"]]
        right = np.array([s in a for s, a in zip(out["small_code"], accepted, strict=True)])
        p = out["probability"].to_numpy()
        w = gold.weight
        rows.append(
            [
                label,
                float(w[review].sum() / w.sum()),
                float(w[review & gold.truth].sum() / w[gold.truth].sum()),
                float(right[hit].mean()),
                float(w[hit & right].sum() / w[hit].sum()),
                float(((p - gold.truth) ** 2).mean()),
                float((w * (p - gold.truth) ** 2).sum() / w.sum()),
            ]
        )
    say("## 待核定、小类、概率\n")
    table(["模型", "待核定/全部", "待核定/正例", "小类正确率", "小类（加权）", "Brier", "Brier（加权）"], rows)
    for label, out in answers.items():
        p = out["probability"].to_numpy()
        say(f"### 校准：{label}（等量十箱，不加权）\n")
        bins = np.array_split(np.argsort(p, kind="stable"), 10)
        table(
            ["箱", "行", "平均概率", "实际比例"],
            [[i + 1, len(b), float(p[b].mean()), float(gold.truth[b].mean())] for i, b in enumerate(bins)],
        )


def report_interval(gold: Gold, p: Floats, label: str) -> None:
    """Coverage of the 90 % count interval over 100 stratified halvings of gold."""
    rng = np.random.default_rng(SEED)
    covered, width = 0, []
    for split in range(100):
        fit = np.zeros(len(p), dtype=bool)
        for s in np.unique(gold.stratum):
            where = rng.permutation(np.flatnonzero(gold.stratum == s))
            fit[where[: len(where) // 2]] = True
        test = ~fit
        edges = equal_mass_edges(p[fit])
        counts = bin_counts(p[fit], gold.truth[fit], edges, gold.weight[fit])
        none = np.zeros(int(test.sum()), dtype=bool)
        got = count_interval(p[test], none, edges, counts, weight=gold.weight[test], seed=split)
        truth = float(gold.weight[test & gold.truth].sum())
        covered += got.low <= truth <= got.high
        width.append((got.high - got.low) / truth)
    say(f"## 数量区间（{label}）\n\n100 次分层对半：90% 区间覆盖真值 {covered} 次，平均宽度为真值的 {np.mean(width):.2f} 倍。\n")


def report_divisions(shared: Path) -> None:
    """Industry division of the Shandong rows, 5-fold by enterprise, beside the linear SVC baseline."""
    frame = read_shandong(shared)
    names = frame["gbt_division"].to_list()
    found = [find_division(t) for t in names]
    mapped = np.array([f.code if f else "未对应" for f in found])
    text = (frame["name"] + " " + frame["scope"]).to_list()
    base, ours = np.empty(len(text), dtype="U40"), np.empty(len(text), dtype="U40")
    for fit, test in GroupKFold(5).split(text, mapped, frame["name"].to_numpy()):
        vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 3))
        x = vectorizer.fit_transform([text[i] for i in fit])
        svc = LinearSVC().fit(x, mapped[fit])
        base[test] = svc.predict(vectorizer.transform([text[i] for i in test]))
        model = train(frame[fit.tolist()], load_shipped(), culture=False)
        ours[test] = predict_division(frame[test.tolist()], model).to_numpy()
    say(f"## 行业大类（山东 {len(text)} 户，{len(set(mapped))} 个大类，按企业分组五折）\n")
    rows: list[list[object]] = [["公布的基线（另一测试集）", 0.601, 0.302]]
    shipped = predict_division(frame, with_shipped_divisions(load_shipped())).to_numpy()
    for label, guess in (("线性 SVC 字符 1–3", base), ("本方法，本地模型", ours), ("出厂（只凭标准用词，未见任何标注）", shipped)):
        macro = f1_score(mapped, guess, average="macro", zero_division=0)
        rows.append([label, float(accuracy_score(mapped, guess)), float(macro)])
    table(["方法", "准确率", "宏 F1"], rows)


def report_speed(shared: Path, models: dict[str, Model]) -> None:
    """Rows per second in one process, 40,000 distinct scopes of about 100-200 characters."""
    folder = shared / "data/real"
    files = ("registry_district/chongqing_yuzhong.csv", "registry_province/zhejiang_2019.csv")
    frame = pl.concat([pl.read_csv(folder / f, infer_schema=False) for f in files])
    frame = frame.select(name="企业名称", scope="经营范围").filter(pl.col("scope").str.len_chars().is_between(90, 220))
    many = pl.concat([frame.with_columns(scope=pl.col("scope") + f"；编号{k}") for k in range(-(-40000 // frame.height))])
    many = many.head(40000)
    rows: list[list[object]] = []
    for label, model in models.items():
        for part in ("识别", "识别＋行业大类（--full）"):
            full = with_shipped_divisions(model) if part != "识别" else None
            began, worked = time.perf_counter(), time.process_time()
            for chunk in many.iter_slices(CHUNK):
                out = classify(chunk, model)
                if full is not None:
                    with_industry(chunk.with_columns(industry_code=pl.lit(None), industry_text=pl.lit(None)), out, full)
            rows.append([label, part, round(many.height / (time.perf_counter() - began)), round(many.height / (time.process_time() - worked))])
    say("## 速度（单进程，每条经营范围约 100–200 字，均不相同；“每 CPU 秒”不受机器上别的工作影响）\n")
    table(["模型", "内容", "行/秒", "行/CPU 秒"], rows)


def main() -> None:
    """Run all reports."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--out", type=Path, default=Path("out/accuracy.md"))
    args = parser.parse_args()
    gold, base = load_gold(args.shared), load_shipped()
    real = real_labels(args.shared)
    site = train(real, base, divisions=False)
    answers = {
        "出厂模型": classify(gold.frame, base),
        "本地模型（仅真实标签）": classify(gold.frame, site),
        "本地模型（真实标签＋gold 交叉验证）": cross_validated(gold, real, base, SEED),
    }
    report_culture(gold, args.shared, answers)
    report_review(gold, answers)
    for label, out in answers.items():
        report_interval(gold, out["probability"].to_numpy(), label)
    review_queue.report(args.shared, (gold.frame, answers["出厂模型"]["probability"].to_numpy(), gold.truth, gold.weight), say, table)
    report_divisions(args.shared)
    report_speed(args.shared, {"出厂模型": base, "本地模型": site})
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text("\n".join(LINES) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
