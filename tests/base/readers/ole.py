"""A minimal OLE compound file (MS-CFB): enough for readers to find its streams. Streams are padded to 4,096 bytes, so
that all live in ordinary sectors."""

from __future__ import annotations

import struct

_SECTOR, _FREE, _END, _FAT = 512, 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def _entry(name: str, kind: int, child: int, right: int, start: int, size: int) -> bytes:
    text = (name + "\0").encode("utf-16-le") if name else b""
    head = text.ljust(64, b"\0") + struct.pack("<HBBIII", len(text), kind, 1, _FREE, right, child)
    return head + bytes(16 + 4 + 8 + 8) + struct.pack("<IQ", start, size)


def compound(streams: dict[str, bytes]) -> bytes:
    """The bytes of a compound file with these streams under its root."""
    bodies = {name: body.ljust(max(4096, -(-len(body) // _SECTOR) * _SECTOR), b"\0") for name, body in streams.items()}
    directory_sectors = -(-(len(bodies) + 1) // 4)
    fat = [_FAT, *range(2, directory_sectors + 1), _END]
    starts = {}
    for name, body in bodies.items():
        starts[name] = len(fat)
        count = len(body) // _SECTOR
        fat += [*range(len(fat) + 1, len(fat) + count), _END]
    assert len(fat) <= 128, "one sector of FAT holds 128 sectors"
    names = sorted(bodies, key=lambda n: (len(n), n.upper()))
    entries = [_entry("Root Entry", 5, 1 if names else _FREE, _FREE, _END, 0)]
    for at, name in enumerate(names, 1):
        entries.append(_entry(name, 2, _FREE, at + 1 if at < len(names) else _FREE, starts[name], len(bodies[name])))
    entries += [_entry("", 0, _FREE, _FREE, 0, 0)] * (directory_sectors * 4 - len(entries))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, _END, 0, _END, 0) + struct.pack("<I", 0) + struct.pack("<I", _FREE) * 108
    assert len(header) == _SECTOR
    body = struct.pack("<128I", *fat, *[_FREE] * (128 - len(fat))) + b"".join(entries) + b"".join(bodies.values())
    return header + body


def record(kind: int, body: bytes) -> bytes:
    """One BIFF record."""
    return struct.pack("<HH", kind, len(body)) + body


BOF = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0))
# MS-XLS 2.4.117 FilePass: RC4 (type 1, version 1.1) with salt, verifier and its hash; or XOR obfuscation (type 0).
RC4_PASS = record(0x002F, struct.pack("<HHH", 1, 1, 1) + bytes(range(48)))
XOR_PASS = record(0x002F, struct.pack("<HHH", 0, 0x1234, 0x5678))
SHEET = record(0x0085, struct.pack("<IBB", 2000, 0, 0) + b"\x06\x00Sheet1")
EOF = record(0x000A, b"")


def encrypted_xls(filepass: bytes = RC4_PASS) -> bytes:
    """A BIFF8 workbook with a FILEPASS record: what follows it is noise, as under encryption."""
    noise = record(0x0085, bytes((i * 73 + 41) % 256 for i in range(60)))
    return compound({"Workbook": BOF + filepass + noise + EOF})


def encrypted_xlsx() -> bytes:
    """An encrypted workbook of Excel 2007 and later (MS-OFFCRYPTO): a compound file around the encrypted package."""
    info = struct.pack("<HHI", 4, 4, 0x40) + b'<?xml version="1.0"?><encryption/>'
    package = struct.pack("<Q", 3000) + bytes((i * 89 + 7) % 256 for i in range(3072))
    return compound({"EncryptionInfo": info, "EncryptedPackage": package})


def empty_xls() -> bytes:
    """A BIFF8 workbook in the clear with nothing in it, to see that the container itself can be opened."""
    return compound({"Workbook": BOF + SHEET + EOF})
