"""Put a prepared home in the place of the present one, so that at every moment one of the two is whole. Knows no Django.

A journal beside the home says what was begun. `recover` reads it at the next restore: what was not committed is undone."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from wenmai.base.values import Refused
from wenmai.web.keeping.layout import HARMLESS


@dataclass(frozen=True)
class Plan:
    """`prepared` becomes `home`; what was there becomes `before`. `schema` is the PostgreSQL schema being filled, if any."""

    home: str
    staging: str
    before: str
    schema: str = ""

    @property
    def prepared(self) -> Path:
        return Path(self.staging) / "home"

    @property
    def ready(self) -> Path:
        """Written when everything is verified; before that no folder has been exchanged."""
        return Path(self.staging) / "ready"


def journal(home: Path) -> Path:
    return home.with_name(f".{home.name}.restoring.json")


def empty(home: Path) -> bool:
    """Whether the home holds no data (a secret key and what is made anew are no data)."""
    return not home.exists() or (home.is_dir() and {p.name for p in home.iterdir()} <= HARMLESS)


def begin(plan: Plan) -> IO[str]:
    """Make the staging folder and write the journal. The handle holds a lock that ends with this process; close it last."""
    home = Path(plan.home)
    if os.path.ismount(home):
        raise Refused("数据目录是挂载点，不能整体替换", where=str(home), remedy="请恢复到其下的子目录（--into），并相应修改 WENMAI_HOME")
    try:
        home.parent.mkdir(parents=True, exist_ok=True)
        handle = journal(home).open("x", encoding="utf-8")
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for left in home.parent.glob(f".{home.name}.restoring-*"):  # of one that ended between its last two steps
            shutil.rmtree(left, ignore_errors=True)
        plan.prepared.mkdir(parents=True, mode=0o700)
        os.chmod(plan.staging, 0o700)
        json.dump(asdict(plan), handle, ensure_ascii=False)
        handle.flush()
        os.fsync(handle.fileno())
        return handle
    except (FileExistsError, BlockingIOError) as error:
        raise Refused("另一次恢复正在进行", where=str(journal(home)), remedy="请等它结束") from error
    except PermissionError as error:
        raise Refused("没有权限在数据目录旁建临时目录", where=str(home.parent), remedy="请用有权限的账号运行") from error


def exchange(plan: Plan) -> None:
    """The two renames. Undoes the first when the second fails."""
    home, before = Path(plan.home), Path(plan.before)
    if home.exists():
        os.rename(home, before)
    try:
        os.rename(plan.prepared, home)
    except OSError:
        if before.exists():
            os.rename(before, home)
        raise


def undo(plan: Plan) -> None:
    """The state before `exchange`, whichever of its renames were made."""
    home, before = Path(plan.home), Path(plan.before)
    if plan.ready.exists() and not plan.prepared.exists() and home.exists():
        os.rename(home, plan.prepared)
    if before.exists():
        if home.exists():  # the program was started in between and made a home of its own
            shutil.rmtree(home) if empty(home) else os.rename(home, before.with_name(before.name + ".between"))
        os.rename(before, home)


def end(plan: Plan, keep_before: bool) -> None:
    """Clean up after success or `undo`. The journal goes before the staging folder, whose marks give it its meaning."""
    if not keep_before and Path(plan.before).exists():
        shutil.rmtree(plan.before)
    journal(Path(plan.home)).unlink(missing_ok=True)
    shutil.rmtree(plan.staging, ignore_errors=True)


def recover(home: Path, schema_stands: Callable[[str], bool] | None, drop_schema: Callable[[str], None] | None) -> str:
    """Finish or undo what an interrupted restore left. Returns what was done, in words ("" when there was nothing). The
    functions look at PostgreSQL, where the commit of the exchange is what counts; None without it."""
    path = journal(home)
    if not path.exists():
        return ""
    with path.open("r+", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Refused("另一次恢复正在进行", where=str(path), remedy="请等它结束") from error
        text = handle.read()
    try:
        plan = Plan(**json.loads(text))
    except (ValueError, TypeError):  # killed while the journal was being written: nothing else had begun
        path.unlink()
        return "清除了一次刚开始就中断的恢复"
    exchanged = plan.ready.exists() and not plan.prepared.exists() and home.exists()
    if plan.schema:
        if schema_stands is None or drop_schema is None:
            raise Refused("上一次恢复到 PostgreSQL 中途中断", where=str(path), remedy="请设好当时的 DATABASE_URL 再运行一次恢复")
        exchanged = exchanged and not schema_stands(plan.schema)
    if exchanged:
        end(plan, keep_before=True)
        return "上一次恢复已经完成，补做了收尾"
    undo(plan)
    if drop_schema is not None and plan.schema:
        drop_schema(plan.schema)
    end(plan, keep_before=True)
    return "上一次恢复中途中断，已退回恢复前的状态"
