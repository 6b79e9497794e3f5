"""Archives that are damaged, tampered with, hostile or of another time: one Chinese line, and nothing is changed."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from wenmai.base.values import InputError, Refused, WenmaiError
from wenmai.web.keeping import archive
from wenmai.web.keeping.layout import ABOUT, FORMAT, MANIFEST, About, Column, Manifest

Members = list[tuple[tarfile.TarInfo, bytes]]
COLUMNS = [Column("id", "int"), Column("name", "text"), Column("notes", "json")]
LINES = b'[1,"\xe7\x94\xb2",{"b":1,"a":[2.0]}]\n[2,null,null]\n'


def about(**changes: Any) -> bytes:
    found = json.loads(About("0.1.0", "2026-01-01T00:00:00+00:00", "sqlite", [["people", "0001_initial"]], {"t": COLUMNS}, True).encode())
    return json.dumps({**found, **changes}).encode()


def whole(folder: Path, name: str = "good.tar.gz") -> Path:
    """A small backup written by the writer itself."""
    path, spool = folder / name, folder / "t.jsonl"
    spool.write_bytes(LINES)
    writer = archive.Writer(path)
    manifest = Manifest(writer.add_bytes(ABOUT, about()))
    manifest.tables["t"] = archive.mark(spool, COLUMNS, 2)
    writer.add_bytes("tables/t.jsonl", LINES)
    manifest.files["files/ab/甲.txt"] = 3, writer.add_bytes("home/files/ab/甲.txt", b"abc")
    writer.add_bytes(MANIFEST, manifest.encode())
    writer.close()
    return path


def members(path: Path) -> Members:
    with tarfile.open(path, "r:gz") as tar:
        return [(m, tar.extractfile(m).read()) for m in tar]  # type: ignore[union-attr]


def packed(path: Path, parts: Members) -> Path:
    with tarfile.open(path, "w:gz", format=tarfile.PAX_FORMAT) as tar:
        for info, raw in parts:
            if info.isreg():
                info.size = len(raw)
            tar.addfile(info, io.BytesIO(raw))
    return path


def forged(parts: Members) -> Members:
    """The manifest rewritten to fit the members: what somebody does who knows the format."""
    found = json.loads(parts[-1][1])
    found["files"] = {i.name[5:]: [len(r), hashlib.sha256(r).hexdigest()] for i, r in parts if i.name.startswith("home/")}
    found["about_sha256"] = hashlib.sha256(parts[0][1]).hexdigest()
    return [*parts[:-1], (parts[-1][0], json.dumps(found).encode())]


def member(name: str, raw: bytes = b"x", **more: Any) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    for key, value in more.items():
        setattr(info, key, value)
    return info, raw


@pytest.mark.parametrize("name", ["b.tar.gz", "b.tar.zst"])
def test_a_whole_one_is_read(tmp_path: Path, name: str) -> None:
    path = whole(tmp_path, name)
    found = archive.read(path)
    assert found.manifest.tables["t"].rows == 2 and found.about.tables["t"] == COLUMNS and path.stat().st_mode & 0o077 == 0
    # By hand: JSON columns with sorted keys and 2.0 as jsonb gives it back; other columns as they stand.
    expected = '[1,"甲",{"a":[2],"b":1}]\n[2,null,null]\n'
    assert found.manifest.tables["t"].content == hashlib.sha256(expected.encode()).hexdigest()


@pytest.mark.parametrize("name", ["b.tar.gz", "b.tar.zst"])
def test_every_truncation_and_many_flipped_bits_are_noticed(tmp_path: Path, name: str) -> None:
    raw = whole(tmp_path, name).read_bytes()
    bad = tmp_path / f"bad-{name}"
    told = 0
    ends = list(range(0, len(raw) - (0 if name.endswith("zst") else 8), max(1, len(raw) // 60)))
    for end in ends:
        bad.write_bytes(raw[:end])
        with pytest.raises(WenmaiError) as error:
            archive.read(bad)
        told += "备份" in str(error.value)
    assert told == len(ends) > 30
    good, same = archive.read(whole(tmp_path, name)), 0
    for at in range(0, len(raw), max(1, len(raw) // 80)):
        bad.write_bytes(raw[:at] + bytes([raw[at] ^ 0x55]) + raw[at + 1 :])
        try:
            found = archive.read(bad)
        except WenmaiError:
            continue
        # A flip in a time stamp or in padding changes nothing that is read.
        assert (found.manifest, found.about) == (good.manifest, good.about)
        same += 1
    assert same < 20


def _changed(name: str, change: Callable[[bytes], bytes]) -> Callable[[Members], Members]:
    return lambda parts: [(i, change(r) if i.name == name else r) for i, r in parts]


BAD: dict[str, tuple[Callable[[Members], Members], str]] = {
    "a changed file": (_changed("home/files/ab/甲.txt", lambda r: b"abd"), "内容与清单不符"),
    "a changed row": (_changed("tables/t.jsonl", lambda r: r.replace(b"[2,null", b"[3,null")), "内容与清单不符"),
    "a row less": (_changed("tables/t.jsonl", lambda r: r.splitlines(True)[0]), "内容与清单不符"),
    "a row that is no row": (_changed("tables/t.jsonl", lambda r: r + b"nonsense\n"), "无法读取的行"),
    "too few columns": (_changed("tables/t.jsonl", lambda r: b"[1]\n"), "列数不符"),
    "the manifest missing": (lambda parts: parts[:-1], "没有读到清单"),
    "something after the manifest": (lambda parts: [*parts, member("home/more.txt")], "排在清单之后"),
    "a file that the manifest does not know": (lambda parts: [*parts[:-1], member("home/more.txt"), parts[-1]], "内容与清单不符"),
    "a file less": (lambda parts: [p for p in parts if "甲" not in p[0].name], "内容与清单不符"),
    "a name twice": (lambda parts: [*parts[:-1], parts[-2], parts[-1]], "重复"),
    "a table that was not announced": (lambda parts: forged([*parts[:-1], member("tables/u.jsonl", b"[1]\n"), parts[-1]]), "未说明的表"),
    "another format": (_changed(ABOUT, lambda r: about(format=FORMAT + 1, version="9.9")), "9.9"),
    "no description first": (lambda parts: parts[1:], "不是文脉的备份"),
    "a description that is no JSON": (_changed(ABOUT, lambda r: b"{"), "无法读取"),
    "a description of another shape": (_changed(ABOUT, lambda r: about(tables=[1])), "无法读取"),
    "deep JSON": (_changed(ABOUT, lambda r: b"[" * 200_000), "无法读取"),
}
for _name in ("home/../../etc/x", "/etc/x", "../x", "home/..", "home/a/../../x", "home//x", "home/./x", "other/x", "home/a\\..\\x", "home/a\nb",
              "tables/../home/x", "tables/a/b.jsonl", "home"):  # fmt: skip
    BAD[f"the name {_name!r}"] = (lambda parts, n=_name: forged([*parts[:-1], member(n), parts[-1]]), "不允许的文件名")  # type: ignore[misc]
for _name in ("home/secret.key", "home/static/x.js", "home/wenmai.sqlite3", "home/wenmai.sqlite3-wal", "home/cache/login/x"):
    BAD[f"planted {_name!r}"] = (lambda parts, n=_name: forged([*parts[:-1], member(n), parts[-1]]), "不应在备份中")  # type: ignore[misc]
for _kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE, tarfile.GNUTYPE_SPARSE):
    BAD[f"type {_kind!r}"] = (  # type: ignore[assignment]
        lambda parts, k=_kind: [*parts[:-1], member("home/link", b"", type=k, linkname="/etc/passwd"), parts[-1]], "链接或特殊文件",
    )  # fmt: skip


@pytest.mark.parametrize("what", BAD)
def test_tampered_and_hostile_archives_are_refused(tmp_path: Path, what: str) -> None:
    change, words = BAD[what]
    written: list[str] = []

    def sink(name: str, size: int) -> None:
        written.append(name)

    with pytest.raises(WenmaiError, match=words) as error:
        archive.read(packed(tmp_path / "bad.tar.gz", change(members(whole(tmp_path)))), sink)
    assert error.value.exit_code == 2
    assert all(n.startswith(("home/", "tables/")) and ".." not in n and n != "home/link" for n in written)


def test_a_long_name_header_is_not_read_into_memory(tmp_path: Path) -> None:
    huge = member("home/x", b"", pax_headers={"path": "home/" + "长" * 200_000})
    parts = members(whole(tmp_path))
    with pytest.raises(InputError, match="文件名过长"):
        archive.read(packed(tmp_path / "bad.tar.gz", [*parts[:-1], huge, parts[-1]]))


def test_what_unpacks_to_far_too_much_is_stopped_early(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "FLOOR", 1 << 20)
    zeros = 600 << 20
    path = tmp_path / "bomb.tar.gz"
    head = member("home/zeros")[0]
    head.size = zeros
    first = member(ABOUT)[0]
    first.size = len(about())
    with gzip.open(path, "wb", 9) as out:
        out.write(first.tobuf() + about() + b"\0" * (-len(about()) % 512) + head.tobuf())
        for _ in range(zeros >> 20):
            out.write(b"\0" * (1 << 20))
    seen = 0

    class Counting(io.BytesIO):
        def write(self, part: Any) -> int:
            nonlocal seen
            seen += len(part)
            return len(part)

    with pytest.raises(Refused, match="大得不合常理"):
        archive.read(path, lambda name, size: Counting())
    assert seen <= archive.RATIO * path.stat().st_size + (2 << 20) < zeros


def test_no_more_is_unpacked_than_there_is_room_for(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="大得不合常理"):
        archive.read(whole(tmp_path), room=100)


def test_a_name_that_says_no_packing(tmp_path: Path) -> None:
    (tmp_path / "b.zip").write_bytes(b"PK")
    with pytest.raises(InputError, match=r"\.tar\.zst 或 \.tar\.gz"):
        archive.read(tmp_path / "b.zip")
    (tmp_path / "c.tar.gz").write_bytes(b"not at all packed")
    with pytest.raises(InputError, match="无法解压"):
        archive.read(tmp_path / "c.tar.gz")
