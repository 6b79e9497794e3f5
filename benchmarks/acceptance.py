"""`make acceptance`: the pipeline on the real files, each in its own home; prints the reconciliation of each."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

FILES = (
    ("registry_district/chongqing_yuzhong.csv",),
    ("registry_province/zhejiang_2019.csv",),
    ("registry_province/zhejiang_1996.xls",),
    ("enterprise_export_shandong/enterprise_export.xlsx", "enterprise_export_shandong/penalty_list.xlsx"),
    ("listed_companies/szse_A股列表.xlsx",),
    ("daily_new_registrations/2019-08-01.txt",),
)
REFUSED = ("listed_companies/sse_GPLIST.xls",)


def wenmai(home: str, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "WENMAI_HOME": home}
    return subprocess.run([sys.executable, "-m", "wenmai.cli", *words], env=env, text=True, capture_output=True, check=check)


def main() -> None:
    """Import, classify, draft and print for each real file; fail when rows do not reconcile or a refusal is unclear."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    real = parser.parse_args().shared / "data/real"
    bad = 0
    for group in FILES:
        with tempfile.TemporaryDirectory() as home:
            print(f"\n## {'、'.join(group)}\n")
            done = wenmai(home, "import", *[str(real / f) for f in group], check=False)
            print(done.stdout)
            if done.returncode:
                print(done.stderr[-800:])
                bad += 1
                continue
            print(wenmai(home, "classify").stdout)
            report = wenmai(home, "report", "-o", f"{home}/r.docx", "--kind", "核数稿", check=False)
            print(report.stdout if report.returncode == 0 else report.stderr[-500:])
            bad += report.returncode != 0
    for name in REFUSED:
        with tempfile.TemporaryDirectory() as home:
            done = wenmai(home, "import", str(real / name), check=False)
            print(f"\n## {name}（只有简称，无登记名称列和代码列，应当退回）\n\n退出码 {done.returncode}：{done.stderr.strip().splitlines()[-1]}")
            bad += done.returncode != 2
    print(f"\n{len(FILES)} groups run, {bad} with faults")
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
