"""Publishing and opening snapshots: WENMAI_HOME/snapshots/<id>/<table>.parquet, never changed once complete."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from django.db import connection, connections, transaction

from wenmai.base.values import NotFound
from wenmai.office.events import services as events
from wenmai.office.figures.models import Snapshot

Builder = Callable[[], Iterator[pa.Table]]
Derived = Callable[[dict[str, Path]], Iterator[pa.Table]]
Progress = Callable[[str, int, int | None], None]
_builders: dict[str, Builder] = {}
_derived: dict[str, Derived] = {}
_facts: list[Callable[[dict[str, Path]], dict[str, Any]]] = []


def table(name: str, builder: Builder) -> None:
    """Declare a snapshot table; the builder yields Arrow tables of one schema, without personal identifiers."""
    _builders[name] = builder


def derived(name: str, builder: Derived) -> None:
    """Declare a table made from the tables already written (their paths by name), so that the two cannot disagree."""
    _derived[name] = builder


def facts(function: Callable[[dict[str, Path]], dict[str, Any]]) -> None:
    """Declare facts to be kept with each snapshot (providers, period, coverage gate); given the written tables."""
    if function not in _facts:
        _facts.append(function)


def folder(snapshot_id: int) -> Path:
    return Path(settings.WENMAI_HOME) / "snapshots" / f"{snapshot_id:06d}"


@contextmanager
def _one_moment(progress: Progress | None) -> Iterator[Progress | None]:
    """Everything read inside stands as of one moment; writers go on meanwhile. Yields the progress to report to inside.

    SQLite: a read transaction over the write-ahead log (not the write lock that transactions here take otherwise).
    PostgreSQL: REPEATABLE READ. Nothing may be written inside, so progress, which may write the job's row, is told from a
    thread with its own connection. Inside a caller's transaction that one is used as it is.
    """
    if connection.in_atomic_block:
        yield progress
        return
    mode = getattr(connection, "transaction_mode", None)
    with ThreadPoolExecutor(1) as teller:

        def tell(step: str, done: int, total: int | None) -> None:
            if progress:
                teller.submit(progress, step, done, total).result()

        try:
            if connection.vendor == "sqlite":
                connection.transaction_mode = "DEFERRED"  # type: ignore[attr-defined]
            with transaction.atomic():
                if connection.vendor == "postgresql":
                    with connection.cursor() as cursor:
                        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                yield tell
        finally:
            if connection.vendor == "sqlite":
                connection.transaction_mode = mode  # type: ignore[attr-defined]
            teller.submit(connections.close_all)


def publish(actor: Any = None, progress: Progress | None = None) -> Snapshot:
    """Write every declared table, all as of one moment, and mark the snapshot complete."""
    snapshot = Snapshot.objects.create(digest="")
    target = folder(snapshot.pk)
    work = target.with_suffix(".part")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    with _one_moment(progress) as tell:
        counts, digest, known = _write(work, tell)
    shutil.rmtree(target, ignore_errors=True)
    os.replace(work, target)
    with transaction.atomic():
        snapshot.tables, snapshot.digest, snapshot.complete, snapshot.facts = counts, digest, True, known
        snapshot.register_version = int(known.get("register_version", 0))
        snapshot.save()
        events.record("figures.snapshot.published", f"snapshot:{snapshot.pk}", {"tables": counts, "digest": snapshot.digest}, actor)
    return snapshot


def _write(work: Path, progress: Progress | None) -> tuple[dict[str, int], str, dict[str, Any]]:
    """The tables into a folder: (rows by table, digest over the files, facts to keep with them)."""
    digest = hashlib.sha256()
    counts: dict[str, int] = {}
    paths: dict[str, Path] = {}
    sources: dict[str, Builder] = {**_builders, **{name: partial(builder, paths) for name, builder in _derived.items()}}
    for name, builder in sources.items():
        paths[name] = work / f"{name}.parquet"
        writer: pq.ParquetWriter | None = None
        counts[name] = 0
        for part in builder():
            writer = writer or pq.ParquetWriter(paths[name], part.schema, compression="zstd", compression_level=1)
            writer.write_table(part)
            counts[name] += part.num_rows
            if progress:
                progress("发布快照", counts[name], None)
        if writer is None:
            raise RuntimeError(f"{name}: builder gave no table, not even an empty one")
        writer.close()
        with paths[name].open("rb") as handle:
            digest.update(hashlib.file_digest(handle, "sha256").digest())
    known: dict[str, Any] = {}
    for function in _facts:
        known.update(function(paths))
    return counts, digest.hexdigest(), known


def latest() -> Snapshot:
    """The newest complete snapshot."""
    snapshot = Snapshot.objects.filter(complete=True).order_by("-id").first()
    if snapshot is None:
        raise NotFound("还没有快照", remedy="请先导入名录并运行分类（wenmai import、wenmai classify）")
    return snapshot


def connect(snapshot: Snapshot) -> dict[str, Any]:
    """Ibis tables over a snapshot's files, on DuckDB with bounded threads and memory."""
    connection = ibis.duckdb.connect(threads=2, memory_limit="1500MB")
    return {name: connection.read_parquet(folder(snapshot.pk) / f"{name}.parquet", table_name=name) for name in snapshot.tables}
