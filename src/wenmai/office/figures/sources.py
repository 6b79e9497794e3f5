"""Where facts come from: opening a source with its provider, basis, use, term and sharing; keeping its file and slip."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.core import signing
from django.db import transaction

from wenmai.base.values import InputError, NotFound, Refused
from wenmai.office.events import services as events
from wenmai.office.figures import permissions
from wenmai.office.figures.models import Source
from wenmai.office.files import store

SLIP_LIMIT = 10 * 1024 * 1024
FILE_LIMIT = 50 * 1024 * 1024
# What a slip may be: the ending and how its bytes begin. OFD is a zip container.
SLIPS = {"pdf": b"%PDF", "jpg": b"\xff\xd8\xff", "jpeg": b"\xff\xd8\xff", "png": b"\x89PNG", "ofd": b"PK\x03\x04"}
SHARES = ("不可再共享", "区内部门可共享", "可公开")
_SALT = "figures.source"
_WITHIN = 24 * 3600


@dataclass(frozen=True)
class About:
    """A source before it is opened. `expires` None is without term; digests are of files that are kept already."""

    provider: str
    basis: str = ""
    purpose: str = ""
    share: str = ""
    expires: date | None = None
    document: str = ""
    file_digest: str = ""
    slip_digest: str = ""

    def check(self) -> None:
        """InputError unless everything is said that an outside batch has to say."""
        said = {"提供单位": self.provider, "依据": self.basis, "用途": self.purpose, "可否再共享": self.share}
        if missing := [name for name, value in said.items() if not value.strip()]:
            raise InputError(f"数据来源没有写明{'、'.join(missing)}", remedy="外来数据须记明提供单位、依据、用途、期限和可否再共享")
        if self.share not in SHARES:
            raise InputError(f"可否再共享“{self.share}”不在可选项内", remedy="可用：" + "、".join(SHARES))
        for name, value, most in (("提供单位", self.provider, 120), ("依据", self.basis, 200), ("用途", self.purpose, 200)):
            if len(value) > most:
                raise InputError(f"{name}过长（最多 {most} 字）")


def open_source(about: About, actor: Any = None) -> Source:
    """Write the source down. Must be called with what is recorded from it, in one transaction."""
    verdict = permissions.may_record(actor)
    if not verdict[0]:
        raise Refused(verdict[1])
    about.check()
    with transaction.atomic():
        name = getattr(actor, "username", None) or "命令行"
        source = Source.objects.create(**{k: v.strip() if isinstance(v, str) else v for k, v in asdict(about).items()}, actor_name=name)
        told = {"provider": source.provider, "share": source.share, "slip": bool(source.slip_digest), "file": source.file_digest[:16]}
        events.record("figures.source.opened", f"source:{source.pk}", told, actor)
    return source


def keep(chunks: Iterable[bytes], name: str, limit: int = FILE_LIMIT) -> tuple[str, str]:
    """Keep an uploaded file by its content; (digest, its plain name). InputError when it is empty or too large."""
    plain = Path(name.replace("\\", "/")).name[:255] or "文件"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("upload" + Path(plain).suffix.lower()[:8])
        size = 0
        with path.open("wb") as target:
            for chunk in chunks:
                size += len(chunk)
                if size > limit:
                    raise InputError(f"文件超过 {limit // 1024 // 1024} MB", where=plain, remedy="请压缩或拆分后再上传")
                target.write(chunk)
        if not size:
            raise InputError("文件是空的", where=plain, remedy="请核对后重新选择")
        return store.put(path)[0], plain


def keep_slip(chunks: Iterable[bytes], name: str) -> tuple[str, str]:
    """Keep a stamped slip: pdf, jpg, png or ofd of at most 10 MB whose content is what its ending says."""
    ending = Path(name).suffix.lower().lstrip(".")
    if ending not in SLIPS:
        raise InputError("确认单只收 pdf、jpg、png、ofd", where=name, remedy="请扫描或导出后再上传")
    digest, plain = keep(chunks, name, SLIP_LIMIT)
    with store.path_of(digest).open("rb") as handle:
        start = handle.read(8)
    if not start.startswith(SLIPS[ending]):
        raise InputError(f"内容不是 {ending}，与扩展名不符", where=plain, remedy="请核对是否选错文件")
    return digest, plain


def slip_of(source: Source) -> tuple[Path, str]:
    """(path, name to save it under) of a source's slip."""
    if not source.slip_digest:
        raise NotFound("这个来源没有确认单")
    path = store.path_of(source.slip_digest)
    if not path.is_file():
        raise NotFound("确认单不在本机", remedy="请从备份恢复文件目录")
    with path.open("rb") as handle:
        start = handle.read(8)
    ending = next((e for e, mark in SLIPS.items() if start.startswith(mark)), "bin")
    return path, f"确认单-{source.pk}.{ending}"


def file_of(source: Source) -> tuple[Path, str]:
    """(path, name) of the file that a source came as."""
    path = store.path_of(source.file_digest) if source.file_digest else None
    if path is None or not path.is_file():
        raise NotFound("这个来源没有留存文件")
    return path, source.document or f"来源-{source.pk}"


def ticket(data: dict[str, str]) -> str:
    """What was uploaded already, carried through a form: it cannot be changed on the way and lasts a day."""
    return signing.dumps({k: v for k, v in data.items() if v}, salt=_SALT)


def read_ticket(text: str) -> dict[str, str]:
    """The uploads of a ticket; InputError when it was changed or is too old."""
    if not text:
        return {}
    try:
        found = signing.loads(text, salt=_SALT, max_age=_WITHIN)
    except signing.BadSignature as error:
        raise InputError("页面停留过久，上传的文件已失效", remedy="请重新选择文件；已填的内容不受影响") from error
    return {k: str(v) for k, v in found.items()} if isinstance(found, dict) else {}
