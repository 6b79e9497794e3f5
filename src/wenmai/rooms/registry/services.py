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
_NAME_MAX = 255
_ORIGIN = {"provider": "提供单位", "basis": "依据", "purpose": "用途", "share": "可否再共享", "as_of": "数据截至日期"}
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
    """Keep the file and open a batch for it. An unfinished batch of the same bytes is taken up again: what it does not
    say of its origin yet is filled in; an origin other than the one it has is refused."""
    _require(permissions.may_import(actor))
    digest, size = store.put(path)
    about = {"provider": provider, "basis": basis, "purpose": purpose, "share": share, "as_of": as_of}
    with transaction.atomic():
        unfinished = Batch.objects.select_for_update().filter(
            file_digest=digest, kind=BatchKind.IMPORT, state__in=[BatchState.RECEIVED, BatchState.STAGED]
        ).first()  # fmt: skip
        if unfinished is not None:
            return _fill_origin(unfinished, about, actor)
        batch = Batch.objects.create(file_name=_short(name or path.name), file_digest=digest, file_size=size, actor=actor, **about)
        events.record("registry.batch.received", f"batch:{batch.pk}", {"file": digest, "bytes": size}, actor)
    return batch


def _short(name: str) -> str:
    """A file's name as long as the column holds, with its ending."""
    suffix = Path(name).suffix[:20]
    return name if len(name) <= _NAME_MAX else name[: _NAME_MAX - len(suffix)] + suffix


def _fill_origin(batch: Batch, about: dict[str, Any], actor: Any) -> Batch:
    given = {field: value for field, value in about.items() if value}
    for field, value in given.items():
        stands = getattr(batch, field)
        if stands and stands != value:
            label = _ORIGIN[field]
            raise Refused(
                f"同一文件的批次 {batch.pk} 尚未入库，其{label}为“{stands}”，与这次给出的“{value}”不一致",
                remedy=f"按原来源续做请不再给出{label}；要改来源，请先放弃批次 {batch.pk} 再导入",
            )
    fresh = {field: value for field, value in given.items() if not getattr(batch, field)}
    for field, value in fresh.items():
        setattr(batch, field, value)
    if fresh:
        batch.save(update_fields=list(fresh))
        events.record("registry.batch.described", f"batch:{batch.pk}", fresh, actor)
    return batch


def _path(batch: Batch) -> Path:
    """The stored bytes under a short name with the file's ending, by which the reader goes. The file's own name may be
    longer than a file system allows (85 Chinese characters)."""
    link = storage.folder(batch.pk) / f"source{Path(batch.file_name).suffix[:20]}"
    if not link.exists():
        link.unlink(missing_ok=True)
        link.symlink_to(store.path_of(batch.file_digest))
    return link


def stage(batch: Batch, progress: Progress = _silent) -> Batch:
    """Read the file into staged Parquet. Safe to repeat; a file that cannot be read closes the batch and raises.
    Refused when the batch was given up meanwhile."""
    if batch.state != BatchState.RECEIVED:
        return batch
    progress("读取文件", 0, None)
    try:
        about = staging.stage(batch.pk, _path(batch), batch.file_name)
    except InputError:
        with transaction.atomic():
            if Batch.objects.filter(pk=batch.pk, state=BatchState.RECEIVED).delete()[0]:
                events.record("registry.batch.unreadable", f"batch:{batch.pk}", {"file": batch.file_digest}, batch.actor)
        raise
    progress("读取文件", about["rows"], about["rows"])
    columns = {name: about[name] for name in ("sheets", "passed_over", "problems", "not_data", "parks")}
    # Only from 已接收 to 已暂存: meanwhile the batch may have been given up, or staged by another process.
    Batch.objects.filter(pk=batch.pk, state=BatchState.RECEIVED).update(
        state=BatchState.STAGED, rows=about["rows"], reconciliation=about["reconciliation"], columns=columns
    )
    found = Batch.objects.filter(pk=batch.pk).first()
    if found is None or found.state == BatchState.ABANDONED:
        raise Refused(f"批次 {batch.pk} 已放弃，不再读取", remedy="需要时请重新选择文件")
    return found


def publish(batch: Batch, progress: Progress = _silent, actor: Any = None, then: Callable[[Batch], Any] | None = None) -> Batch:
    """Plan against the register and write it in one transaction, with the event. Repeating it does nothing.

    `then` is called in that transaction (to queue what follows): it happens if and only if the batch is published. A
    progress that raises (a cancelled job) stops before the commit or not at all."""
    _require(permissions.may_import(actor))
    if batch.state == BatchState.PUBLISHED:
        return batch
    _require_staged(batch)
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
            _require_staged(batch)  # given up while it was compared
            progress("写入名录", 0, staged.height)
            created = publishing.insert_created(plan, batch.pk)
            publishing.apply_changes(plan.changes, batch.pk)
            publishing.add_names(plan, batch.pk)
            publishing.relink()
            storage.write(batch.pk, "outcomes", plan.outcomes)
            storage.write(batch.pk, "created", created)
            storage.write(batch.pk, "changes", plan.changes)
            storage.write(batch.pk, "names", plan.names)
            counts = plan.counts()
            if sum(counts.values()) != batch.rows:
                raise RuntimeError(f"批次 {batch.pk}：{batch.rows} 行进，{sum(counts.values())} 行有去向")
            batch.counts, batch.state, batch.published_at = counts, BatchState.PUBLISHED, timezone.now()
            batch.save()
            register.version += 1
            register.save()
            events.record("registry.batch.published", f"batch:{batch.pk}", {"file": batch.file_digest, "counts": counts}, actor)
            if then is not None:
                then(batch)
            progress("写入名录", staged.height, staged.height)
        return batch
    raise Refused("名录正在被其他人更新", remedy="请稍后重试，已暂存的数据不会丢失")


def _require_staged(batch: Batch) -> None:
    if batch.state != BatchState.STAGED:
        raise Refused(f"批次 {batch.pk} 当前为“{batch.get_state_display()}”，不能入库")


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
    with transaction.atomic():
        # Everything is looked at under the lock: of two people who press at once one finds the batch undone.
        register, _ = Register.objects.select_for_update().get_or_create(pk=1)
        target = Batch.objects.select_for_update().filter(pk=batch_id, kind=BatchKind.IMPORT).first()
        if target is None:
            raise NotFound(f"没有编号为 {batch_id} 的导入批次", remedy="用“导入”页或 wenmai batches 查看编号")
        if target.state != BatchState.PUBLISHED:
            raise Refused(f"批次 {batch_id} 当前为“{target.get_state_display()}”，无可撤销")
        objections = [reason for guard in undo_guards for reason in guard(target)]
        if objections:
            raise Refused("不能撤销：" + "；".join(objections))
        created, changes = storage.read(target.pk, "created"), storage.read(target.pk, "changes")
        undo_batch = Batch.objects.create(
            kind=BatchKind.UNDO, state=BatchState.PUBLISHED, file_name=target.file_name, undoes=target,
            file_digest=target.file_digest, actor=actor, published_at=timezone.now(), rows=target.rows,
        )  # fmt: skip
        kept: list[dict[str, Any]] = []
        withdrawn = _withdraw(created, target.pk, kept)
        restored = _restore(changes, target.pk, undo_batch.pk, kept)
        _forget_names(target)
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


def _forget_names(target: Batch) -> None:
    """Take back the other names that a batch brought. One that another standing batch brought too stays, as that one's."""
    found = EnterpriseName.objects.filter(batch_id=target.pk).values_list("id", "enterprise__key", "name")
    names = pl.DataFrame(list(found), schema={"id": pl.Int64, "key": pl.Utf8, "name": pl.Utf8}, orient="row")
    for other in Batch.objects.filter(kind=BatchKind.IMPORT, state=BatchState.PUBLISHED).exclude(pk=target.pk).order_by("pk"):
        if names.is_empty():
            return
        if not storage.exists(other.pk, "names"):
            continue  # published before batches remembered their names
        also = names.join(storage.read(other.pk, "names"), on=["key", "name"], how="inner")
        for id_, kind, row in also.select("id", "kind", "row").iter_rows():
            EnterpriseName.objects.filter(pk=id_).update(batch_id=other.pk, kind=kind, row=row)
        names = names.join(also, on="id", how="anti")
    ids = names["id"].to_list()
    for start in range(0, len(ids), 500):
        EnterpriseName.objects.filter(pk__in=ids[start : start + 500]).delete()


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
