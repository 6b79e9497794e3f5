"""`wenmai backup | verify | restore`: the office's data can be kept, checked and brought back."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from wenmai.base.values import Refused

console = Console(width=None if sys.stdout.isatty() else 180)
Bars = Callable[[], AbstractContextManager[Any]]
ENGINES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def keep_commands(app: typer.Typer, open_house: Callable[[bool], None], bars: Bars) -> None:
    """Add the three commands; `open_house(False)` sets Django up without migrating."""

    @app.command()
    def backup(
        file: Annotated[Path, typer.Argument(help="备份文件，.tar.zst 或 .tar.gz")],
        no_files: Annotated[bool, typer.Option("--no-files", help="只备份数据库、批次记录和设置，不含原始文件、文稿、快照、模型")] = False,
        force: Annotated[bool, typer.Option("--force", help="覆盖已有的备份文件")] = False,
    ) -> None:
        """备份（服务不必停）：数据库同一时刻的内容、存储的文件、快照和设置。"""
        open_house(False)
        from wenmai.web.keeping import backup as keeping

        with bars() as step:
            made = keeping.make(file, not no_files, force, step)
        _about(made.about, made.manifest, made.fingerprint)
        if made.links:
            console.print(f"  链接 {made.links} 个未入备份（需要时自动重建）", highlight=False)
        if not made.recorded:
            console.print("  [yellow]注意[/] 数据库还是旧版结构，这次备份未能记入事件", highlight=False)
        console.print(f"已写 {made.path}（{_size(made.size)}）", highlight=False)
        console.print("备份含口令摘要和全部业务数据，未加密：请按内部资料保管，限制可读的人", highlight=False)
        if made.damaged:
            where = "、".join(made.damaged[:3])
            raise Refused(f"备份已写，但 {len(made.damaged)} 个存储的文件内容已变", where=where, remedy="请从更早的备份取回这些文件")

    @app.command()
    def verify(
        file: Annotated[Path, typer.Argument(help="备份文件")],
        expect: Annotated[str, typer.Option(help="备份时记下的指纹，不符即报错")] = "",
    ) -> None:
        """核对备份：读到底，逐表、逐文件与清单比对；不恢复，不改任何数据。"""
        from wenmai.web.keeping import archive

        with bars() as step:
            found = archive.read(file, tell=step)
        _expected(found.fingerprint, expect)
        _about(found.about, found.manifest, found.fingerprint)
        console.print("备份完好", highlight=False)

    @app.command()
    def restore(
        file: Annotated[Path, typer.Argument(help="备份文件")],
        into: Annotated[Path | None, typer.Option("--into", help="恢复到这个数据目录（默认 WENMAI_HOME）")] = None,
        expect: Annotated[str, typer.Option(help="备份时记下的指纹，不符不恢复")] = "",
        force: Annotated[bool, typer.Option("--force", help="替换已有数据（原有数据另存一旁）")] = False,
    ) -> None:
        """恢复：先在旁边建好并核对，全部相符才替换；不成功则什么也不改。"""
        from wenmai.web.keeping import archive
        from wenmai.web.keeping import restore as keeping

        home = into or Path(os.environ.get("WENMAI_HOME", "var"))
        own_key = bool(os.environ.get("WENMAI_SECRET_KEY")) or (home / "secret.key").exists()
        with bars() as step:
            if expect:
                _expected(archive.read(file, tell=step).fingerprint, expect)
            done = keeping.restore(file, home, force, step)
        if done.recovered:
            console.print(done.recovered, highlight=False)
        _about(done.found.about, done.found.manifest, done.found.fingerprint)
        console.print(f"已恢复到 {done.home}（{done.engine}），{len(done.found.manifest.tables)} 张表与备份逐一相符", highlight=False)
        if done.migrated:
            console.print(f"备份由旧版做成，已补做 {done.migrated} 项变更", highlight=False)
        if not done.found.about.with_files:
            console.print("[yellow]注意[/] 这个备份不含文件：原始文件、文稿和快照打不开，请运行 wenmai classify 重新发布快照", highlight=False)
        if not own_key:
            console.print("[yellow]注意[/] 没有原来的 secret.key，已另生成：启用了动态口令的账号须由管理员停用动态口令后重新绑定", highlight=False)
        if done.before:
            console.print(f"原数据目录在 {done.before}，确认无误后自行删除", highlight=False)
        if done.schema_before:
            console.print(f"原数据表在数据库的模式 {done.schema_before}，确认无误后自行删除", highlight=False)
        console.print("请运行 wenmai doctor 检查，然后启动服务；所有人须重新登录", highlight=False)


def _expected(fingerprint: str, expect: str) -> None:
    wanted = expect.strip().lower()
    if wanted and (len(wanted) < 12 or not fingerprint.startswith(wanted)):
        remedy = "这不是当时做的那个备份，或已被改动；现有数据没有改动（指纹至少写前 12 位）"
        raise Refused("备份的指纹与记下的不同", where=fingerprint, remedy=remedy)


def _about(about: Any, manifest: Any, fingerprint: str) -> None:
    rows, size = sum(m.rows for m in manifest.tables.values()), sum(size for size, _ in manifest.files.values())
    files = "" if about.with_files else "（不含文件的备份）"
    engine, others = ENGINES.get(about.engine, about.engine), [t for t in manifest.left_out if t != "django_session"]
    lines = [
        f"备份时间 {about.created_at}　程序 {about.version}　数据库 {engine}　变更 {len(about.migrations)} 项",
        f"  表 {len(manifest.tables)} 张 {rows:,} 行；文件 {len(manifest.files):,} 个 {_size(size)}" + files,
        "  不在备份中：登录会话、密钥 secret.key、缓存、临时导出" + "".join(f"、表 {t}" for t in others),
        f"  指纹 {fingerprint}",
    ]
    for line in lines:
        console.print(line, highlight=False, markup=False, soft_wrap=True)


def _size(size: int) -> str:
    return f"{size / 1e6:,.1f} MB" if size >= 100_000 else f"{size:,} 字节"
