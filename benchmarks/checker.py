"""The checker on drafts of real pipelines: the sample district at several sizes and, with ../shared, the real files.

Each draft (核数稿, everything it prints) is mutated as tests/rooms/briefing/mutations.py describes; the share caught
and the false alarms on the clean and on correctly respelled drafts are printed and written to out/checker.md.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ((400, 1), (1500, 2), (3000, 3))
REAL = (
    "registry_district/chongqing_yuzhong.csv", "registry_province/zhejiang_2019.csv", "registry_province/zhejiang_1996.xls",
    "enterprise_export_shandong/enterprise_export.xlsx", "daily_new_registrations/2019-08-01.txt",
)  # fmt: skip


def one(source: str, times: int) -> dict[str, Any]:
    """Run one pipeline in its own home and measure on its draft; called in a process of its own."""
    home = Path(os.environ["WENMAI_HOME"])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wenmai.web.settings")
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    from wenmai.office.figures import queries, snapshots
    from wenmai.rooms.briefing import services
    from wenmai.rooms.briefing.methods import checking
    from wenmai.rooms.classification import services as classification
    from wenmai.rooms.registry import services as registry
    from wenmai.samples import write_district

    spec = importlib.util.spec_from_file_location("mutations", ROOT / "tests/rooms/briefing/mutations.py")
    assert spec and spec.loader
    mutations = importlib.util.module_from_spec(spec)
    sys.modules["mutations"] = mutations
    spec.loader.exec_module(mutations)
    if source.startswith("sample:"):
        size, seed = map(int, source.split(":")[1:])
        (home / "site.json").write_text(json.dumps({"district": "文澜区"}), encoding="utf-8")
        files = write_district(home / "sample", size, seed)
    else:
        files = [Path(source)]
    for path in files:
        registry.import_file(path, provider="提供单位")
    classification.run()
    snapshot = snapshots.publish()
    figures = queries.figures(snapshot)
    made = mutations.measure(
        [(figures, lambda f: services.printed("核数稿", snapshot, f, "2026年1月31日")[0])],
        lambda report, f: checking.findings(report, f, snapshot.facts), times, 20260101,
    )  # fmt: skip
    examples = [str(e) for e in made["alarm_examples"]]
    return {k: made[k] for k in ("tried", "caught", "missed", "share", "alarms", "clean")} | {"alarm_examples": examples}


def main() -> None:
    """Run every source, print the table, fail below 95 % caught or above 2 % false alarms."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--times", type=int, default=500)
    parser.add_argument("--one", help="(internal) one source, JSON on standard output")
    given = parser.parse_args()
    if given.one:
        print("\n" + json.dumps(one(given.one, given.times), ensure_ascii=False))
        return
    sources = [f"sample:{size}:{seed}" for size, seed in SAMPLES]
    sources += [str(given.shared / "data/real" / name) for name in REAL if (given.shared / "data/real" / name).exists()]
    lines = ["| draft | mutations | caught | clean drafts | false alarms |", "|---|---|---|---|---|"]
    kinds: dict[str, list[int]] = {}
    bad = 0
    for source in sources:
        with tempfile.TemporaryDirectory() as home:
            words = [sys.executable, __file__, "--one", source, "--times", str(given.times)]
            done = subprocess.run(words, env={**os.environ, "WENMAI_HOME": home}, text=True, capture_output=True, check=False)
        name = source if source.startswith("sample") else "/".join(Path(source).parts[-2:])
        if done.returncode:
            print(name, done.stderr[-1500:])
            bad += 1
            continue
        got = json.loads(done.stdout.strip().splitlines()[-1])
        total = sum(got["tried"].values())
        lines.append(f"| {name} | {total} | {got['share']:.1%} | {got['clean']} | {got['alarms']:.1%} |")
        print(lines[-1], flush=True)
        for kind, n in got["tried"].items():
            seen = kinds.setdefault(kind, [0, 0])
            seen[0] += n
            seen[1] += got["caught"].get(kind, 0)
        bad += got["share"] < 0.95 or got["alarms"] > 0.02
        for miss in got["missed"][:6]:
            print("   missed", miss[0], miss[1][:260])
        for alarm in got["alarm_examples"]:
            print("   alarm", alarm[:300])
    lines += ["", "| mutation | tried | caught |", "|---|---|---|", *[f"| {k} | {n} | {c} |" for k, (n, c) in kinds.items()]]
    out = ROOT / "out" / "checker.md"
    out.parent.mkdir(exist_ok=True)
    out.write_text("# Checker on drafts of real pipelines (`benchmarks/checker.py`)\n\n" + "\n".join(lines) + "\n", encoding="utf-8")
    print(f"\n{out.relative_to(ROOT)} written; {bad} below the mark")
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
