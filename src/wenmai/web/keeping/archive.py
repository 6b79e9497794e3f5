"""Writing and reading the archive: a tar in zstd or gzip. Reading trusts nothing in it. Knows no Django."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa

from wenmai.base.values import InputError, Refused
from wenmai.web.keeping import layout
from wenmai.web.keeping.layout import ABOUT, HOME, MANIFEST, TABLES, About, Column, Manifest, TableMark, damaged

CHUNK = 1 << 20
# Register text packs about 10 times, repeated facts about 40 times; far more is an archive made to fill the disk.
RATIO, FLOOR = 200, 1 << 30
MEMBERS = 2_000_000
LINE = 64 << 20
SMALL = 256 << 20
HEADER = 64 << 10


def ending(path: Path) -> str:
    """zst or gz, by the name."""
    for end in ("zst", "gz"):
        if path.name.endswith(f".tar.{end}"):
            return end
    raise InputError("备份文件名须以 .tar.zst 或 .tar.gz 结尾", where=path.name)


class Writer:
    """Writes `path` whole or not at all, readable by its owner only."""

    def __init__(self, path: Path) -> None:
        self.path, self.part = path, path.with_name(f".{path.name}.{os.getpid()}.part")
        end = ending(path)
        os.close(os.open(self.part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        self._packed: Any
        if end == "zst":
            self._packed = pa.CompressedOutputStream(pa.OSFile(str(self.part), "wb"), "zstd")
        else:
            self._packed = gzip.GzipFile(self.part, "wb", 6)
        self._tar = tarfile.open(  # noqa: SIM115 - closed by close()
            fileobj=self._packed, mode="w|", bufsize=CHUNK, format=tarfile.PAX_FORMAT
        )

    def add(self, name: str, source: BinaryIO, size: int) -> str:
        """Add a member of exactly `size` bytes; returns its SHA-256."""
        info = tarfile.TarInfo(layout.check_name(name))
        info.size, info.mode = size, 0o600
        counted = _Hashing(source)
        self._tar.addfile(info, counted)  # type: ignore[arg-type]
        return counted.digest.hexdigest()

    def add_bytes(self, name: str, raw: bytes) -> str:
        return self.add(name, io.BytesIO(raw), len(raw))

    def close(self) -> int:
        """Finish and put into place; returns the archive's size."""
        self._tar.close()
        self._packed.close()
        with self.part.open("rb") as handle:
            os.fsync(handle.fileno())
        os.replace(self.part, self.path)
        return self.path.stat().st_size

    def abandon(self) -> None:
        self.part.unlink(missing_ok=True)


class _Hashing:
    def __init__(self, source: BinaryIO) -> None:
        self.source, self.digest = source, hashlib.sha256()

    def read(self, size: int) -> bytes:
        part = self.source.read(size)
        self.digest.update(part)
        return part


class _Bounded:
    """The unpacked stream; ends with an error once more comes out than the packed bytes can honestly hold."""

    def __init__(self, source: Any, limit: int) -> None:
        self.source, self.left = source, limit

    def read(self, size: int) -> bytes:
        part: bytes = self.source.read(size)
        self.left -= len(part)
        if self.left < 0:
            raise Refused("备份展开后大得不合常理，已停止读取", remedy="请核对备份的来历；现有数据没有改动")
        return part


class _Member(tarfile.TarInfo):
    """Long names come in headers of their own, which tarfile reads into memory whole: bounded here."""

    def _proc_member(self, tar: tarfile.TarFile) -> Any:
        if self.type not in (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.XHDTYPE):
            raise damaged("含有链接或特殊文件", where=repr(self.name)[:120])
        if self.type == tarfile.XHDTYPE and self.size > HEADER:
            raise damaged("文件名过长")
        return super()._proc_member(tar)  # type: ignore[misc]


@dataclass(frozen=True)
class Found:
    """A backup that was read to its end and is what its manifest says. `fingerprint` is the manifest's SHA-256."""

    about: About
    manifest: Manifest
    fingerprint: str
    packed: int
    size: int


Sink = Callable[[str, int], BinaryIO | None]
Tell = Callable[[str, int, int | None], None]


def _nowhere(name: str, size: int) -> BinaryIO | None:
    return None


def read(path: Path, sink: Sink = _nowhere, room: int | None = None, tell: Tell | None = None) -> Found:
    """Read all of an archive, hand its members to `sink` (a file to write to, or None), and compare everything with the
    manifest. `room` is how many bytes may be unpacked at most (free disk)."""
    if not path.is_file():
        raise InputError("找不到备份文件", where=str(path), remedy="请核对路径")
    end, packed = ending(path), path.stat().st_size
    limit = max(FLOOR, RATIO * packed)
    if room is not None and room < limit:
        limit = room
    try:
        with path.open("rb") as raw:
            source = pa.CompressedInputStream(pa.PythonFile(raw, "r"), "zstd") if end == "zst" else gzip.GzipFile(fileobj=raw)
            bounded = _Bounded(source, limit)
            with tarfile.open(fileobj=bounded, mode="r|", bufsize=CHUNK, tarinfo=_Member) as tar:  # type: ignore[call-overload]
                found = _Reading(sink, tell, path.name).all(tar, packed)
            while bounded.read(CHUNK):  # to the end, so that the packing's own checks are made
                pass
        return found
    except (tarfile.TarError, EOFError, OSError, pa.ArrowException, ValueError, OverflowError) as error:
        if isinstance(error, OSError) and error.errno in (28, 122):  # no space, over quota
            raise Refused("磁盘空间不足，未能展开备份", remedy="请清理磁盘后重试；现有数据没有改动") from error
        raise damaged("文件被截断或无法解压", where=path.name) from error


class _Reading:
    def __init__(self, sink: Sink, tell: Tell | None, where: str) -> None:
        self.sink, self.tell, self.where = sink, tell, where
        self.seen: dict[str, tuple[int, str]] = {}
        self.contents: dict[str, tuple[int, str]] = {}
        self.about: About | None = None
        self.manifest: Manifest | None = None
        self.fingerprint = ""

    def all(self, tar: tarfile.TarFile, packed: int) -> Found:
        total = 0
        for member in tar:
            name = layout.check_name(member.name)
            if not member.isreg():
                raise damaged("含有链接或特殊文件", where=repr(name)[:120])
            if self.manifest is not None or name in self.seen or len(self.seen) >= MEMBERS:
                raise damaged("成员重复、过多或排在清单之后", where=repr(name)[:120])
            handle = tar.extractfile(member)
            assert handle is not None
            self._one(name, member.size, handle)  # type: ignore[arg-type]
            total += member.size
            if self.tell:
                self.tell("读取备份", total, None)
        if self.about is None or self.manifest is None:
            raise damaged("没有读到清单，文件可能被截断", where=self.where)
        self._compare(self.about, self.manifest)
        return Found(self.about, self.manifest, self.fingerprint, packed, total)

    def _one(self, name: str, size: int, handle: BinaryIO) -> None:
        if self.about is None:
            if name != ABOUT:
                raise InputError("不是文脉的备份文件", where=self.where)
            raw = _small(handle, size)
            self.about = About.decode(raw)
            self.seen[name] = size, hashlib.sha256(raw).hexdigest()
        elif name == MANIFEST:
            raw = _small(handle, size)
            self.manifest, self.fingerprint = Manifest.decode(raw), hashlib.sha256(raw).hexdigest()
        else:
            target = self.sink(name, size)
            try:
                if name.startswith(TABLES):
                    self._table(name, handle, target)
                else:
                    self._file(name, handle, target)
            finally:
                if target is not None:
                    target.close()

    def _file(self, name: str, handle: BinaryIO, target: BinaryIO | None) -> None:
        digest, size = hashlib.sha256(), 0
        while part := handle.read(CHUNK):
            digest.update(part)
            size += len(part)
            if target is not None:
                target.write(part)
        self.seen[name] = size, digest.hexdigest()

    def _table(self, name: str, handle: BinaryIO, target: BinaryIO | None) -> None:
        assert self.about is not None
        columns = self.about.tables.get(table_of(name))
        if columns is None:
            raise damaged("含有未说明的表", where=repr(name)[:120])
        counting = Counting(columns)
        digest, size = hashlib.sha256(), 0
        while line := handle.readline(LINE):
            digest.update(line)
            size += len(line)
            counting.add(line)
            if target is not None:
                target.write(line)
        self.seen[name] = size, digest.hexdigest()
        self.contents[table_of(name)] = counting.result()

    def _compare(self, about: About, manifest: Manifest) -> None:
        expected: dict[str, tuple[int, str]] = {HOME + k: v for k, v in manifest.files.items()}
        expected.update({f"{TABLES}{k}.jsonl": (m.size, m.sha256) for k, m in manifest.tables.items()})
        expected[ABOUT] = self.seen[ABOUT][0], manifest.about_sha256
        for name in sorted(expected.keys() | self.seen.keys()):
            if expected.get(name) != self.seen.get(name):
                raise damaged("内容与清单不符", where=repr(name)[:120])
        if set(manifest.tables) != set(about.tables):
            raise damaged("表与说明不符")
        for table, mark in manifest.tables.items():
            if self.contents[table] != (mark.rows, mark.content):
                raise damaged("表的内容与清单不符", where=table)


def _small(handle: BinaryIO, size: int) -> bytes:
    if size > SMALL:
        raise damaged("说明或清单过大")
    return handle.read()


def table_of(name: str) -> str:
    return name.removeprefix(TABLES).removesuffix(".jsonl")


class Counting:
    """Rows and content hash of a table from its lines."""

    def __init__(self, columns: list[Column]) -> None:
        self.width = len(columns)
        self.json_at = [i for i, c in enumerate(columns) if c.kind == "json"]
        self.rows, self.digest = 0, hashlib.sha256()

    def add(self, line: bytes) -> None:
        if not line.endswith(b"\n"):
            raise damaged("表中有不完整的行")
        if self.json_at:
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise damaged("表中有无法读取的行") from error
            if not isinstance(row, list) or len(row) != self.width:
                raise damaged("表中有列数不符的行")
            self.digest.update(layout.canonical(row, self.json_at))
        else:
            self.digest.update(line)
        self.rows += 1

    def result(self) -> tuple[int, str]:
        return self.rows, self.digest.hexdigest()


def mark(path: Path, columns: list[Column], last_id: int | None) -> TableMark:
    """The manifest's entry of a table's member that lies at `path`."""
    counting, digest = Counting(columns), hashlib.sha256()
    with path.open("rb") as handle:
        for line in handle:
            digest.update(line)
            counting.add(line)
    rows, content = counting.result()
    return TableMark(rows, content, path.stat().st_size, digest.hexdigest(), last_id)
