"""The verbs of the register: receive a file, stage it, publish it, undo it. The only place that writes it."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
from django.db import connection, transaction
from django.utils import timezone

from wenmai.base.values import InputError, NotFound, Refused
from wenmai.office.events import services as events
from wenmai.office.files import store
from wenmai.rooms.registry import parks, permissions, publishing, staging, storage
from wenmai.rooms.registry.choices import BatchKind, BatchState, Outcome
from wenmai.rooms.registry.methods.planning import make_plan
from wenmai.rooms.registry.models import Batch, Enterprise, EnterpriseName, Register

Progress = Callable[[str, int, int | None], None]
# Rooms above may object to an undo (money or decisions depend on the batch): each returns reasons.
undo_guards: list[Callable[[Batch], list[str]]] = []


def _silent(step: str, done: int, total: int | None = None) -> None:
    return None


def _require(verdict: tuple[bool, str]) -> None:
    if not verdict[0]:
        raise Refused(verdict[1])


def receive(
    path: Path, *, provider: str = "", basis: str = "", purpose: str = "", share: str = "",
    as_of: datetime.date | None = None, actor: Any = None, name: str | None = None,
) -> Batch:  # fmt: skip
    """Keep the file and open a batch for it. An unfinished batch of the same bytes is taken up again."""
    _require(permissions.may_import(actor))
    digest, size = store.put(path)
    unfinished = Batch.objects.filter(
        file_digest=digest, kind=BatchKind.IMPORT, state__in=[BatchState.RECEIVED, BatchState.STAGED]
    ).first()
    if unfinished is not None:
        return unfinished
    return Batch.objects.create(
        file_name=name or path.name, file_digest=digest, file_size=size, provider=provider, basis=basis,
        purpose=purpose, share=share, as_of=as_of, actor=actor,
    )  # fmt: skip


def _path(batch: Batch) -> Path:
    """The stored bytes under their own name, since the reader goes by the ending and names the file in errors."""
    link = storage.folder(batch.pk) / Path(batch.file_name).name
    if not link.exists():
        link.unlink(missing_ok=True)
        link.symlink_to(store.path_of(batch.file_digest))
    return link


def stage(batch: Batch, progress: Progress = _silent) -> Batch:
    """Read the file into staged Parquet. Safe to repeat; a file that cannot be read closes the batch and raises."""
    if batch.state != BatchState.RECEIVED:
        return batch
    progress("读取文件", 0, None)
    try:
        about = staging.stage(batch.pk, _path(batch))
    except InputError:
        Batch.objects.filter(pk=batch.pk).delete()
        raise
    batch.rows = about["rows"]
    batch.reconciliation = about["reconciliation"]
    batch.columns = {name: about[name] for name in ("sheets", "passed_over", "problems", "not_data", "parks")}
    batch.state = BatchState.STAGED
    batch.save()
    progress("读取文件", batch.rows, batch.rows)
    return batch


def publish(batch: Batch, progress: Progress = _silent, actor: Any = None) -> Batch:
    """Plan against the register and write it in one transaction, with the event. Repeating it does nothing."""
    _require(permissions.may_import(actor))
    if batch.state == BatchState.PUBLISHED:
        return batch
    if batch.state != BatchState.STAGED:
        raise Refused(f"批次 {batch.pk} 当前为“{batch.get_state_display()}”，不能入库")
    staged = storage.read(batch.pk, "staged")
    for _attempt in range(5):
        version = _version()
        progress("比对名录", 0, staged.height)
        plan = make_plan(staged, publishing.identities(), publishing.values, publishing.other_names())
        progress("比对名录", staged.height, staged.height)
        with transaction.atomic():
            register = Register.objects.select_for_update().get(pk=1)
            if register.version != version:
                continue  # somebody published meanwhile: plan again on what stands now
            batch = Batch.objects.select_for_update().get(pk=batch.pk)
            if batch.state == BatchState.PUBLISHED:
                return batch
            progress("写入名录", 0, staged.height)
            created = publishing.insert_created(plan, batch.pk)
            publishing.apply_changes(plan.changes, batch.pk)
            publishing.add_names(plan, batch.pk)
            publishing.relink()
            storage.write(batch.pk, "outcomes", plan.outcomes)
            storage.write(batch.pk, "created", created)
            storage.write(batch.pk, "changes", plan.changes)
            counts = plan.counts()
            if sum(counts.values()) != batch.rows:
                raise RuntimeError(f"批次 {batch.pk}：{batch.rows} 行进，{sum(counts.values())} 行有去向")
            batch.counts, batch.state, batch.published_at = counts, BatchState.PUBLISHED, timezone.now()
            batch.save()
            register.version += 1
            register.save()
            events.record("registry.batch.published", f"batch:{batch.pk}", {"file": batch.file_digest, "counts": counts}, actor)
        progress("写入名录", staged.height, staged.height)
        return batch
    raise Refused("名录正在被其他人更新", remedy="请稍后重试，已暂存的数据不会丢失")


def _version() -> int:
    register, _ = Register.objects.get_or_create(pk=1)
    return register.version


def import_file(path: Path, progress: Progress = _silent, actor: Any = None, **about: Any) -> Batch:
    """receive → stage → publish."""
    batch = receive(path, actor=actor, **about)
    return publish(stage(batch, progress), progress, actor)


def resume(progress: Progress = _silent, actor: Any = None) -> list[Batch]:
    """Finish every batch that was interrupted."""
    waiting = Batch.objects.filter(kind=BatchKind.IMPORT, state__in=[BatchState.RECEIVED, BatchState.STAGED])
    return [publish(stage(b, progress), progress, actor) for b in waiting.order_by("id")]


def abandon(batch_id: int, actor: Any = None) -> Batch:
    """Give a staged batch up before it is published; the file stays kept, and importing it again opens a new batch."""
    _require(permissions.may_import(actor))
    with transaction.atomic():
        batch = Batch.objects.select_for_update().filter(pk=batch_id, kind=BatchKind.IMPORT).first()
        if batch is None:
            raise NotFound(f"没有编号为 {batch_id} 的导入批次")
        if batch.state not in (BatchState.RECEIVED, BatchState.STAGED):
            raise Refused(f"批次 {batch_id} 当前为“{batch.get_state_display()}”，不能放弃")
        batch.state = BatchState.ABANDONED
        batch.save()
        events.record("registry.batch.abandoned", f"batch:{batch.pk}", {"file": batch.file_digest}, actor)
    return batch


def undo(batch_id: int, actor: Any = None) -> Batch:
    """Take a published batch back by a compensating batch.

    What it created is withdrawn unless a later batch touched it; what it changed gets its old value back unless it
    was changed since. What is kept is listed in the new batch's notes. Reviews and issued documents stay.
    """
    _require(permissions.may_undo(actor))
    target = Batch.objects.filter(pk=batch_id, kind=BatchKind.IMPORT).first()
    if target is None:
        raise NotFound(f"没有编号为 {batch_id} 的导入批次", remedy="用“导入”页或 wenmai batches 查看编号")
    if target.state != BatchState.PUBLISHED:
        raise Refused(f"批次 {batch_id} 当前为“{target.get_state_display()}”，无可撤销")
    objections = [reason for guard in undo_guards for reason in guard(target)]
    if objections:
        raise Refused("不能撤销：" + "；".join(objections))
    created, changes = storage.read(target.pk, "created"), storage.read(target.pk, "changes")
    with transaction.atomic():
        register = Register.objects.select_for_update().get(pk=1)
        undo_batch = Batch.objects.create(
            kind=BatchKind.UNDO, state=BatchState.PUBLISHED, file_name=target.file_name, undoes=target,
            file_digest=target.file_digest, actor=actor, published_at=timezone.now(), rows=target.rows,
        )  # fmt: skip
        kept: list[dict[str, Any]] = []
        withdrawn = _withdraw(created, target.pk, kept)
        restored = _restore(changes, target.pk, undo_batch.pk, kept)
        EnterpriseName.objects.filter(batch_id=target.pk).delete()
        publishing.relink()
        undo_batch.counts = {"撤出": withdrawn, "复原": restored, "保留": len(kept)}
        undo_batch.notes = kept[:500]
        undo_batch.save()
        target.state = BatchState.UNDONE
        target.save()
        register.version += 1
        register.save()
        events.record("registry.batch.undone", f"batch:{target.pk}", {"by": undo_batch.pk, "counts": undo_batch.counts}, actor)
    storage.write(undo_batch.pk, "kept", pl.DataFrame(kept) if kept else pl.DataFrame(schema={"key": pl.Utf8}))
    return undo_batch


def _withdraw(created: pl.DataFrame, batch_id: int, kept: list[dict[str, Any]]) -> int:
    count = 0
    ids = created["id"].to_list()
    for start in range(0, len(ids), 500):
        some = Enterprise.objects.filter(id__in=ids[start : start + 500], current=True)
        kept.extend(
            {"key": key, "field": "（整户）", "why": "之后的批次又更新过"}
            for key in some.exclude(changed_batch_id=batch_id).values_list("key", flat=True)
        )
        count += some.filter(changed_batch_id=batch_id).update(current=False)
    return count


def _restore(changes: pl.DataFrame, batch_id: int, undo_id: int, kept: list[dict[str, Any]]) -> int:
    if changes.is_empty():
        return 0
    back = []
    values = {row["id"]: row for block in publishing.values(changes["id"].unique()) for row in block.iter_rows(named=True)}
    for change in changes.iter_rows(named=True):
        value = values[change["id"]][change["field"]]
        if (None if value is None else str(value)) == change["new"]:
            back.append({**change, "new": change["old"], "old": change["new"]})
        else:
            kept.append({"key": change["key"], "field": change["field"], "why": "之后又改过"})
    if back:
        publishing.apply_changes(pl.DataFrame(back, schema=changes.schema), undo_id)
    return len(back)


def merge_parks(actor: Any = None) -> dict[str, int]:
    """Rename parks in the register as the office's table (园区对照.csv) says; returns park → enterprises renamed.

    Imports after the table was changed are renamed when they are read; this is for what came before. The batch, sheet
    and row of the value stay: the file's own cell is kept there verbatim.
    """
    _require(permissions.may_import(actor))
    renamed: dict[str, int] = {}
    with transaction.atomic():
        register, _ = Register.objects.select_for_update().get_or_create(pk=1)
        for name, park in parks.waiting().items():
            renamed[park] = renamed.get(park, 0) + Enterprise.objects.filter(park=name).update(park=park)
        if renamed:
            register.version += 1
            register.save()
            events.record("registry.parks.merged", "register", {"parks": renamed}, actor)
    return renamed


def rejected_rows(batch: Batch) -> pl.DataFrame:
    """The rows that were sent back, with reason and column."""
    return storage.read(batch.pk, "outcomes").filter(pl.col("outcome") == Outcome.REJECTED.value)


def optimise() -> None:
    """Let the database renew its statistics after a large change."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA optimize" if connection.vendor == "sqlite" else "ANALYZE")


def describe(
    batch_id: int, *, provider: str, basis: str, purpose: str, share: str, as_of: datetime.date | None = None, actor: Any = None
) -> Batch:
    """Record who provided a batch, on what basis, for what use. Only before it is published: afterwards every value of
    the register points at what was said then."""
    _require(permissions.may_import(actor))
    about = {"provider": provider, "basis": basis, "purpose": purpose, "share": share, "as_of": as_of}
    with transaction.atomic():
        batch = Batch.objects.select_for_update().filter(pk=batch_id, kind=BatchKind.IMPORT).first()
        if batch is None:
            raise NotFound(f"没有编号为 {batch_id} 的导入批次")
        if batch.state not in (BatchState.RECEIVED, BatchState.STAGED):
            raise Refused(f"批次 {batch_id} 当前为“{batch.get_state_display()}”，来源不能再改")
        for name, value in about.items():
            setattr(batch, name, value)
        batch.save(update_fields=list(about))
        events.record("registry.batch.described", f"batch:{batch.pk}", about, actor)
    return batch
