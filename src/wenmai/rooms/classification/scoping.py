"""区自定口径 as the office keeps it: add, retire, restore; which version is in force on a day; reading one with its rules.

A version is never edited. Of each name the version added last that has begun stands; when it ends, the one before it
does not come back. Only retiring it (taking it back) lets the one before it stand again.
"""

from __future__ import annotations

import datetime
import tempfile
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from wenmai.base import standards
from wenmai.base.standards import ScopeList
from wenmai.base.values import InputError, NotFound, Refused
from wenmai.office.events import services as events
from wenmai.office.files import store
from wenmai.rooms.classification import permissions
from wenmai.rooms.classification.models import ScopeVersion

STANDING, WAITING, EXPIRED, SUPERSEDED, RETIRED = "生效", "待起用", "已过期", "已被接替", "已停用"


@dataclass(frozen=True, slots=True)
class Standing:
    """A version with its state on a day, and whether its 复核日期 has come."""

    version: ScopeVersion
    state: str
    review_due: bool

    @property
    def label(self) -> str:
        return standards.scope_label(self.version.name, self.version.version)


def _require(verdict: tuple[bool, str]) -> None:
    if not verdict[0]:
        raise Refused(verdict[1])


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def keep(raw: bytes, file_name: str) -> tuple[ScopeList, str]:
    """Validate and store the bytes without adding a version (the preview); (list, digest)."""
    found = standards.parse_scope_list(raw, file_name)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "scope"
        path.write_bytes(raw)
        store.put(path)
    return found, found.digest


def check_new(found: ScopeList) -> ScopeVersion | None:
    """The version that already is exactly this file; Refused when its name or number is taken by another one."""
    same = ScopeVersion.objects.filter(digest=found.digest).first()
    if same is not None:
        if not same.active:
            raise Refused(f"{found.label}已有且已停用", remedy="内容未变，请直接恢复使用，不必再次添加")
        return same
    for other in ScopeVersion.objects.all():
        if _folded(other.name) != _folded(found.name):
            continue
        if other.name != found.name:
            raise Refused(f"已有名称“{other.name}”，与“{found.name}”只差全角半角或大小写", remedy="请用同一名称")
        if _folded(other.version) == _folded(found.version):
            raise Refused(
                f"{found.label}已于 {timezone.localtime(other.added_at):%Y-%m-%d} 添加，内容不同；口径版本不能修改",
                remedy="请把“版本”改为新的版本号后再添加",
            )
    return None


def add(raw: bytes, file_name: str, actor: Any = None) -> ScopeVersion:
    """Add a version. The same bytes twice are one version; the same name and number with other bytes are refused."""
    _require(permissions.may_keep_scopes(actor))
    found, digest = keep(raw, file_name)
    try:
        with transaction.atomic():
            same = check_new(found)
            if same is not None:
                return same
            version = ScopeVersion.objects.create(
                name=found.name, version=found.version, issuer=found.issuer, basis=found.basis, valid_from=found.valid_from,
                valid_to=found.valid_to, review_on=found.review_on, rules=len(found.rules), digest=digest,
                file_name=Path(file_name.replace("\\", "/")).name[-255:], added_by=actor,
                added_by_name=getattr(actor, "username", "命令行"),
            )  # fmt: skip
            _record("added", version, actor)
    except IntegrityError as error:  # another person added it between the check and the insert
        raise Refused(f"{found.label}刚由他人添加", remedy="请刷新后核对") from error
    return version


def add_file(path: Path, actor: Any = None) -> ScopeVersion:
    """Add a version from a file."""
    return add(standards.read_scope_bytes(path), path.name, actor)


def add_example(actor: Any = None) -> ScopeVersion:
    """Add the shipped example (the demo's list)."""
    return add(standards.example_scope_bytes(), standards.EXAMPLE_NAME, actor)


def retire(version_id: int, actor: Any = None) -> ScopeVersion:
    """Take a version out of use for later snapshots; those published keep it."""
    _require(permissions.may_keep_scopes(actor))
    with transaction.atomic():
        version = _get(version_id)
        if not version.active:
            raise Refused(f"{_label(version)}已经停用")
        version.active, version.retired_at, version.retired_by = False, timezone.now(), actor
        version.retired_by_name = getattr(actor, "username", "命令行")
        version.save(update_fields=["active", "retired_at", "retired_by", "retired_by_name"])
        _record("retired", version, actor)
    return version


def restore(version_id: int, actor: Any = None) -> ScopeVersion:
    """Take a retired version into use again."""
    _require(permissions.may_keep_scopes(actor))
    with transaction.atomic():
        version = _get(version_id)
        if version.active:
            raise Refused(f"{_label(version)}正在使用，无需恢复")
        version.active, version.retired_at, version.retired_by, version.retired_by_name = True, None, None, ""
        version.save(update_fields=["active", "retired_at", "retired_by", "retired_by_name"])
        _record("restored", version, actor)
    return version


def _record(verb: str, version: ScopeVersion, actor: Any) -> None:
    payload = {"name": version.name, "version": version.version, "digest": version.digest}
    events.record(f"classification.scope.{verb}", f"scope:{version.pk}", payload, actor)


def _get(version_id: int) -> ScopeVersion:
    version = ScopeVersion.objects.select_for_update().filter(pk=version_id).first()
    if version is None:
        raise NotFound(f"没有编号为 {version_id} 的口径版本")
    return version


def _label(version: ScopeVersion) -> str:
    return standards.scope_label(version.name, version.version)


def standings(on: datetime.date | None = None, without: int | None = None) -> list[Standing]:
    """Every version with its state on a day (today by default): by name, the newest first. `without` leaves one out."""
    day = on or timezone.localdate()
    taken: set[str] = set()
    found = []
    for version in ScopeVersion.objects.order_by("name", "-id"):
        if version.pk == without:
            continue
        begun = version.valid_from is None or version.valid_from <= day
        if not version.active:
            state = RETIRED
        elif not begun:
            state = WAITING
        elif version.name in taken:
            state = SUPERSEDED
        else:
            taken.add(version.name)
            state = EXPIRED if version.valid_to is not None and version.valid_to < day else STANDING
        due = state == STANDING and version.review_on is not None and version.review_on <= day
        found.append(Standing(version, state, due))
    return found


def standing_of(version: ScopeVersion, on: datetime.date | None = None) -> Standing:
    """One version with its state on a day."""
    return next(s for s in standings(on) if s.version.pk == version.pk)


def if_retired(version: ScopeVersion) -> str:
    """What retiring a version would bring, in words: dangerous actions say what will happen."""
    others = [s for s in standings(without=version.pk) if s.version.name == version.name and s.state == STANDING]
    if standing_of(version).state != STANDING:
        return "现行口径不变"
    return f"{others[0].label}重新生效" if others else f"“{version.name}”没有现行版本，以后的快照不再有它的数字"


def find(name: str, version: str | None = None) -> ScopeVersion:
    """The version by name and number; without a number the one in force, else the newest."""
    if version is not None:
        found = ScopeVersion.objects.filter(name=name, version=version).first()
    else:
        states = [s for s in standings() if s.version.name == name]
        found = next((s.version for s in states if s.state == STANDING), states[0].version if states else None)
    if found is None:
        raise NotFound(f"没有口径“{name}”" + (f"版本“{version}”" if version else ""), remedy="用 wenmai scope list 查看全部口径")
    return found


def raw_file(version: ScopeVersion) -> bytes:
    """The file as it was added."""
    path = store.path_of(version.digest)
    if not path.is_file():
        raise NotFound(f"{_label(version)}的原文件不在本机", remedy="请从备份恢复 WENMAI_HOME/files，或先停用该版本")
    return path.read_bytes()


def load(version: ScopeVersion) -> ScopeList:
    """The rules of a version, read from its stored file; a file that is no longer the one added is refused."""
    found = standards.parse_scope_list(raw_file(version), version.file_name)
    if found.digest != version.digest:
        raise InputError(f"{_label(version)}的文件与添加时不同", remedy="请从备份恢复 WENMAI_HOME/files，或先停用该版本")
    return found


def in_force(on: datetime.date | None = None) -> list[ScopeList]:
    """The lists that a snapshot taken on this day uses, by name."""
    return [load(s.version) for s in standings(on) if s.state == STANDING]
