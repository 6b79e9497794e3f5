"""`wenmai user …`, `wenmai org …`, `wenmai serve`: logins, organisations and the two sites. The command line is the machine's
owner: it asks nobody's permission, and what it does is in the log as 命令行."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from typer.core import TyperGroup

from wenmai.base.values import InputError, NotFound

console = Console(width=None if Console().is_terminal else 180)
Open = Callable[[], None]
ROLES = "admin|editor|reviewer|auditor|reader"
KINDS = "office|department|street|operator|enterprise|finance|college|association"


class _AddByDefault(TyperGroup):
    """`wenmai user NAME --role editor` is `wenmai user add NAME --role editor`, as it was before there was more to do."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and args[0] not in self.commands:
            args = ["add", *args]
        return super().resolve_command(ctx, args)


def _day(text: str | None) -> datetime.date | None:
    if not text:
        return None
    try:
        return datetime.date.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"日期“{text}”无法识别", remedy="请写成 2026-01-31 的样子") from error


def _user(name: str) -> Any:
    from wenmai.office.people.models import User

    found = User.objects.select_related("organisation").filter(username=name).first()
    if found is None:
        raise NotFound(f"没有账号“{name}”", remedy="用 wenmai user list 查看")
    return found


def _organisation(name: str) -> Any:
    from wenmai.office.people.models import Organisation

    found = Organisation.objects.filter(name=name).first()
    if found is None:
        raise NotFound(f"没有单位“{name}”", remedy="用 wenmai org list 查看")
    return found


def user_commands(open_house: Open) -> typer.Typer:
    """Logins."""
    app = typer.Typer(help="账号：新建、归属、任职、停用", no_args_is_help=True, cls=_AddByDefault)

    @app.command()
    def add(name: str, role: Annotated[str, typer.Option(help=ROLES)] = "reader", org: Annotated[str, typer.Option(help="单位名称")] = "") -> None:
        """新建登录，随机口令只显示一次，首次登录须更改。"""
        open_house()
        from wenmai.office.people import organisations
        from wenmai.office.people.models import INSIDE
        from wenmai.office.people.services import create_user

        chosen = _organisation(org) if org else None
        if chosen is not None and chosen.kind not in INSIDE and role != "reader":
            raise InputError(f"{chosen.get_kind_display()}的账号角色只能是 reader")
        user, password = create_user(name, role)
        if chosen is not None:
            organisations.place(user, chosen)
        console.print(f"账号 {name}　口令 {password}", highlight=False)

    @app.command("list")
    def list_() -> None:
        """列出账号及其角色。"""
        open_house()
        from wenmai.office.people.models import Role, User
        from wenmai.office.people.permissions import roles_of

        table = Table("账号", "单位", "角色", "状态")
        for user in User.objects.select_related("organisation").order_by("username"):
            held = "、".join(f"{Role(r).label}（{how}）" for r, how in roles_of(user).items())
            table.add_row(user.username, user.organisation.name if user.organisation else "—", held, "在用" if user.is_active else "已停用")
        console.print(table)

    @app.command()
    def place(name: str, org: Annotated[str, typer.Argument(help="单位名称；不填则不属任何单位")] = "") -> None:
        """把账号归入单位。"""
        open_house()
        from wenmai.office.people import organisations

        organisations.place(_user(name), _organisation(org) if org else None)
        console.print(f"{name} 已归入{org or '（不属任何单位）'}", highlight=False)

    @app.command()
    def assign(
        name: str,
        role: Annotated[str, typer.Option(help=ROLES)],
        org: Annotated[str, typer.Option(help="单位名称")],
        since: Annotated[str, typer.Option(help="起日，默认今天")] = "",
        until: Annotated[str, typer.Option(help="止日，可不填")] = "",
    ) -> None:
        """增加一项任职（可有起止）。"""
        open_house()
        from django.utils import timezone

        from wenmai.office.people import organisations

        made = organisations.assign(_user(name), role, _organisation(org), _day(since) or timezone.localdate(), _day(until))
        console.print(f"{name} 自 {made.since} 起任{made.get_role_display()}（{org}）", highlight=False)

    @app.command()
    def disable(name: str, back: Annotated[bool, typer.Option("--back", help="恢复使用")] = False) -> None:
        """停用账号；--back 恢复。"""
        open_house()
        from wenmai.office.people.services import set_enabled

        set_enabled(_user(name), back)
        console.print(f"{name} 已{'恢复' if back else '停用'}", highlight=False)

    @app.command()
    def reset(name: str, factor: Annotated[bool, typer.Option("--factor", help="同时停用动态口令")] = False) -> None:
        """重设密码，随机口令只显示一次。"""
        open_house()
        from wenmai.office.people.services import remove_factor, reset_password

        user = _user(name)
        password = reset_password(user)
        if factor:
            remove_factor(user)
        console.print(f"账号 {name}　口令 {password}", highlight=False)

    return app


def org_commands(open_house: Open) -> typer.Typer:
    """Organisations."""
    app = typer.Typer(help="单位：新增、列出、停用", no_args_is_help=True)

    @app.command()
    def add(
        name: str,
        kind: Annotated[str, typer.Option(help=KINDS)],
        area: Annotated[str, typer.Option(help="街道名、园区名或企业标识")] = "",
    ) -> None:
        """新增单位。"""
        open_house()
        from wenmai.office.people import organisations

        made = organisations.add_organisation(name, kind, area)
        console.print(f"已新增 {made.get_kind_display()} {made.name}", highlight=False)

    @app.command("list")
    def list_() -> None:
        """列出单位。"""
        open_house()
        from django.db.models import Count

        from wenmai.office.people.models import Organisation

        table = Table("名称", "类别", "范围", "账号", "状态")
        for o in Organisation.objects.annotate(n=Count("people")).order_by("kind", "name"):
            table.add_row(o.name, o.get_kind_display(), o.area or "—", str(o.n), "在用" if o.active else "已停用")
        console.print(table)

    @app.command()
    def disable(name: str, back: Annotated[bool, typer.Option("--back", help="恢复使用")] = False) -> None:
        """停用单位（其人员看不到任何记录）；--back 恢复。"""
        open_house()
        from wenmai.office.people import organisations

        organisations.set_active(_organisation(name).pk, back)
        console.print(f"{name} 已{'恢复' if back else '停用'}", highlight=False)

    return app


def serve_command(app: typer.Typer, open_house: Open) -> None:
    """`wenmai serve`."""

    @app.command()
    def serve(
        port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
        host: Annotated[str, typer.Option()] = "127.0.0.1",
        zone: Annotated[str, typer.Option(help="office 办内工作台 | outside 对外服务")] = "office",
    ) -> None:
        """启动工作台和后台任务；--zone outside 启动对外服务站点（另一进程）。"""
        from wenmai.web.serving import APPLICATIONS
        from wenmai.web.serving import serve as run

        if zone not in APPLICATIONS:
            raise InputError(f"没有站点“{zone}”", remedy="可选：office、outside")
        open_house()
        run(host, port, zone)
