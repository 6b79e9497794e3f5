"""Recomputes every number a report prints from exported rows. Standard library only; knows nothing of 文脉's code.

Usage: recompute.py DIR [FILE.docx], with DIR as written by `wenmai report --rows DIR`. Prints "N figures, M wrong".
Counts are rows, sums are sums of counts, shares are quotients, the interval is simulated anew (own random numbers,
docs/methods/interval.md), the coverage table and the span of dates are taken from the rows of the analysed units.
With a document its text has to hold every line and table row of the lineage.
"""

import csv
import json
import math
import random
import re
import sys
import zipfile
from bisect import bisect_right
from pathlib import Path
from xml.etree import ElementTree

DRAWS = 100000
Z = 4  # standard errors of the two simulations together


def read(folder):
    """Figure id → its rows as dictionaries."""
    found = {}
    for path in sorted(folder.glob("[0-9]*.csv")):
        with path.open(newline="", encoding="utf-8") as handle:
            rows = csv.reader(handle)
            name, *head = next(rows)
            found[name] = [dict(zip(head, row[1:], strict=True)) for row in rows]
        ids = [row[head[0]] for row in found[name]]
        assert len(ids) == len(set(ids)), f"{name}: a row is counted twice"
    return found


def simulate(folder, seed=7):
    """(estimate, low, high) and their tolerances: Z standard errors of this and of the checked simulation together."""
    known = json.loads((folder / "interval.json").read_text(encoding="utf-8"))
    edges, counts = known["edges"], known["counts"]
    sure, mass, total = 0, [0] * len(counts), [0.0] * len(counts)
    with (folder / "interval.csv").open(newline="", encoding="utf-8") as handle:
        for row in csv.DictReader(handle):
            if row["decided_by"] == "人工核定" and row["outcome"] != "待核定":
                sure += row["outcome"] in ("全部计入类", "部分计入类")
                continue
            p = float(row["probability"]) if row["probability"] else 0.5
            place = bisect_right(edges, p)
            mass[place] += 1
            total[place] += p
    rng, wrong, draws = random.Random(seed), known["disagreement"] / 2, []
    priors = []
    for (labelled, positive), n, s in zip(counts, mass, total, strict=True):
        mean = s / n if n else 0.0
        priors.append((positive + known["prior_rows"] * mean + known["prior_floor"],
                       labelled - positive + known["prior_rows"] * (1 - mean) + known["prior_floor"], n))  # fmt: skip
    for _ in range(DRAWS):
        false_no, false_yes = (rng.betavariate(1 + 100 * wrong, 1 + 100 * (1 - wrong)) for _ in range(2))
        mean = variance = 0.0
        for alpha, beta, n in priors:
            if not n:
                continue
            rate = rng.betavariate(alpha, beta)
            rate += 4 * rate * (1 - rate) * ((1 - rate) * false_no - rate * false_yes)
            rate = min(max(rate, 0.0), 1.0)
            mean += n * rate
            variance += n * rate * (1 - rate)
        draws.append(mean + math.sqrt(variance) * rng.gauss(0, 1))
    draws.sort()
    tail = (1 - known["level"]) / 2

    def quantile(q):
        at = q * (DRAWS - 1)
        low = int(at)
        return draws[low] + (at - low) * (draws[min(low + 1, DRAWS - 1)] - draws[low])

    both = math.sqrt(1 / DRAWS + 1 / known["draws"])
    average = sum(draws) / DRAWS
    spread = math.sqrt(sum((d - average) ** 2 for d in draws) / DRAWS)
    result = [(average, Z * spread * both)]
    for q in (tail, 1 - tail):
        # Standard error of a sample quantile: sqrt(q(1-q)/N) / density; the density from the draws around it.
        density = 0.04 / max(quantile(q + 0.02) - quantile(q - 0.02), 1e-12)
        result.append((quantile(q), Z * math.sqrt(q * (1 - q)) * both / density))
    ceiling = sum(mass)
    # The estimate is kept in whole firms, the bounds are not.
    return [(sure + min(max(value, 0), ceiling), room + (0 if number else 0.5)) for number, (value, room) in enumerate(result)]


def gate_numbers(units):
    """What the coverage table has to say of the analysed units: check → the numbers its measure prints."""
    columns = {"status": "status", "street": "street", "code": "industry_code", "unit": "unit_type", "gap": "registered_on"}
    shares = {c: f"{sum(bool(u[k]) for u in units) / len(units):.1%}" for c, k in columns.items()}
    years = [int(u["registered_on"][:4]) for u in units if u["registered_on"]]
    count = {y: years.count(y) for y in set(years)}
    gaps = []
    for year in range(min(years, default=0) + 1, max(years, default=0)):
        near = sorted(count[y] for y in range(year - 6, year + 7) if count.get(y))
        median = near[len(near) // 2] if near else 0
        if median >= 10 and count.get(year, 0) < 0.1 * median:
            gaps.append(year)
    return shares, str(max(years) - min(years) if years else 0), gaps


def expand(text):
    """2011—2013、2018 → the years."""
    spans = re.findall(r"(\d{4})(?:—(\d{4}))?", text)
    return [y for a, b in spans for y in range(int(a), int(b or a) + 1)]


def check_facts(facts, rows, wrong):
    units = rows.get("units.analysed", [])
    shares, span, gaps = gate_numbers(units)
    seen = 0
    for gate in facts["gate"]:
        said = gate["measured"]
        if gate["id"] == "stock":
            good = re.findall(r"\d+", said) == [span]
        else:
            good = re.findall(r"\d+\.\d%", said) == [shares[gate["id"]]]
            if gate["id"] == "gap":
                good = good and expand(said.split("；")[0]) == gaps
        seen += 1
        if not good:
            wrong.append((gate["id"], said, shares.get(gate["id"], span)))
    dates = sorted(u["registered_on"] for u in units if u["registered_on"])
    if dates and facts["period"] != f"登记日期 {dates[0]} 至 {dates[-1]}":
        wrong.append(("period", facts["period"], dates[0], dates[-1]))
    return seen


def check_document(path, lineage, wrong):
    """Every line and table row of the lineage stands in the document, word for word (marks of figures aside)."""
    space = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    with zipfile.ZipFile(path) as archive:
        body = ElementTree.fromstring(archive.read("word/document.xml"))
    runs = []
    for paragraph in body.iter(f"{space}p"):
        kept = [r for r in paragraph.iter(f"{space}r") if r.find(f"{space}rPr/{space}vertAlign") is None]
        runs.append("".join(t.text or "" for r in kept for t in r.iter(f"{space}t")))
    text = "\n".join(runs)
    for sentence in lineage["sentences"]:
        if sentence["text"] not in runs:
            wrong.append(("document", sentence["text"]))
    for table in lineage["tables"]:
        for row in table["rows"] if table["kind"] == "table" else ():
            if "\n".join(row) not in text:
                wrong.append(("document", table["title"], row))


def main(folder, document=None):
    lineage = json.loads((folder / "lineage.json").read_text(encoding="utf-8"))
    rows = read(folder)
    counted = {name: len(found) for name, found in rows.items()}
    wrong, printed = [], {}
    order = {"count": 0, "sum": 1, "share": 2, "interval": 3}
    for name, figure in sorted(lineage["figures"].items(), key=lambda item: order[item[1]["kind"]]):
        decimals = figure["decimals"]
        printed[name, "value"] = figure["printed"]
        if figure["kind"] == "interval" and figure["value"] is None:
            if (folder / "interval.json").exists():
                wrong.append((name, "unknown though its parameters are there"))
            continue
        if figure["kind"] == "interval":
            for part, (value, room) in zip(("value", "low", "high"), simulate(folder), strict=True):
                printed[name, part] = f"{figure[part]:.0f}"
                if abs(figure[part] - value) > room:
                    wrong.append((name, part, figure[part], value, room))
            continue
        if figure["kind"] == "count":
            got = counted.get(name)
        elif figure["kind"] == "sum":
            got = counted[name] = sum(counted[part] for part in figure["extra"]["parts"])
        else:
            got = 100 * counted[figure["numerator"]] / counted[figure["denominator"]]
        if got is None or abs(got - figure["value"]) > 0.5 * 10**-decimals + 1e-9:
            wrong.append((name, figure["value"], got))
        if f"{figure['value']:.{decimals}f}" != figure["printed"]:
            wrong.append((name, "printed", figure["printed"]))
    places = [(s["text"], item) for s in lineage["sentences"] for item in s["figures"]]
    for table in lineage["tables"]:
        for row, cells in zip(table["rows"], table["figures"], strict=True):
            places += [(text, item) for text, cell in zip(row, cells, strict=True) for item in cell]
    for text, item in places:
        if item["printed"] != printed.get((item["figure"], item["part"])) or item["printed"] not in text:
            wrong.append((item["figure"], "place", text))
    facts = check_facts(lineage["facts"], rows, wrong) if "units.analysed" in rows else 0
    if document:
        check_document(document, lineage, wrong)
    print(*wrong, sep="\n")
    print(f"{len(places)} printed numbers, {facts} coverage checks")
    print(f"{len(lineage['figures'])} figures, {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None))
