"""Record linkage measured on the pairs of the Shandong export that have one code and two names.

For each pair the code of the supplied row is hidden and it is linked by name among all distinct enterprises of the
file: right / wrong / none. Then the true one is taken out of the pool and any link counts as false.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import polars as pl

from wenmai.base import readers
from wenmai.rooms.registry.methods.linkage import link
from wenmai.rooms.registry.methods.names import normal_name


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    path = parser.parse_args().shared / "data/real/enterprise_export_shandong/enterprise_export.xlsx"
    sheet = readers.read_sheets(path)[0]
    titles = {c.clean: f"c{c.position}" for c in sheet.columns}
    columns = [titles[t] for t in ("提供企业名称", "提供代码匹配", "企业名称", "统一社会信用代码", "企业地址")]
    pool: dict[str, tuple[str, str | None]] = {}
    pairs: dict[tuple[str, str], str] = {}
    for given, given_code, name, code, address in sheet.frame.select(columns).iter_rows():
        if not name or name == "空" or not code or len(code) < 15:
            continue
        pool.setdefault(code, (name, address))
        if given and given_code == code and normal_name(given) != normal_name(name):
            pairs[(given, name)] = code
    codes = list(pool)
    names = pl.DataFrame({"name": [normal_name(pool[c][0]) for c in codes], "address": [pool[c][1] for c in codes]})
    asked = pl.DataFrame({"name": [normal_name(given) for given, _ in pairs]}).with_columns(pl.lit(None, pl.Utf8).alias("address"))
    truth = list(pairs.values())
    found = {row: codes[index] for row, index, _ in link(asked, names).iter_rows()}
    right = sum(found.get(i) == code for i, code in enumerate(truth))
    wrong, none = len(found) - right, len(truth) - len(found)
    place = {code: i for i, code in enumerate(codes)}
    false = 0
    for i, code in enumerate(truth):
        without = pl.concat([names.slice(0, place[code]), names.slice(place[code] + 1)])
        false += link(asked.slice(i, 1), without).height
    n = len(pairs)
    print("| pairs | linked right | linked wrong | not linked | linked when the true one is absent |\n|---|---|---|---|---|")
    print(f"| {n} | {right} ({right / n:.1%}) | {wrong} ({wrong / n:.1%}) | {none} ({none / n:.1%}) | {false} ({false / n:.1%}) |")


if __name__ == "__main__":
    main()
