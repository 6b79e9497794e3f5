"""`wenmai records import | park | alerts | rules`: ledgers from files, one park on a day, what asks for attention."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from wenmai.base.values import InputError, NotFound

console = Console(width=None if sys.stdout.isatty() else 180)


def _say(text: str) -> None:
    console.print(text, highlight=False)


def records_commands(open_house: Callable[[], None]) -> typer.Typer:
    """The sub-commands; `open_house` sets Django up."""
    app = typer.Typer(help="台账：导入、园区、提醒", no_args_is_help=True)

    @app.command("import")
    def import_(
        kind: Annotated[str, typer.Argument(help="parks、leases、projects、heritage、demands")], file: Path,
        park: Annotated[str, typer.Option(help="租约：表中没有“园区”一列时的园区代码")] = "",
        provider: Annotated[str, typer.Option(help="提供单位")] = "",
    ) -> None:  # fmt: skip
        """导入一份台账文件，逐行给出去向。"""
        open_house()
        from wenmai.rooms.records import importing

        if not file.is_file():
            raise InputError("文件打不开或不存在", where=file.name, remedy="请核对路径")
        taken = importing.take_in(kind, file, provider=provider, park=park)
        _say("，".join(f"{word} {n:,}" for word, n in taken.counts.items()) + f"；合计 {len(taken.rows):,} 行")
        if taken.unused:
            _say(f"未采用的列：{'、'.join(taken.unused)}")
        for row, name, outcome, reason in taken.rows:
            if outcome == importing.REJECTED:
                _say(f"  退回 第 {row} 行 {name}：{reason}")

    @app.command()
    def park(code: str, on: Annotated[str, typer.Option(help="截至日期，如 2026-03-31")] = "") -> None:
        """一个园区：入驻率、文化企业占比、认定条件。"""
        open_house()
        from django.utils import timezone

        from wenmai.rooms.records import queries, texts
        from wenmai.rooms.records.kinds_space import interval_text
        from wenmai.rooms.records.models import Park

        found = Park.objects.filter(code=code, withdrawn_at=None).first() or Park.objects.filter(name=code, withdrawn_at=None).first()
        if found is None:
            raise NotFound(f"没有园区“{code}”", remedy="代码见园区台账")
        day = texts.day(on) if on else timezone.localdate()
        s = queries.summary(found, day)
        let = s.occupancy
        _say(f"{found.code} {found.name}　{found.level}　截至 {day}")
        rate = texts.percent(let.rate) or "—（不可算）"
        _say(f"  入驻率 {rate}　已租 {let.let} ㎡ / 可租 {let.lettable or '—'} ㎡　{let.let_units}/{let.units} 套")
        parts = f"全部计入类 {s.shares.whole}，部分计入类 {s.shares.partial}，非文化 {s.shares.no}，未识别或待核定 {s.shares.unknown}"
        _say(f"  入驻企业 {s.shares.tenants} 家：{parts}")
        _say(f"  文化企业占比　家数 {interval_text(s.shares.by_count) or '—'}　面积 {interval_text(s.shares.by_area) or '—'}")
        for rule in queries.rules():
            check = queries.check(rule, s, day)
            _say(f"  {rule.name}：{check.answer}" + (f"（{check.remark}）" if check.remark else ""))
            for v in check.conditions:
                _say(f"    {v.answer}　{v.words}" + (f"　{v.gap}" if v.gap else ""))

    @app.command()
    def alerts() -> None:
        """迁出、异常、超期诉求、逾期节点、待复核、将到期租约。"""
        open_house()
        from django.utils import timezone

        from wenmai.rooms.records.alerts import alerts as read

        found = read(None, timezone.localdate())
        for a in found:
            _say(f"{a.kind}　{a.title}　{a.text}　{a.on}　{a.when}")
        _say(f"共 {len(found)} 项")

    @app.command()
    def rules() -> None:
        """装入随附的认定规则示例（北京双 70%）；已有的不动。"""
        open_house()
        from wenmai.rooms.records import rulebook

        _say(f"新装入 {rulebook.install()} 条，请按当地正式文件核对后使用")

    return app
