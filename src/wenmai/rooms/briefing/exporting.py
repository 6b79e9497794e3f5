"""A document's files, and the rows behind its figures as plain CSV for an independent recomputation."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from wenmai.base.values import NotFound
from wenmai.office.figures import queries, snapshots
from wenmai.office.figures.models import Snapshot
from wenmai.office.files import store
from wenmai.rooms.briefing.models import Document
from wenmai.rooms.classification.counting import interval_rows


def document_path(document: Document, part: str = "docx") -> Path:
    """Where a part (docx, lineage, xlsx) of a document is stored."""
    digests = {"docx": document.file_digest, "lineage": document.lineage_digest, "xlsx": document.annex_digest}
    if part not in digests or not digests[part]:
        raise NotFound(f"这份文稿没有 {part}")
    return store.path_of(digests[part])


def export_rows(document: Document, directory: Path) -> list[Path]:
    """Write the rows behind every counted figure of a document as CSV, one file a figure, with the lineage beside.

    The interval's rows (key, probability, decided_by, outcome) go to interval.csv, its parameters to interval.json.
    """
    directory.mkdir(parents=True, exist_ok=True)
    lineage = json.loads(document_path(document, "lineage").read_text(encoding="utf-8"))
    snapshot = Snapshot.objects.get(pk=lineage["snapshot"])
    (directory / "lineage.json").write_text(json.dumps(lineage, ensure_ascii=False), encoding="utf-8")
    written = []
    for number, (figure_id, figure) in enumerate(lineage["figures"].items()):
        if figure["kind"] != "count":
            continue
        rows = queries.trace(figure_id, snapshot)
        path = directory / f"{number:03d}.csv"
        with path.open("w", newline="", encoding="utf-8") as handle:
            writer = csv.writer(handle)
            writer.writerow([figure_id, *rows.column_names])
            writer.writerows(["", *r.values()] for r in rows.to_pylist())
        written.append(path)
    known = snapshot.facts.get("interval")
    if known and "unknown" not in known:
        (directory / "interval.json").write_text(json.dumps(known, ensure_ascii=False), encoding="utf-8")
        rows = interval_rows(snapshots.connect(snapshot)["units"])
        with (directory / "interval.csv").open("w", newline="", encoding="utf-8") as handle:
            writer = csv.writer(handle)
            writer.writerow(rows.column_names)
            writer.writerows(r.values() for r in rows.to_pylist())
    return written
