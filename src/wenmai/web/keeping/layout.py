"""What a backup archive holds, and which names may stand in it. Knows no Django."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Any

from wenmai.base.values import InputError

FORMAT = 1
ABOUT, MANIFEST = "wenmai-backup.json", "manifest.json"
TABLES, HOME = "tables/", "home/"

# At the top of a home. Each of these is either made anew when missing, or is the database itself (kept as tables), or is
# the site's own secret, which must not travel with the data that it protects.
_DATABASE = {f"wenmai.sqlite3{end}" for end in ("", "-wal", "-shm", "-journal")}
NOT_KEPT = frozenset({"secret.key", "cache", "exports", "static", *_DATABASE})
# A home that holds nothing but these holds no data.
HARMLESS = frozenset({"secret.key", "cache", "static"})
# In a backup without files all the same: where every row came from, without which no snapshot can be published.
RECORDS = frozenset({"batches"})
# Whoever holds a session's key is logged in; a backup must not be a way in. Everybody logs in again after a restore.
TABLES_NOT_KEPT = frozenset({"django_session", "django_migrations"})


@dataclass(frozen=True)
class Column:
    """A column and its kind (rows.py); `places` are the decimals of a decimal column."""

    name: str
    kind: str
    places: int = 0


@dataclass(frozen=True)
class About:
    """The first member: what is needed before the first row can be judged."""

    version: str
    created_at: str
    engine: str
    migrations: list[list[str]]
    tables: dict[str, list[Column]]
    with_files: bool
    format: int = FORMAT

    def encode(self) -> bytes:
        return _dump(asdict(self))

    @classmethod
    def decode(cls, raw: bytes) -> About:
        found = _load(raw)
        if found.get("format") != FORMAT:
            raise InputError(
                f"备份格式为“{found.get('format')}”，本程序只识别格式 {FORMAT}",
                remedy=f"请用做这个备份的程序版本（{str(found.get('version'))[:40]}）恢复",
            )  # fmt: skip
        try:
            tables = {str(name): [Column(**c) for c in columns] for name, columns in found["tables"].items()}
            migrations = [[str(app), str(name)] for app, name in found["migrations"]]
            return cls(str(found["version"]), str(found["created_at"]), str(found["engine"]), migrations, tables, bool(found["with_files"]))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise damaged("说明部分无法读取") from error


@dataclass
class TableMark:
    """What one table must be: rows, hash of its content, size and hash of its member, and the last id given out."""

    rows: int
    content: str
    size: int
    sha256: str
    last_id: int | None = None


@dataclass
class Manifest:
    """The last member: what all others must be. An archive without it is not whole."""

    about_sha256: str
    tables: dict[str, TableMark] = field(default_factory=dict)
    files: dict[str, tuple[int, str]] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)

    def encode(self) -> bytes:
        return _dump(asdict(self))

    @classmethod
    def decode(cls, raw: bytes) -> Manifest:
        found = _load(raw)
        try:
            return cls(
                str(found["about_sha256"]),
                {str(k): TableMark(**v) for k, v in found["tables"].items()},
                {str(k): (int(size), str(digest)) for k, (size, digest) in found["files"].items()},
                [str(x) for x in found["left_out"]],
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise damaged("清单无法读取") from error


def _dump(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1).encode()


def _load(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise damaged("说明或清单无法读取") from error
    if not isinstance(found, dict):
        raise damaged("说明或清单无法读取")
    return found


def damaged(why: str, where: str | None = None) -> InputError:
    """The one wording for an archive that is not what was written."""
    return InputError(f"备份文件不完整或被改动：{why}", where=where, remedy="请换一份备份；现有数据没有改动")


def check_name(name: str) -> str:
    """A member's name, when it may stand in an archive: below home/ or tables/, no step upwards, nothing that restoring
    must not plant (a secret key, pages of the static folder)."""
    parts = name.split("/")
    plain = not any(p in ("", ".", "..") for p in parts) and not any(ord(c) < 32 or c in "\\\x7f" for c in name)
    if name in (ABOUT, MANIFEST):
        return name
    if not plain or len(parts) < 2 or parts[0] + "/" not in (HOME, TABLES) or PurePosixPath(name).is_absolute():
        raise damaged("含有不允许的文件名", where=repr(name)[:120])
    if parts[0] + "/" == HOME and parts[1] in NOT_KEPT:
        raise damaged("含有不应在备份中的文件", where=repr(name)[:120])
    if parts[0] + "/" == TABLES and (len(parts) != 2 or not parts[1].endswith(".jsonl")):
        raise damaged("含有不允许的文件名", where=repr(name)[:120])
    return name


def _plain(value: Any) -> Any:
    """JSON as PostgreSQL's jsonb gives it back: a float without a fraction is a whole number there."""
    if isinstance(value, float) and value.is_integer():
        return int(Decimal(repr(value)))
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_plain(v) for v in value]
    return value


def line_of(row: list[Any]) -> bytes:
    """One row as it stands in a table's member."""
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def canonical(row: list[Any], json_at: list[int]) -> bytes:
    """One row as it is hashed: the same bytes on every engine (JSON columns with sorted keys and plain numbers)."""
    if json_at:
        row = list(row)
        for i in json_at:
            row[i] = _plain(row[i])
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode() + b"\n"
