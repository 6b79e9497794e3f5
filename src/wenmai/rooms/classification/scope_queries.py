"""Reads of 区自定口径 for pages and the command line: what a list would change, its figures, the bridge to the national scope."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from wenmai.base import standards
from wenmai.base.standards import ScopeList
from wenmai.base.values import NotFound, WenmaiError
from wenmai.office.figures import queries, snapshots
from wenmai.office.figures.models import Snapshot
from wenmai.office.figures.typed import Figure
from wenmai.rooms.classification import scope_units, scoping, tables
from wenmai.rooms.classification.models import ScopeVersion
from wenmai.rooms.classification.scoping import STANDING, Standing

ANSWERS = ("纳入", "待核定", "不纳入")
SAMPLE = 20
HEAD_FIGURES = ("included", "pending", "excluded", "included_text", "both", "national_only", "own_only")


@dataclass(frozen=True, slots=True)
class Move:
    """How many units go from one answer to another when a new version takes the place of the standing one."""

    before: str
    after: str
    count: int


@dataclass(frozen=True, slots=True)
class Effect:
    """What a list says of the units analysed: counts by answer, sample rows, moves against the standing version."""

    basis: str
    counts: dict[str, int]
    samples: dict[str, list[dict[str, Any]]]
    bridge: list[BridgeLine]
    previous: str | None
    moves: list[Move]


@dataclass(frozen=True, slots=True)
class BridgeLine:
    """One line of the bridge from the national count to the list's: `sign` '', '减', '加' or '＝'."""

    sign: str
    title: str
    value: int
    figure: Figure | None = None


def _units() -> tuple[pl.DataFrame, str]:
    """The units of the newest snapshot; before the first one, the register as it stands."""
    try:
        snapshot = snapshots.latest()
    except NotFound:
        return pl.concat([pl.DataFrame(pl.from_arrow(t)) for t in tables.units()]), "名录现状（尚无快照）"
    frame = pl.read_parquet(snapshots.folder(snapshot.pk) / "units.parquet")
    if "industry_text" not in frame.columns:  # a snapshot older than this column
        frame = frame.with_columns(pl.lit(None, dtype=pl.Utf8).alias("industry_text"))
    return frame, f"快照 {snapshot.pk}"


def effect(scope: ScopeList) -> Effect:
    """The verdicts of a list that is not (or just) added over the newest snapshot's units."""
    units, basis = _units()
    frame = scope_units.with_class(units)
    standing = next((s.version for s in scoping.standings() if s.state == STANDING and s.version.name == scope.name), None)
    lists = [scope]
    if standing is not None and standing.digest != scope.digest:
        lists.append(scoping.load(standing))
    stated = scope_units.stated_texts(frame, lists)
    found, *older = [scope_units.verdict_table(frame, each, stated) for each in lists]
    counts = dict(found.group_by("answer").len().iter_rows())
    return Effect(
        basis,
        {a: int(counts.get(a, 0)) for a in ANSWERS},
        {a: _sample(found.filter(pl.col("answer") == a)) for a in ANSWERS},
        _bridge_of(found),
        lists[1].label if older else None,
        _moves(older[0], found) if older else [],
    )


def _sample(rows: pl.DataFrame) -> list[dict[str, Any]]:
    """The first rows by key, those of the national scope first: for 不纳入 they are what an official looks for."""
    return rows.sort(pl.col("national") != "文化", "key").head(SAMPLE).to_dicts()


def _moves(before: pl.DataFrame, after: pl.DataFrame) -> list[Move]:
    both = before.select("key", pl.col("answer").alias("before")).join(after.select("key", "answer"), on="key")
    moved = both.filter(pl.col("before") != pl.col("answer")).group_by("before", "answer").len().sort("before", "answer")
    return [Move(b, a, int(n)) for b, a, n in moved.iter_rows()]


def _bridge_of(rows: pl.DataFrame) -> list[BridgeLine]:
    cells = {(n, a): int(c) for n, a, c in rows.group_by("national", "answer").len().iter_rows()}
    return _bridge(
        sum(c for (n, _), c in cells.items() if n == "文化"),
        cells.get(("文化", "不纳入"), 0),
        cells.get(("文化", "待核定"), 0),
        cells.get(("文化", "纳入"), 0),
        cells.get(("非文化", "纳入"), 0),
        cells.get(("待核定", "纳入"), 0),
        sum(c for (_, a), c in cells.items() if a == "纳入"),
    )


def _bridge(national: int, out: int, pending: int, both: int, other: int, unsettled: int, own: int) -> list[BridgeLine]:
    """The lines; both sums are checked, a bridge that does not close is a fault of the program."""
    if national - out - pending != both or both + other + unsettled != own:
        raise RuntimeError("口径对账桥未合上")
    return [
        BridgeLine("", "国家口径文化企业", national),
        BridgeLine("减", "本口径不纳入", out),
        BridgeLine("减", "本口径待核定", pending),
        BridgeLine("＝", "两口径都计入", both),
        BridgeLine("加", "国家口径非文化", other),
        BridgeLine("加", "国家口径待核定", unsettled),
        BridgeLine("＝", "本口径纳入", own),
    ]


def _figures(snapshot: Snapshot | None, digest: str) -> dict[str, Figure]:
    """The figures of one list in a snapshot by the last part of their id; empty when it was not used there."""
    if snapshot is None:
        return {}
    head = f"scope.{digest[:10]}."
    try:
        return {i.removeprefix(head): f for i, f in queries.figures(snapshot).items() if i.startswith(head)}
    except WenmaiError:
        return {}


def newest() -> Snapshot | None:
    return Snapshot.objects.filter(complete=True).order_by("-id").first()


def newest_figures(version: ScopeVersion) -> list[Figure]:
    """The main figures of a version in the newest snapshot."""
    found = _figures(newest(), version.digest)
    return [found[n] for n in HEAD_FIGURES if n in found]


def bridge(version: ScopeVersion) -> list[BridgeLine]:
    """The bridge of a version in the newest snapshot, each line with its figure; empty when it is not used there."""
    snapshot = newest()
    found = _figures(snapshot, version.digest)
    if snapshot is None or not found:
        return []
    found["national"] = queries.figures(snapshot)["culture.identified"]
    names = ("national", "national_out", "national_open", "both", "own_noncultural", "own_unsettled", "included")
    lines = _bridge(*(int(found[n].value or 0) for n in names))
    return [BridgeLine(line.sign, line.title, line.value, found[n]) for line, n in zip(lines, names, strict=True)]


def split(version: ScopeVersion, by: str) -> list[Figure]:
    """The figures of one split (division, major) in the newest snapshot, largest first."""
    found = [f for n, f in _figures(newest(), version.digest).items() if n.startswith(by + ".") and f.kind == "count"]
    return sorted(found, key=lambda f: (-(f.value or 0), f.id))


def lines() -> list[dict[str, Any]]:
    """Every version with its state and, where the newest snapshot used it, its figures."""
    snapshot = newest()
    return [{"standing": s, "figures": _figures(snapshot, s.version.digest)} for s in scoping.standings()]


def waiting() -> list[str]:
    """What a new snapshot would do otherwise than the newest one, in words; empty when they agree."""
    snapshot = newest()
    if snapshot is None:
        return []
    used = {a["digest"]: a["label"] for a in snapshot.facts.get("scope_lists", [])}
    now = {s.version.digest: s.label for s in scoping.standings() if s.state == STANDING}
    return [f"{now[d]}将起用" for d in now if d not in used] + [f"{used[d]}将不再使用" for d in used if d not in now]


def rule_lines(scope: ScopeList) -> list[dict[str, Any]]:
    """The rules as a table: kind, value with the class's name, codes it is limited to, note, row."""
    result = []
    for rule in scope.rules:
        item = None if rule.kind in ("关键词", "排除词") else standards.industry(rule.value)
        result.append({
            "row": rule.row, "kind": rule.kind, "value": f"{item.code} {item.name}" if item else "、".join(rule.words),
            "under": "、".join(rule.under), "note": rule.note,
        })  # fmt: skip
    return result


def validity(standing: Standing) -> str:
    """When the version holds, in words."""
    version = standing.version
    start = f"{version.valid_from} 起" if version.valid_from else "起用日期未载"
    return f"{start}，{version.valid_to} 止" if version.valid_to else f"{start}，失效日期未定"
