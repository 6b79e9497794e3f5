"""Record linkage measured on the pairs of the Shandong export that have one code and two names.

For each pair the code of the supplied row is hidden and it is linked by name among all distinct enterprises of the
file: right / wrong / none. Then the true one is taken out of the pool and any link counts as false.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from wenmai.base import readers
from wenmai.rooms.registry.methods.linkage import Linker
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
    linker = Linker([pool[c][0] for c in codes], [pool[c][1] for c in codes])
    right = wrong = none = false = 0
    for (given, _), code in pairs.items():
        link = linker.find(given)
        if link is None:
            none += 1
        elif codes[link.index] == code:
            right += 1
        else:
            wrong += 1
    for (given, _), code in pairs.items():
        rest = [c for c in codes if c != code]
        # Only the rarest grams matter for a find, so a pool without the true one is built from its neighbours.
        near = [c for c in rest if set(given) & set(pool[c][0])][:4000]
        if Linker([pool[c][0] for c in near]).find(given) is not None:
            false += 1
    n = len(pairs)
    print("| pairs | linked right | linked wrong | not linked | linked when the true one is absent |\n|---|---|---|---|---|")
    print(f"| {n} | {right} ({right / n:.1%}) | {wrong} ({wrong / n:.1%}) | {none} ({none / n:.1%}) | {false} ({false / n:.1%}) |")


if __name__ == "__main__":
    main()
