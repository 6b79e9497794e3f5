"""`make bench`: file to snapshot with provenance on generated rows; classification beside the LIKE query in DuckDB.

Rows: scope lengths follow a real district register, >= 80 % of scopes distinct (wenmai.samples.write_big).
`--rows 1000000` for the large run. Each step is a process of its own; its peak memory is what the system reports.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

WORDS = ("文化", "广告", "设计", "影视", "传媒", "会展", "出版", "演出", "动漫", "游戏", "艺术", "软件", "平台", "印刷", "旅游", "娱乐")


def timed(label: str, rows: int, *words: str, home: str) -> float:
    """Run one command; print its seconds, rows a second and peak memory."""
    env = {**os.environ, "WENMAI_HOME": home, "WENMAI_UPLOAD_LIMIT": str(2 * 10**9)}
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "wenmai.cli", *words], env=env, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{label}: exit {process.returncode}; its time means nothing")
    print(f"| {label} | {seconds:.1f} | {rows / seconds:,.0f} | {usage.ru_maxrss / 1024:,.0f} |", flush=True)
    return seconds


def classification(path: Path) -> None:
    """Classification alone, and the LIKE workflow as one DuckDB query over the same rows, on two threads."""
    import duckdb
    import polars as pl

    from wenmai.rooms.classification.methods.classify import classify
    from wenmai.rooms.classification.methods.model import load_shipped

    frame = pl.read_csv(path, infer_schema=False, n_rows=100_000)
    rows = frame.select(
        pl.col("企业名称").alias("name"), pl.col("经营范围").alias("scope"),
        pl.lit(None, pl.Utf8).alias("industry_code"), pl.lit(None, pl.Utf8).alias("industry_text"),
    )  # fmt: skip
    model = load_shipped()
    classify(rows.head(1000), model)
    for workers in (1, 2):
        start = time.perf_counter()
        classify(rows, model, workers=workers)
        seconds = time.perf_counter() - start
        print(f"| classify, text only, {workers} process(es) | {seconds:.1f} | {rows.height / seconds:,.0f} | |")
    connection = duckdb.connect()
    connection.execute("SET threads=2")
    connection.register("t", rows.to_arrow())
    start = time.perf_counter()
    condition = " OR ".join(f"scope LIKE '%{w}%'" for w in WORDS)
    connection.execute(f"SELECT count(*) FROM t WHERE {condition}").fetchone()
    seconds = time.perf_counter() - start
    print(f"| LIKE, {len(WORDS)} words, DuckDB, 2 threads | {seconds:.2f} | {rows.height / seconds:,.0f} | |")


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=100_000)
    rows = parser.parse_args().rows
    from wenmai.samples import write_big

    with tempfile.TemporaryDirectory() as box:
        path = Path(box) / "big.csv"
        write_big(path, rows)
        print(f"{rows:,} rows, {path.stat().st_size / 1e6:.0f} MB\n\n| step | s | rows/s | peak MiB |\n|---|---|---|---|", flush=True)
        home = f"{box}/home"
        total = timed("import", rows, "import", str(path), home=home)
        total += timed("classify + snapshot", rows, "classify", home=home)
        total += timed("figures", rows, "figures", home=home)
        print(f"| end to end | {total:.1f} | {rows / total:,.0f} | |")
        classification(path)
        print(f"\npeak of this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB")


if __name__ == "__main__":
    main()
