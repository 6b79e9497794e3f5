"""The verbs of the briefing: draft a document, fill a placeholder, hand out its files."""

from __future__ import annotations

import csv
import json
import tempfile
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from wenmai.base.values import InputError, NotFound, Refused
from wenmai.office.events import services as events
from wenmai.office.figures import queries, snapshots
from wenmai.office.files import store
from wenmai.office.people.permissions import WRITERS, allow
from wenmai.rooms.briefing import rendering
from wenmai.rooms.briefing.methods import checking, skeleton
from wenmai.rooms.briefing.models import Document, Kind, Passage


def _require(verdict: tuple[bool, str]) -> None:
    if not verdict[0]:
        raise Refused(verdict[1])


def may_draft(user: Any) -> tuple[bool, str]:
    return allow(user, WRITERS, "起草汇报")


def _passages() -> dict[str, tuple[str, bool]]:
    return {p.slot: (p.text, p.omitted) for p in Passage.objects.all()}


def draft(kind: str, actor: Any = None) -> Document:
    """Write the document of a kind from the newest snapshot, check its figures, keep it with lineage and annex.

    送阅稿 is refused while placeholders remain or the checker finds an error.
    """
    _require(may_draft(actor))
    if kind not in Kind.values:
        raise InputError(f"没有“{kind}”这种文稿", remedy="请选 代拟稿、核数稿 或 送阅稿")
    snapshot = snapshots.latest()
    figures = queries.figures(snapshot)
    if not (figures.get("rows.total") and figures["rows.total"].value):
        raise Refused("名录里还没有数据", remedy="请先导入名录")
    today = timezone.localdate()
    date_text = f"{today.year}年{today.month}月{today.day}日"
    report = rendering.filled(skeleton.build(figures, snapshot.facts, date_text), _passages())
    found = checking.findings(report, figures)
    errors = [f for f in found if f.severity == "error"]
    if kind == Kind.CLEAN:
        missing = [s.prompt for s in report.slots()]
        if missing:
            raise Refused(f"送阅稿还有 {len(missing)} 处【】未填：" + "；".join(missing), remedy="请在“汇报”页逐处填写或选择不写")
        if errors:
            raise Refused("送阅稿的数字核对未通过：" + "；".join(f.message_zh for f in errors[:5]))
    with tempfile.TemporaryDirectory() as box:
        paths = {part: Path(box) / f"{part}.bin" for part in ("docx", "lineage", "xlsx")}
        rendering.write_docx(paths["docx"], report, figures, snapshot.facts, check=kind == Kind.CHECK)
        rendering.write_annex(paths["xlsx"], report, figures, snapshot.facts)
        about = {"kind": kind, "title": report.title, "snapshot": snapshot.pk, "snapshot_digest": snapshot.digest, "date": date_text}
        paths["lineage"].write_text(rendering.lineage(report, figures, snapshot.facts, about), encoding="utf-8")
        digests = {part: store.put(path)[0] for part, path in paths.items()}
    with transaction.atomic():
        document = Document.objects.create(
            kind=kind, title=report.title, snapshot_id=snapshot.pk, file_digest=digests["docx"],
            lineage_digest=digests["lineage"], annex_digest=digests["xlsx"], actor=actor,
            findings=[{"rule": f.rule, "figures": list(f.figure_ids), "message": f.message_zh, "severity": f.severity} for f in found],
        )  # fmt: skip
        events.record("briefing.document.drafted", f"document:{document.pk}", {"kind": kind, "snapshot": snapshot.pk}, actor)
    return document


def document_path(document: Document, part: str = "docx") -> Path:
    """Where a part (docx, lineage, xlsx) of a document is stored."""
    digests = {"docx": document.file_digest, "lineage": document.lineage_digest, "xlsx": document.annex_digest}
    if part not in digests or not digests[part]:
        raise NotFound(f"这份文稿没有 {part}")
    return store.path_of(digests[part])


def fill(slot: str, text: str = "", omitted: bool = False, actor: Any = None) -> Passage:
    """Bind the author's text to a placeholder, or leave the passage out."""
    _require(may_draft(actor))
    if slot not in skeleton.SLOTS:
        raise NotFound(f"没有名为 {slot} 的填写处", remedy="可填：" + "、".join(skeleton.SLOTS))
    text = " ".join(text.split())
    if not text and not omitted:
        raise InputError("填写内容为空", remedy="请填写文字，或选择不写此处")
    if "【" in text:
        raise InputError("填写内容中不能再有【】")
    with transaction.atomic():
        passage, _ = Passage.objects.update_or_create(
            slot=slot, defaults={"text": text, "omitted": omitted, "actor_name": getattr(actor, "username", "命令行")}
        )
        events.record("briefing.passage.filled", f"slot:{slot}", {"omitted": omitted, "length": len(text)}, actor)
    return passage


def unfill(slot: str, actor: Any = None) -> None:
    """Take a passage back: the placeholder stands again."""
    _require(may_draft(actor))
    with transaction.atomic():
        if Passage.objects.filter(slot=slot).delete()[0]:
            events.record("briefing.passage.cleared", f"slot:{slot}", {}, actor)


def export_rows(document: Document, directory: Path) -> list[Path]:
    """Write the rows behind every counted figure of a document as CSV, one file a figure, with the lineage beside."""
    from wenmai.office.figures.models import Snapshot

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
    return written
