"""The little of OLE compound files (MS-CFB) and BIFF (MS-XLS) that tells an encrypted .xls from a damaged one."""

from __future__ import annotations

import struct

_FILEPASS, _BOF = 0x002F, (0x0809, 0x0409, 0x0209, 0x0009)
_LAST_SECTOR = 0xFFFFFFFA
# FILEPASS stands right after BOF (or a write-protect record); what follows it is cipher text.
_RECORDS = 20


def has_filepass(content: bytes) -> bool:
    """Whether the workbook stream of a compound file says that it is encrypted. False for anything unreadable."""
    try:
        stream = _workbook_start(content)
    except (struct.error, IndexError, ValueError):
        return False
    at = 0
    for _ in range(_RECORDS):
        if at + 4 > len(stream):
            return False
        kind, size = struct.unpack_from("<HH", stream, at)
        if at == 0 and kind not in _BOF:
            return False
        if kind == _FILEPASS:
            return True
        at += 4 + size
    return False


def _workbook_start(content: bytes) -> bytes:
    """The first bytes of the stream Workbook (BIFF8) or Book (BIFF5)."""
    shift = struct.unpack_from("<H", content, 30)[0]
    if shift not in (9, 12):
        raise ValueError("sector size")
    size = 1 << shift
    first_directory, mini_cutoff = struct.unpack_from("<I", content, 48)[0], struct.unpack_from("<I", content, 56)[0]
    table = [n for n in struct.unpack_from("<109I", content, 76) if n < _LAST_SECTOR]

    def sector(number: int) -> bytes:
        return content[(number + 1) * size : (number + 2) * size]

    def following(number: int) -> int:
        per = size // 4
        return int(struct.unpack_from("<I", sector(table[number // per]), number % per * 4)[0])

    def chain(number: int) -> bytes:
        parts: list[bytes] = []
        while number < _LAST_SECTOR and len(parts) < 4096:
            parts.append(sector(number))
            number = following(number)
        return b"".join(parts)

    directory = chain(first_directory)
    root: tuple[int, int] | None = None
    for at in range(0, len(directory) - 127, 128):
        length, kind = struct.unpack_from("<HB", directory, at + 64)
        start, long = struct.unpack_from("<II", directory, at + 116)
        if kind == 5:
            root = (start, long)
        name = directory[at : at + max(length - 2, 0)].decode("utf-16-le", "ignore").casefold()
        if kind == 2 and name in ("workbook", "book"):
            if long >= mini_cutoff:
                return sector(start)
            if root is None:
                raise ValueError("no root")
            # Short streams lie in 64-byte pieces of the root's own stream.
            return chain(root[0])[start * 64 : start * 64 + 64]
    raise ValueError("no workbook")
