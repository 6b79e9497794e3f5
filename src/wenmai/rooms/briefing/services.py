"""The verbs of the briefing: draft a document, fill a placeholder, confirm a figure."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from wenmai.base.values import InputError, NotFound, Refused
from wenmai.office.events import services as events
from wenmai.office.figures import queries as figure_queries
from wenmai.office.figures import snapshots
from wenmai.office.figures.methods.checker import Finding
from wenmai.office.figures.models import Snapshot
from wenmai.office.figures.typed import Figure
from wenmai.office.files import store
from wenmai.office.people.permissions import DECIDERS, WRITERS, allow
from wenmai.rooms.briefing import queries, rendering
from wenmai.rooms.briefing.exporting import document_path, export_rows
from wenmai.rooms.briefing.methods import annexes, checking, skeleton
from wenmai.rooms.briefing.methods.blocks import Report, Writer
from wenmai.rooms.briefing.models import Confirmation, Document, Kind, Passage, Step
from wenmai.rooms.classification.changes import stale

__all__ = ["confirm", "document_path", "draft", "export_rows", "fill", "may_confirm", "may_draft", "printed", "unfill", "withdraw"]

SLIP_LIMIT = 20_000_000
# How a stamped slip comes: a scan, a photograph, or an OFD (a zip by its first bytes).
_SLIPS = {".pdf": b"%PDF-", ".jpg": b"\xff\xd8\xff", ".jpeg": b"\xff\xd8\xff", ".png": b"\x89PNG\r\n", ".ofd": b"PK\x03\x04"}


def _require(verdict: tuple[bool, str]) -> None:
    if not verdict[0]:
        raise Refused(verdict[1])


def may_draft(user: Any) -> tuple[bool, str]:
    return allow(user, WRITERS, "起草汇报")


def may_confirm(user: Any) -> tuple[bool, str]:
    return allow(user, DECIDERS, "确认数字")


# ------------------------------------------------------------------ documents


def printed(kind: str, snapshot: Snapshot, figures: dict[str, Figure], date_text: str) -> tuple[Report, list[Finding]]:
    """Everything that the document of a kind prints, and what the checker finds in it."""
    passages = {p.slot: (p.text, p.omitted) for p in Passage.objects.all()}
    report = rendering.filled(skeleton.build(figures, snapshot.facts, date_text, alone=kind == Kind.CLEAN), passages)
    confirmed = None
    if kind == Kind.CHECK:
        states = queries.states({i: f.text() for i, f in figures.items()}, snapshot.digest)
        confirmed = {i: queries.confirmed_text(s) for i, s in states.items()}
    given = {slot: omitted for slot, (_, omitted) in passages.items()}
    report = annexes.with_annexes(report, Writer(figures), snapshot.facts, given, confirmed)
    found = checking.findings(report, figures, snapshot.facts)
    return (annexes.with_findings(report, found) if kind == Kind.CHECK else report), found


def draft(kind: str, actor: Any = None) -> Document:
    """Write the document of a kind from the newest snapshot, check its figures, keep it with lineage and annex.

    送阅稿 is refused while placeholders remain or the checker finds an error.
    """
    _require(may_draft(actor))
    if kind not in Kind.values:
        raise InputError(f"没有“{kind}”这种文稿", remedy="请选 代拟稿、核数稿 或 送阅稿")
    snapshot = snapshots.latest()
    figures = figure_queries.figures(snapshot)
    if not (figures.get("rows.total") and figures["rows.total"].value):
        raise Refused("名录里还没有数据", remedy="请先导入名录")
    today = timezone.localdate()
    date_text = f"{today.year}年{today.month}月{today.day}日"
    if (moved := stale(snapshot)) and kind == Kind.CLEAN:
        raise Refused(moved, remedy="请先发布新快照（wenmai classify 或“数字”页），再出送阅稿")
    report, found = printed(kind, snapshot, figures, date_text)
    if moved:
        found = [*found, Finding("stale_snapshot", (), moved, "warning")]
    errors = [f for f in found if f.severity == "error"]
    if kind == Kind.CLEAN:
        missing = [f"{skeleton.NAMES.get(s.id, s.id)}（{s.prompt}）" for s in report.slots()]
        if missing:
            how = "请在“汇报”页逐处填写或选择不写，或用 wenmai fill 名称 文字（--omit 为不写）"
            raise Refused(f"送阅稿还有 {len(missing)} 处【】未填：" + "；".join(missing), remedy=how)
        if errors:
            raise Refused("送阅稿的数字核对未通过：" + "；".join(f.message_zh for f in errors[:5]))
    pending = figure_queries.trace("culture.pending", snapshot) if "culture.pending" in figures else None
    with tempfile.TemporaryDirectory() as box:
        paths = {part: Path(box) / f"{part}.bin" for part in ("docx", "lineage", "xlsx")}
        rendering.write_docx(paths["docx"], report, kind)
        rendering.write_annex(paths["xlsx"], report, figures, snapshot.facts, pending)
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


# ------------------------------------------------------------------- passages


def fill(slot: str, text: str = "", omitted: bool = False, actor: Any = None) -> Passage:
    """Bind the author's text to a placeholder, or leave the passage out."""
    _require(may_draft(actor))
    slot = next((s for s, name in skeleton.NAMES.items() if name == slot), slot)
    if slot not in skeleton.SLOTS:
        raise NotFound(f"没有名为 {slot} 的填写处", remedy="可填：" + "、".join(skeleton.NAMES.values()))
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


# -------------------------------------------------------------- confirmations


def confirm(
    figure_ids: Sequence[str], step: int = Step.HANDLER, note: str = "", slip: Path | None = None, slip_name: str = "", actor: Any = None
) -> list[Confirmation]:
    """Confirm figures as the newest draft prints them; a stamped slip (pdf, jpg, png, ofd) may be attached to all.

    Repeating what stands already, at the same step by the same person without a new slip, changes nothing.
    """
    _require(may_confirm(actor))
    document = queries.newest()
    shown = queries.printed_figures(document)
    unknown = [i for i in figure_ids if i not in shown]
    if not figure_ids or unknown:
        what = f"最近一份文稿没有编号为 {'、'.join(unknown)} 的数字" if unknown else "没有选数字"
        raise NotFound(what, remedy="请在“核数”页选择，或用 wenmai figures 查看编号")
    if step not in Step.values:
        raise InputError("没有这一环节", remedy="请选 " + "、".join(Step.labels))
    if len(note) > 300:
        raise InputError("说明超过 300 字", remedy="请缩短")
    digest, name = _slip(slip, slip_name) if slip is not None else ("", "")
    snapshot_digest = queries.digest_of(document)
    who = getattr(actor, "username", None) or "命令行"
    made = []
    with transaction.atomic():
        for figure_id in dict.fromkeys(figure_ids):
            value = str(shown[figure_id]["printed"])
            held = Confirmation.objects.filter(
                figure_id=figure_id, value=value, snapshot_digest=snapshot_digest, step=step, actor_name=who, withdrawn_at=None
            )
            if not digest and not note and held.exists():
                continue
            made.append(Confirmation.objects.create(
                figure_id=figure_id, value=value, snapshot_id=document.snapshot_id, snapshot_digest=snapshot_digest, step=step,
                actor=actor, actor_name=who, note=" ".join(note.split()), slip_digest=digest, slip_name=name,
            ))  # fmt: skip
        if made:
            payload = {"figures": [c.figure_id for c in made], "step": Step(step).label, "snapshot": document.snapshot_id, "slip": digest}
            events.record("briefing.figures.confirmed", f"document:{document.pk}", payload, actor)
    return made


def withdraw(confirmation_id: int, actor: Any = None) -> Confirmation:
    """Take a confirmation back; it stays on record."""
    _require(may_confirm(actor))
    with transaction.atomic():
        found = Confirmation.objects.select_for_update().filter(pk=confirmation_id).first()
        if found is None:
            raise NotFound(f"没有编号为 {confirmation_id} 的确认")
        if found.withdrawn_at is not None:
            raise Refused("这一确认已经撤回")
        found.withdrawn_at, found.withdrawn_by = timezone.now(), getattr(actor, "username", None) or "命令行"
        found.save(update_fields=["withdrawn_at", "withdrawn_by"])
        events.record("briefing.figures.withdrawn", f"confirmation:{found.pk}", {"figure": found.figure_id}, actor)
    return found


def _slip(path: Path, name: str) -> tuple[str, str]:
    """Store the slip; its kind is read from its first bytes, not only from its name."""
    name = (name or path.name)[-120:]
    suffix = Path(name).suffix.lower()
    if not path.is_file():
        raise InputError("找不到确认单", where=str(path), remedy="请核对路径")
    if suffix not in _SLIPS:
        raise InputError(f"确认单不能是“{suffix or '无扩展名'}”文件", where=name, remedy="请用 pdf、jpg、png 或 ofd")
    size = path.stat().st_size
    if size > SLIP_LIMIT:
        raise InputError(f"确认单 {size / 1e6:.0f} MB，超过上限 {SLIP_LIMIT / 1e6:.0f} MB", where=name, remedy="请降低扫描分辨率")
    with path.open("rb") as handle:
        if not handle.read(8).startswith(_SLIPS[suffix]):
            raise InputError("确认单的内容与扩展名不符", where=name, remedy="请重新扫描或另存为 pdf")
    return store.put(path)[0], name
