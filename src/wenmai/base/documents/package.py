"""Writing office packages: atomically, and with the same bytes for the same content."""

from __future__ import annotations

import io
import os
import uuid
import zipfile
from pathlib import Path

from wenmai.base.values.errors import InputError

_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_CONTENT_TYPES = "[Content_Types].xml"


def write_atomic(path: Path, data: bytes) -> None:
    """Write `data` beside `path` and rename it over: a reader sees the old file or the new one, never a half.

    Raises InputError when the folder does not exist or cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")
    try:
        # "x" lets the umask decide the mode, which tempfile (always 0600) would not.
        with temporary.open("xb") as handle:
            handle.write(data)
            handle.flush()
            os.fsync(handle.fileno())
        temporary.replace(path)
    except OSError as error:
        raise InputError(
            "文件写不进去", where=str(path), remedy="请检查文件夹是否存在、是否有写权限、文件是否被占用"
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


def normalised(package: bytes) -> bytes:
    """The same zip package with fixed dates, order and compression, so equal content is equal bytes."""
    result = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(package)) as source,
        zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        # Readers that stream the package need the content types first.
        for name in sorted(source.namelist(), key=lambda entry: (entry != _CONTENT_TYPES, entry)):
            entry = zipfile.ZipInfo(name, _ZIP_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = 0o600 << 16
            target.writestr(entry, source.read(name), compresslevel=6)
    return result.getvalue()
