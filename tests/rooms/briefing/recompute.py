"""Recomputes every figure of a report from its traced rows. Standard library only; knows nothing of 文脉's code.

Usage: recompute.py DIR, with DIR as written by `wenmai report --rows DIR`. Prints "N figures, M wrong".
"""

import csv
import json
import sys
from pathlib import Path


def main(folder):
    lineage = json.loads((folder / "lineage.json").read_text(encoding="utf-8"))
    counted = {}
    for path in sorted(folder.glob("*.csv")):
        with path.open(newline="", encoding="utf-8") as handle:
            rows = csv.reader(handle)
            head = next(rows)
            ids = [row[1] for row in rows]
        assert len(ids) == len(set(ids)), f"{head[0]}: a row is counted twice"
        counted[head[0]] = len(ids)
    wrong = []
    # Shares last: they may rest on a sum.
    for name, figure in sorted(lineage["figures"].items(), key=lambda item: item[1]["kind"] == "share"):
        if figure["kind"] == "count":
            got = counted.get(name)
        elif figure["kind"] == "sum":
            got = counted[name] = sum(counted[part] for part in figure["extra"]["parts"])
        else:
            got = 100 * counted[figure["numerator"]] / counted[figure["denominator"]]
        decimals = figure["decimals"]
        if got is None or abs(got - figure["value"]) > 0.5 * 10**-decimals + 1e-9:
            wrong.append((name, figure["value"], got))
        if f"{figure['value']:.{decimals}f}" != figure["printed"]:
            wrong.append((name, "printed", figure["printed"]))
    for sentence in lineage["sentences"]:
        for item in sentence["figures"]:
            if item["printed"] != lineage["figures"][item["figure"]]["printed"] or item["printed"] not in sentence["text"]:
                wrong.append((item["figure"], "sentence", sentence["text"]))
    for table in lineage["tables"]:
        cells = [c for row in table["rows"] for c in row[1:] if c != "—"]
        if cells != [lineage["figures"][f]["printed"] for f in table["figures"]]:
            wrong.append((table["title"], "table", cells))
    print(*wrong, sep="\n")
    print(f"{len(lineage['figures'])} figures, {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
