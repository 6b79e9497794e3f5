"""Files that cross between the zones: few kinds, told by their first bytes, of bounded size, always handed out as downloads."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.http import FileResponse, Http404, HttpResponseBase

from wenmai.base.values import InputError
from wenmai.office.files import store

MAX_BYTES = 20 * 1024 * 1024
ZIP = b"PK\x03\x04"
# Office files with macros (docm, xlsm) and old binary ones are not among them.
KINDS = {".pdf": b"%PDF", ".jpg": b"\xff\xd8\xff", ".jpeg": b"\xff\xd8\xff", ".png": b"\x89PNG", ".docx": ZIP, ".xlsx": ZIP, ".ofd": ZIP}


def keep(file: Any) -> tuple[str, str]:
    """(digest, name) of an upload, or ("", "") for none."""
    if file is None:
        return "", ""
    name = Path(file.name.replace("\\", "/")).name
    ending = Path(name).suffix.lower()
    if ending not in KINDS:
        raise InputError(f"不接收“{ending or '无扩展名'}”文件", remedy="可上传 PDF、JPG、PNG、DOCX、XLSX、OFD")
    if file.size > MAX_BYTES:
        raise InputError("附件超过 20 MB")
    data = file.read()
    if not data.startswith(KINDS[ending]):
        raise InputError(f"文件内容与扩展名“{ending}”不符")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "upload"
        path.write_bytes(data)
        return store.put(path)[0], name[:100]


def hand_out(digest: str, name: str) -> HttpResponseBase:
    """The file as a download; 404 when it is not kept here."""
    path = store.path_of(digest) if digest else None
    if path is None or not path.exists():
        raise Http404("没有附件")
    answer = FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type="application/octet-stream")
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
