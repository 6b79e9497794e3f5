"""The columnar side of a batch: WENMAI_HOME/batches/<id>/*.parquet, each written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl
from django.conf import settings

from wenmai.base.values import NotFound


def folder(batch_id: int) -> Path:
    """The batch's folder, made when missing."""
    path = Path(settings.WENMAI_HOME) / "batches" / f"{batch_id:06d}"
    path.mkdir(parents=True, exist_ok=True)
    return path


def write(batch_id: int, name: str, frame: pl.DataFrame) -> None:
    """Write `name`.parquet atomically."""
    target = folder(batch_id) / f"{name}.parquet"
    temporary = target.with_suffix(f".{os.getpid()}.part")
    frame.write_parquet(temporary, compression="zstd", compression_level=1)
    os.replace(temporary, target)


def exists(batch_id: int, name: str) -> bool:
    return (folder(batch_id) / f"{name}.parquet").exists()


def scan(batch_id: int, name: str) -> pl.LazyFrame:
    """A lazy frame over `name`.parquet."""
    path = folder(batch_id) / f"{name}.parquet"
    if not path.exists():
        raise NotFound(f"批次 {batch_id} 没有 {name} 数据", remedy="请先完成导入")
    return pl.scan_parquet(path)


def read(batch_id: int, name: str) -> pl.DataFrame:
    return scan(batch_id, name).collect()
