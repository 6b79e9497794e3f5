"""`wenmai api-token add | list | revoke`: keys of other systems to the API. The command line is the machine's owner."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from wenmai.base.values import InputError
from wenmai.cli_people import _day, _organisation, _user

console = Console(width=None if Console().is_terminal else 180)


def token_commands(open_house: Callable[[], None]) -> typer.Typer:
    """The sub-commands; `open_house` sets Django up."""
    app = typer.Typer(help="接口令牌：新建、查看、吊销", no_args_is_help=True)

    @app.command()
    def add(
        name: Annotated[str, typer.Argument(help="系统名称")], owner: Annotated[str, typer.Option(help="责任人账号")],
        scopes: Annotated[str, typer.Option(help="可读内容，逗号分隔：enterprises,figures,facts,snapshots,jobs")],
        days: Annotated[int, typer.Option(help="有效天数，最多 366")] = 180,
        until: Annotated[str, typer.Option(help="有效期至，如 2026-12-31；写了就不看天数")] = "",
        org: Annotated[str, typer.Option(help="数据范围：单位名称；不写同责任人")] = "",
        per_minute: Annotated[int, typer.Option(help="每分钟次数")] = 120,
    ) -> None:  # fmt: skip
        """新建令牌，只显示这一次。"""
        open_house()
        from django.utils import timezone

        from wenmai.web.api import tokens

        if not 0 <= days <= 366:
            raise InputError("有效天数须为 0—366")
        expires = _day(until) or timezone.localdate() + datetime.timedelta(days=days)
        wanted = [s.strip() for s in scopes.split(",") if s.strip()]
        made, token = tokens.add(name, _user(owner), wanted, expires, _organisation(org) if org else None, per_minute)
        console.print(f"令牌 {made.pk}　{made.name}　有效期至 {made.expires}", highlight=False)
        console.print(token, highlight=False, soft_wrap=True)

    @app.command("list")
    def list_() -> None:
        """全部令牌；令牌本身不保存，无从显示。"""
        open_house()
        from wenmai.web.models import ApiToken

        table = Table("编号", "系统", "责任人", "数据范围", "可读", "每分钟", "有效期至", "最近使用", "状态")
        for t in ApiToken.objects.select_related("owner", "organisation").order_by("pk"):
            used = t.last_used.strftime("%Y-%m-%d %H:%M") if t.last_used else "—"
            area = t.organisation.name if t.organisation else "同责任人"
            table.add_row(str(t.pk), t.name, t.owner.username, area, ",".join(t.scopes), str(t.per_minute), str(t.expires), used,
                          "已吊销" if t.revoked_at else "—")  # fmt: skip
        console.print(table)

    @app.command()
    def revoke(number: Annotated[int, typer.Argument(help="令牌编号")]) -> None:
        """吊销令牌，立即失效。"""
        open_house()
        from wenmai.web.api import tokens

        console.print(f"已吊销：{tokens.revoke(number).name}", highlight=False)

    return app
