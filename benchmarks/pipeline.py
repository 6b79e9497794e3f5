"""`make bench`: file to snapshot with provenance on generated rows; classification beside the LIKE query in DuckDB.

Rows: scope lengths follow a real district register, >= 80 % of scopes distinct (wenmai.samples.write_big).
`--rows 1000000` for the large run. Each step is a process of its own; its peak memory is what the system reports.
Processor time is printed beside the clock: on a machine that others use only the former can be compared.
`--again` imports the same file a second time, and a third with one row in five changed. `--pages` times the pages of the
workbench over that register. `--repeat N` prints best and median of N end-to-end runs.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

WORDS = ("文化", "广告", "设计", "影视", "传媒", "会展", "出版", "演出", "动漫", "游戏", "艺术", "软件", "平台", "印刷", "旅游", "娱乐")


def timed(label: str, rows: int, *words: str, home: str) -> float:
    """Run one command; print its seconds, rows a second, processor seconds and peak memory."""
    env = {**os.environ, "WENMAI_HOME": home, "WENMAI_UPLOAD_LIMIT": str(2 * 10**9)}
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "wenmai.cli", *words], env=env, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{label}: exit {process.returncode}; its time means nothing")
    cpu = usage.ru_utime + usage.ru_stime
    print(f"| {label} | {seconds:.1f} | {rows / seconds:,.0f} | {cpu:.1f} | {usage.ru_maxrss / 1024:,.0f} |", flush=True)
    return seconds


def end_to_end(path: Path, rows: int, home: str) -> float:
    """Seconds from file to figures, in three processes as an official would start them."""
    total = timed("import", rows, "import", str(path), home=home)
    total += timed("classify + snapshot", rows, "classify", home=home)
    total += timed("figures", rows, "figures", home=home)
    print(f"| **end to end** | {total:.1f} | {rows / total:,.0f} | | |", flush=True)
    return total


def changed_copy(path: Path, target: Path) -> None:
    """The same register with a new address and status in one row of five."""
    import numpy as np
    import polars as pl

    frame = pl.read_csv(path, infer_schema=False)
    chosen = pl.Series(np.random.default_rng(20260101).random(frame.height) < 0.2)
    frame.with_columns(
        pl.when(chosen).then(pl.lit("新址") + pl.col("注册地址")).otherwise("注册地址").alias("注册地址"),
        pl.when(chosen).then(pl.lit("注销")).otherwise("登记状态").alias("登记状态"),
    ).write_csv(target)


def pages(home: str) -> None:
    """Times of pages over the register of `home`, each asked three times: the first and the best, and its queries' share."""
    os.environ.update(WENMAI_HOME=home, DJANGO_SETTINGS_MODULE="wenmai.web.settings", WENMAI_HOSTS="testserver")
    import django

    django.setup()
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from wenmai.office.people.models import User
    from wenmai.rooms.registry.models import Enterprise

    client = Client()
    client.force_login(User.objects.filter(username="bench").first() or User.objects.create_user("bench", role="admin"))
    some = Enterprise.objects.filter(current=True).order_by("-id").first()
    assert some is not None
    asked = {
        "list": "/enterprises/", "list, last page": "/enterprises/?page=100000000", "sorted by name": "/enterprises/?sort=name",
        "sorted by date": "/enterprises/?sort=registered_on", "newest first": "/enterprises/?sort=-registered_on",
        "search 文化 (common)": "/enterprises/?q=文化", "search 龟兹 (no hit)": "/enterprises/?q=龟兹",
        "search by the start of a code": f"/enterprises/?q={(some.credit_code or '91')[:14]}",
        "street filter": f"/enterprises/?street={some.street or ''}", "one enterprise": f"/enterprises/k/{some.key}", "dashboard": "/",
    }  # fmt: skip
    print(f"\n{Enterprise.objects.count():,} enterprises, {connection.vendor}\n\n| page | first s | best s | queries s |\n|---|---|---|---|")
    for label, address in asked.items():
        times, spent = [], []
        for _ in range(3):
            start = time.perf_counter()
            with CaptureQueriesContext(connection) as queries:
                answer = client.get(address)
            times.append(time.perf_counter() - start)
            spent.append(sum(float(q["time"]) for q in queries))
            if answer.status_code != 200:
                raise SystemExit(f"{address}: {answer.status_code}")
        print(f"| {label} | {times[0]:.2f} | {min(times):.2f} | {min(spent):.2f} |", flush=True)


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
        print(f"| classify, text only, {workers} process(es) | {seconds:.1f} | {rows.height / seconds:,.0f} | | |")
    connection = duckdb.connect()
    connection.execute("SET threads=2")
    connection.register("t", rows.to_arrow())
    start = time.perf_counter()
    condition = " OR ".join(f"scope LIKE '%{w}%'" for w in WORDS)
    connection.execute(f"SELECT count(*) FROM t WHERE {condition}").fetchone()
    seconds = time.perf_counter() - start
    print(f"| LIKE, {len(WORDS)} words, DuckDB, 2 threads | {seconds:.2f} | {rows.height / seconds:,.0f} | | |")


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--again", action="store_true", help="import the same file again, and a changed one")
    parser.add_argument("--pages", action="store_true", help="time the pages of the workbench")
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--home", help="time the pages of this home only")
    options = parser.parse_args()
    if options.home:
        pages(options.home)
        return
    rows = options.rows
    from wenmai.samples import write_big

    with tempfile.TemporaryDirectory() as box:
        path = Path(box) / "big.csv"
        write_big(path, rows)
        print(f"{rows:,} rows, {path.stat().st_size / 1e6:.0f} MB\n\n| step | s | rows/s | CPU s | peak MiB |\n|---|---|---|---|---|", flush=True)
        totals = [end_to_end(path, rows, f"{box}/home{n}") for n in range(options.repeat)]
        if len(totals) > 1:
            best, median = min(totals), statistics.median(totals)
            print(f"| best / median of {len(totals)} | {best:.1f} / {median:.1f} | {rows / best:,.0f} / {rows / median:,.0f} | | |")
        if options.again:
            timed("import the same file again", rows, "import", str(path), home=f"{box}/home0")
            changed = Path(box) / "changed.csv"
            changed_copy(path, changed)
            timed("import with 1 row in 5 changed", rows, "import", str(changed), home=f"{box}/home0")
        classification(path)
        if options.pages:
            pages(f"{box}/home0")
        print(f"\npeak of this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB")


if __name__ == "__main__":
    main()
