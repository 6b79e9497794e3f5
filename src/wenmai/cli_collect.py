"""`wenmai collect …`: forms, rounds, workbooks of returns, merging, acceptance."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from wenmai.base.values import InputError, NotFound

console = Console(width=None if sys.stdout.isatty() else 180)


def _say(text: str) -> None:
    console.print(text, highlight=False)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError("文件打不开或不存在", where=str(path)) from error


def collect_commands(open_house: Callable[[], None]) -> typer.Typer:
    """The sub-commands; `open_house` sets Django up."""
    app = typer.Typer(help="报表：表样、布置、进度、模板、收表、汇总、受理", no_args_is_help=True)

    @app.command()
    def forms(
        add: Annotated[Path | None, typer.Option(help="存入一份表样（.yaml）")] = None,
        example: Annotated[bool, typer.Option("--example", help="存入随附的示例表样")] = False,
    ) -> None:
        """列表样；--add 存入一份。"""
        open_house()
        from wenmai.rooms.collection import forming, queries

        if add is not None or example:
            try:
                text = forming.example() if add is None else _read(add).decode("utf-8-sig")
            except UnicodeDecodeError as error:
                raise InputError("表样不是 UTF-8 文本", where=str(add), remedy="请另存为 UTF-8") from error
            made, fresh = forming.take_in(text, add.name if add is not None else "示例表样")
            _say(f"“{made.title}”（{made.slug}）第 {made.number} 版" + ("已存" if fresh else "与现行版相同，没有新存"))
            return
        table = Table("标识", "名称", "类别", "版本", "行", "填报对象", "布置过", "能否布置")
        for f in queries.forms():
            found, version = f["spec"], f["version"]
            missing = "缺 " + "、".join(f["missing"]) if f["missing"] else "可布置"
            counts = (str(version.number), str(len(found.lines)), str(len(found.respondents)), str(f["rounds"]))
            table.add_row(version.slug, found.title, found.kind, *counts, missing)
        console.print(table) if table.row_count else _say("还没有表样；可用 --example 存入示例")

    @app.command()
    def issue(
        form: str, when: Annotated[str, typer.Argument(metavar="PERIOD")], due: Annotated[str, typer.Option(help="截止，如 2026-10-15")] = "",
    ) -> None:  # fmt: skip
        """按期布置一张表。"""
        open_house()
        from wenmai.rooms.collection import forming

        try:
            day = date.fromisoformat(due) if due else None
        except ValueError as error:
            raise InputError(f"截止“{due}”不是日期", remedy="请写成 2026-10-15") from error
        made = forming.issue(form, when, day)
        _say(f"已布置：表期 {made.pk}，{made.returns.count()} 个填报对象，截止 {made.due.isoformat()}")

    @app.command()
    def status(round_id: Annotated[int | None, typer.Argument(metavar="ROUND")] = None) -> None:
        """各表期进度；给出表期编号时列每份报表。"""
        open_house()
        from django.utils import timezone

        from wenmai.rooms.collection import queries
        from wenmai.rooms.collection.models import Round

        today = timezone.localdate()
        if round_id is None:
            table = Table("表期", "报表", "时期", "截止", "已报", "已受理", "逾期未报")
            for p in queries.rounds(None, today):
                table.add_row(
                    str(p.round.pk), p.round.form.title, p.label, p.round.due.isoformat(), f"{p.reported}/{p.asked}", str(p.accepted), str(p.late)
                )
            console.print(table) if table.row_count else _say("还没有布置过报表")
            return
        found = Round.objects.select_related("form").filter(pk=round_id).first()
        if found is None:
            raise NotFound(f"没有表期 {round_id}")
        progress, rows = queries.round_page(found, None, today)
        table = Table("报表编号", "填报对象", "街道", "状态", "报送", "逾期天数")
        for r in rows:
            last = f"第 {r.last.number} 次" if r.last else "—"
            table.add_row(str(r.report.pk), r.report.name, r.report.street or "—", r.report.state, last, str(r.late or "—"))
        console.print(table)
        _say(f"已报 {progress.reported}/{progress.asked}，已受理 {progress.accepted}，逾期未报 {progress.late}")

    @app.command()
    def template(
        round_id: Annotated[int, typer.Argument(metavar="ROUND")], out: Annotated[Path, typer.Option("-o", "--out", help="存放的目录")] = Path("."),
    ) -> None:  # fmt: skip
        """每个填报对象一份 Excel 模板。"""
        open_house()
        from wenmai.rooms.collection import merging, queries, sheets
        from wenmai.rooms.collection.models import Return

        returns = list(Return.objects.filter(round_id=round_id).select_related("round__form"))
        if not returns:
            raise NotFound(f"没有表期 {round_id}")
        out.mkdir(parents=True, exist_ok=True)
        names = merging.sheet_names(returns)
        for one in returns:
            (out / f"{names[one.pk]}.xlsx").write_bytes(sheets.template(one, queries.stored(one)[0]))
        _say(f"已写 {len(returns)} 份模板到 {out}")

    @app.command()
    def upload(files: list[Path]) -> None:
        """收填好的模板，可一次多份；逐份给出结果。"""
        open_house()
        from wenmai.rooms.collection import handing

        came = handing.take_many(((f.name, _read(f)) for f in files), None)
        table = Table("文件", "填报对象", "结果", "说明")
        for c in came:
            table.add_row(c.name, c.report.name if c.report else "—", c.state, c.words)
        console.print(table)
        if any(c.state not in ("已报", "未变") for c in came):
            raise typer.Exit(1)

    @app.command()
    def merge(
        round_id: Annotated[int, typer.Argument(metavar="ROUND")], out: Annotated[Path, typer.Option("-o", "--out", help="写到")] = Path("汇总.xlsx"),
    ) -> None:  # fmt: skip
        """一键汇总成一个工作簿：汇总表加每个填报对象一张表。"""
        open_house()
        from wenmai.base.documents.package import write_atomic
        from wenmai.rooms.collection import merging
        from wenmai.rooms.collection.models import Round

        if not Round.objects.filter(pk=round_id).exists():
            raise NotFound(f"没有表期 {round_id}")
        merged = merging.merge(round_id)
        write_atomic(out, merging.book(merged))
        names = "（" + "、".join(r.name for r in merged.missing[:10]) + "）" if merged.missing else ""
        _say(f"已写 {out}：已报 {len(merged.standing)}，未报 {len(merged.missing)}{names}")

    @app.command()
    def accept(return_ids: list[int]) -> None:
        """受理报表，数值入库。"""
        open_house()
        from wenmai.rooms.collection import filing
        from wenmai.rooms.collection.models import Return

        for number in return_ids:
            report = Return.objects.filter(pk=number).first()
            last = filing.latest(report) if report is not None else None
            if report is None or last is None:
                raise NotFound(f"报表 {number} 不存在或没有报送")
            made = filing.accept(number, last.number)
            _say(f"{report.name}：第 {made.number} 次报送已受理，来源 {made.source_id}")

    return app
