"""Exports: a short list comes at once, a long one is written in the background and kept for its asker for a while.

A room declares a source once: a name and a function from plain parameters and a person to a Table. The same function serves both
ways, so what a person gets does not depend on how long it is.
"""

from __future__ import annotations

import datetime as dt
import os
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from wenmai.base.values import NotFound
from wenmai.office.jobs import services as jobs
from wenmai.office.jobs.models import Job
from wenmai.office.kit.export import workbook, write_workbook
from wenmai.office.kit.guard import XLSX, attachment

KIND = "kit.export"
# 2,000 rows of the enterprise list take about half a second.
DIRECT_ROWS = 2000
KEPT = dt.timedelta(days=7)


@dataclass(frozen=True)
class Table:
    """What goes into the workbook. `total` is how many rows will come, for the progress bar."""

    title: str
    note: str
    sheet: str
    heads: Sequence[str]
    rows: Iterable[Sequence[Any]]
    widths: Sequence[int]
    total: int


# Given the parameters and who asks: what a person may see is decided when the table is made, not when it was ordered.
Source = Callable[[dict[str, Any], Any], Table]
_sources: dict[str, Source] = {}


def source(name: str, build: Source) -> None:
    """Declare a source (from AppConfig.ready)."""
    _sources[name] = build


def answer(request: HttpRequest, name: str, parameters: dict[str, Any], count: int, file_name: str) -> HttpResponse:
    """The workbook itself up to DIRECT_ROWS rows; else a job whose page shows progress and then the file."""
    if count > DIRECT_ROWS:
        return redirect("job", jobs.enqueue(KIND, {"source": name, "parameters": parameters, "name": file_name}, request.user).pk)
    table = _sources[name](parameters, request.user)
    rows = list(table.rows)
    data = workbook(table.title, table.note, table.heads, rows, table.sheet, table.widths)
    return attachment(data, file_name, XLSX, rows=len(rows))


def folder() -> Path:
    return Path(settings.WENMAI_HOME) / "exports"


def run(arguments: dict[str, Any], progress: Any, actor: Any) -> dict[str, Any]:
    """Job: write the workbook whole or not at all. Repeating it after a crash writes it anew."""
    clear_expired()
    folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    progress("读取数据", 0, None)
    table = _sources[arguments["source"]](arguments["parameters"], actor)
    target = folder() / f"{progress.job.pk}.xlsx"
    part = target.with_suffix(f".{os.getpid()}.part")
    try:
        rows = write_workbook(
            part, table.title, table.note, table.heads, table.rows, table.sheet, table.widths,
            tell=lambda done: progress("写入表格", done, table.total),
        )  # fmt: skip
        progress("存盘", rows, rows)
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)
    expires = dt.datetime.now(dt.UTC) + KEPT
    return {"name": arguments["name"], "rows": rows, "bytes": target.stat().st_size, "expires": expires.isoformat()}


def clear_expired() -> int:
    """Delete what is past its time; returns how many files."""
    old = [p for p in folder().glob("*") if time.time() - p.stat().st_mtime > KEPT.total_seconds()] if folder().exists() else []
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def file_of(job: Job) -> dict[str, Any] | None:
    """Name, rows, size and expiry of a finished export; `ready` is false once it is past its time. None for other jobs."""
    if job.kind != KIND or job.state != Job.State.DONE or not job.result:
        return None
    expires = dt.datetime.fromisoformat(job.result["expires"])
    path = folder() / f"{job.pk}.xlsx"
    return {**job.result, "expires": expires, "path": path, "ready": expires > dt.datetime.now(dt.UTC) and path.exists()}


def open_file(job: Job) -> tuple[Path, str, int]:
    """(path, name, rows) of a finished export that is still kept."""
    about = file_of(job)
    if about is None or not about["ready"]:
        raise NotFound("导出的文件已过期或不存在", remedy="请回到列表重新导出")
    return about["path"], about["name"], about["rows"]
