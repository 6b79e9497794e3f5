"""Files by content: WENMAI_HOME/files/ab/abcdef…; the same bytes are stored once and never changed."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from django.conf import settings

from wenmai.base.values import InputError


def path_of(digest: str) -> Path:
    """Where the bytes with this SHA-256 are."""
    return Path(settings.WENMAI_HOME) / "files" / digest[:2] / digest


def put(source: Path) -> tuple[str, int]:
    """Store a copy of `source`; returns (sha256, bytes). Atomic: a killed copy leaves no half file."""
    if not source.is_file():
        raise InputError("找不到文件", where=str(source), remedy="请核对路径")
    size = source.stat().st_size
    if size > settings.UPLOAD_LIMIT:
        raise InputError(
            f"文件 {size / 1e6:.0f} MB，超过上限 {settings.UPLOAD_LIMIT / 1e6:.0f} MB",
            where=source.name, remedy="请按地区或年份拆分后分别导入，或请管理员调高 WENMAI_UPLOAD_LIMIT",
        )  # fmt: skip
    with source.open("rb") as handle:
        digest = hashlib.file_digest(handle, "sha256").hexdigest()
    target = path_of(digest)
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_suffix(f".{os.getpid()}.part")
        shutil.copyfile(source, temporary)
        os.replace(temporary, target)
    return digest, size
