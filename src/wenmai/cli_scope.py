"""`wenmai scope add | list | show | retire | restore | example | check`: the district's own scopes (区自定口径)."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from wenmai.base import standards
from wenmai.base.standards import ScopeList
from wenmai.base.values import InputError

console = Console(width=None if sys.stdout.isatty() else 180)


def scope_commands(open_house: Callable[[], None]) -> typer.Typer:
    """The sub-commands; `open_house` sets Django up (checking a file and writing the example need none)."""
    app = typer.Typer(help="区自定口径：添加、查看、停用", no_args_is_help=True)

    @app.command()
    def check(file: Path) -> None:
        """只核对一个口径文件，不添加。"""
        found = standards.load_scope_list(file)
        _about(found)
        console.print(f"可用：{len(found.rules)} 条规则，指纹 {found.digest[:10]}", highlight=False)

    @app.command()
    def example(output: Annotated[Path, typer.Option("-o", "--output", help="写到这个文件")]) -> None:
        """写出示例文件，供改写。"""
        if output.exists():
            raise InputError("文件已存在", where=str(output), remedy="请换一个文件名")
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_bytes(standards.example_scope_bytes())
        console.print(f"已写 {output}", highlight=False)

    @app.command()
    def add(file: Path) -> None:
        """添加一个口径版本，并给出对最新快照的影响；下一次快照起用。"""
        open_house()
        from wenmai.rooms.classification import scope_queries, scoping

        raw = standards.read_scope_bytes(file)
        found = standards.parse_scope_list(raw, file.name)
        known = scoping.check_new(found)
        # Before adding: afterwards the version that it takes the place of is no longer the standing one.
        effect = scope_queries.effect(found)
        standing = scoping.standing_of(known or scoping.add(raw, file.name))
        console.print(f"{'已有' if known else '已添加'} {standing.label}（{standing.state}）", highlight=False)
        _effect(effect)
        console.print("下一次快照（wenmai classify）起用；已发布的快照不变")

    @app.command("list")
    def list_() -> None:
        """列出全部口径版本。"""
        open_house()
        from wenmai.rooms.classification import scoping

        table = Table("名称", "版本", "状态", "起用", "失效", "复核", "规则", "制定单位", "添加")
        for s in scoping.standings():
            v = s.version
            state = s.state + ("（复核到期）" if s.review_due else "")
            dates = [str(d) if d else "—" for d in (v.valid_from, v.valid_to, v.review_on)]
            table.add_row(v.name, v.version, state, *dates, str(v.rules), v.issuer or "—", f"{v.added_by_name} {v.added_at:%Y-%m-%d}")
        console.print(table)

    @app.command()
    def show(name: str, version: Annotated[str | None, typer.Argument(help="版本；不写为现行版本")] = None) -> None:
        """一个版本的规则，及其在最新快照的数字。"""
        open_house()
        from wenmai.rooms.classification import scope_queries, scoping

        found = scoping.find(name, version)
        _about(scoping.load(found))
        console.print(f"状态：{scoping.standing_of(found).state}", highlight=False)
        for figure in scope_queries.newest_figures(found):
            console.print(f"  {figure.title}　{figure.text()} {figure.unit}　{figure.id}", highlight=False)

    @app.command()
    def retire(name: str, version: str) -> None:
        """停用一个版本；已发布的快照不变。"""
        _switch(open_house, name, version, "retire")

    @app.command()
    def restore(name: str, version: str) -> None:
        """恢复使用一个已停用的版本。"""
        _switch(open_house, name, version, "restore")

    return app


def _switch(open_house: Callable[[], None], name: str, version: str, verb: str) -> None:
    open_house()
    from wenmai.rooms.classification import scoping

    found = scoping.find(name, version)
    done = scoping.retire(found.pk) if verb == "retire" else scoping.restore(found.pk)
    standing = scoping.standing_of(done)
    console.print(f"{standing.label}：{standing.state}；下一次快照起变", highlight=False)


def _about(scope: ScopeList) -> None:
    console.print(f"{scope.label}　制定单位 {scope.issuer or '—'}　依据 {scope.basis or '—'}", highlight=False)
    table = Table("行", "项目", "取值", "限定代码", "说明")
    for rule in scope.rules:
        table.add_row(str(rule.row), rule.kind, _value(rule), ";".join(rule.under) or "—", rule.note)
    console.print(table)


def _value(rule: Any) -> str:
    item = None if "词" in rule.kind else standards.industry(rule.value)
    return f"{rule.value} {item.name}" if item else rule.value


def _effect(effect: Any) -> None:
    counts = "，".join(f"{answer} {n:,}" for answer, n in effect.counts.items())
    console.print(f"按{effect.basis}：{counts}", highlight=False)
    for move in effect.moves:
        console.print(f"  与{effect.previous}相比：{move.before} → {move.after} {move.count:,} 家", highlight=False)
