"""The command line: `wenmai import | classify | review | figures | trace | report | train | serve | doctor | demo`."""

from __future__ import annotations

import datetime
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from wenmai.base.values import InputError, WenmaiError
from wenmai.cli_api import token_commands
from wenmai.cli_collect import collect_commands
from wenmai.cli_facts import facts_commands
from wenmai.cli_keep import keep_commands
from wenmai.cli_people import org_commands, serve_command, user_commands
from wenmai.cli_records import records_commands
from wenmai.cli_scope import scope_commands

app = typer.Typer(help="文脉：区文化创意产业工作系统", no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False)
review_app = typer.Typer(help="核定表：导出、填写、导回", no_args_is_help=True)
app.add_typer(review_app, name="review")
# A pipe has no width of its own; tables must not lose words in it.
console = Console(width=None if sys.stdout.isatty() else 180)


def _open_house(migrate: bool = True) -> None:
    """Set Django up over WENMAI_HOME and bring its database up to date."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wenmai.web.settings")
    import django

    django.setup()
    if migrate:
        from django.core.management import call_command
        from django.db import connection
        from django.db.migrations.executor import MigrationExecutor

        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", verbosity=0, interactive=False)


app.add_typer(scope_commands(_open_house), name="scope")
app.add_typer(facts_commands(_open_house), name="facts")
app.add_typer(collect_commands(_open_house), name="collect")
app.add_typer(user_commands(_open_house), name="user")
app.add_typer(org_commands(_open_house), name="org")
serve_command(app, _open_house)
app.add_typer(records_commands(_open_house), name="records")
app.add_typer(token_commands(_open_house), name="api-token")


class _Bars:
    """Progress bars, one a step, on standard error so that output can be piped."""

    def __init__(self) -> None:
        self.progress = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
            console=Console(stderr=True),
        )  # fmt: skip
        self.tasks: dict[str, Any] = {}

    def __enter__(self) -> Callable[[str, int, int | None], None]:
        self.progress.start()
        return self.step

    def __exit__(self, *_: object) -> None:
        self.progress.stop()

    def step(self, step: str, done: int, total: int | None = None) -> None:
        if step not in self.tasks:
            self.tasks[step] = self.progress.add_task(step, total=total)
        self.progress.update(self.tasks[step], completed=done, total=total)


def _date(text: str | None) -> datetime.date | None:
    if not text:
        return None
    try:
        return datetime.date.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"日期“{text}”无法识别", remedy="请写成 2026-01-31 的样子") from error


@app.command("import")
def import_(
    files: Annotated[list[Path] | None, typer.Argument(help="名录文件，可多个")] = None,
    provider: Annotated[str, typer.Option(help="提供单位")] = "",
    basis: Annotated[str, typer.Option(help="依据（文号、协议）")] = "",
    purpose: Annotated[str, typer.Option(help="用途")] = "",
    share: Annotated[str, typer.Option(help="可否再共享")] = "",
    as_of: Annotated[str | None, typer.Option(help="数据截至日期，如 2026-01-31")] = None,
    resume: Annotated[bool, typer.Option(help="续做被中断的批次")] = False,
) -> None:
    """导入名录：逐行给出去向，核对数值列，可撤销。"""
    _open_house()
    from wenmai.rooms.registry import services

    if not files and not resume:
        raise InputError("没有给出文件", remedy="用法：wenmai import 名录.xlsx；续做中断的批次用 --resume")
    with _Bars() as step:
        if resume:
            for batch in services.resume(step):
                _print_batch(batch)
        for path in files or []:
            batch = services.import_file(
                path, step, provider=provider, basis=basis, purpose=purpose, share=share, as_of=_date(as_of)
            )
            _print_batch(batch)


def _print_batch(batch: Any) -> None:
    from wenmai.rooms.registry import queries, services

    table = Table(title=f"批次 {batch.pk}　{batch.file_name}", title_justify="left")
    found = queries.counts(batch)
    for _, label, _ in found:
        table.add_column(label, justify="right")
    table.add_column("合计", justify="right")
    table.add_column("读入行数", justify="right")
    counts = [count for _, _, count in found]
    table.add_row(*[f"{c:,}" for c in counts], f"{sum(counts):,}", f"{batch.rows:,}")
    console.print(table)
    for line in batch.reconciliation:
        console.print("  核对 " + "；".join(f"{k} {v}" for k, v in line.items()), highlight=False)
    for line in batch.columns.get("parks", [])[:5]:
        console.print(f"  {line}", highlight=False)
    for sheet in batch.columns.get("passed_over", []):
        console.print(f"  未读工作表“{sheet['sheet']}”（{sheet['rows']} 行）：{sheet['why']}", highlight=False)
    if batch.counts.get("rejected"):
        for row in services.rejected_rows(batch).head(5).iter_rows(named=True):
            console.print(f"  退回 第 {row['row']} 行 {row['column'] or ''}：{row['reason']}", highlight=False)


@app.command()
def batches() -> None:
    """列出批次。"""
    _open_house()
    from wenmai.rooms.registry.models import Batch

    table = Table("编号", "类别", "状态", "文件", "行数", "去向", "提供单位")
    for b in Batch.objects.order_by("id"):
        table.add_row(str(b.pk), b.get_kind_display(), b.get_state_display(), b.file_name, str(b.rows), str(b.counts), b.provider)
    console.print(table)


@app.command()
def abandon(batch: Annotated[int, typer.Argument(help="批次编号")]) -> None:
    """放弃一个尚未入库的批次。"""
    _open_house()
    from wenmai.rooms.registry import services

    services.abandon(batch)
    console.print(f"批次 {batch} 已放弃，未入库")


@app.command()
def undo(batch: Annotated[int, typer.Argument(help="批次编号")]) -> None:
    """撤销一个批次（补偿批次；之后改过的值保留并列出）。"""
    _open_house()
    from wenmai.rooms.registry import services

    result = services.undo(batch)
    console.print(f"已撤销批次 {batch}：" + "，".join(f"{k} {v}" for k, v in result.counts.items()))
    for note in result.notes[:20]:
        console.print(f"  保留 {note['key']} {note['field']}：{note['why']}", highlight=False)


@app.command()
def parks(apply: Annotated[bool, typer.Option("--apply", help="按园区对照表改名，然后请重新发布快照")] = False) -> None:
    """列出园区、对照表待归并的名称和疑似同一园区的名称（只提示，不自动归并）。"""
    _open_house()
    from wenmai.rooms.registry import parks as found
    from wenmai.rooms.registry import services

    if apply:
        done = services.merge_parks()
        console.print("；".join(f"{park} 改 {n:,} 家" for park, n in done.items()) or "没有待归并的名称")
    for park, n in found.counts().items():
        console.print(f"{park}　{n:,} 家", highlight=False)
    for name, park in found.waiting().items():
        console.print(f"  待归并 “{name}” → “{park}”（用 wenmai parks --apply）", highlight=False)
    for line in found.proposals():
        console.print(f"  疑似 “{line.name}”（{line.count}）或即“{line.park}”（{line.park_count}）：{line.reason}", highlight=False)
    console.print(f"对照表：{found.path().name}（列：园区,别名）放在数据目录下", highlight=False)


@app.command()
def classify(
    file: Annotated[Path | None, typer.Argument(help="直接识别一个文件，不用数据库")] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="结果 CSV")] = None,
    everything: Annotated[bool, typer.Option(help="全部重新识别")] = False,
    full: Annotated[bool, typer.Option(help="结果另加判定、行业代码等列")] = False,
) -> None:
    """识别文化企业；给出文件时只写 CSV。"""
    if file is not None:
        if output is None:
            raise InputError("请用 -o 指定结果文件")
        _open_house(migrate=False)
        from wenmai.rooms.classification.files import classify_file

        with _Bars() as step:
            counts = classify_file(file, output, step, full)
        console.print("，".join(f"{k} {v:,}" for k, v in counts.items()))
        return
    _open_house()
    from wenmai.office.figures import snapshots
    from wenmai.rooms.classification import services

    with _Bars() as step:
        counts = services.run(step, everything=everything)
        snapshot = snapshots.publish(progress=step)
    console.print("，".join(f"{k} {v:,}" for k, v in counts.items() if k != "classified") + f"；快照 {snapshot.pk}")


@review_app.command("export")
def review_export(path: Path, limit: Annotated[int, typer.Option(min=1, max=50000)] = 2000) -> None:
    """导出核定表（最该先核的在前）。"""
    _open_house()
    from wenmai.rooms.classification.reviewing import export_queue

    console.print(f"已写 {export_queue(path, limit)} 家到 {path}")


@review_app.command("import")
def review_import(path: Path) -> None:
    """导回填好的核定表，并发布快照。"""
    _open_house()
    from wenmai.office.figures import snapshots
    from wenmai.rooms.classification.reviewing import import_reviews

    result = import_reviews(path)
    console.print(f"读入 {result['rows']} 行：核定 {result['decided']}，相同 {result['unchanged']}，未填 {result['blank']}，退回 {len(result['refused'])}")  # noqa: E501
    for line in result["refused"][:20]:
        console.print(f"  第 {line['row']} 行 {line['key']}：{line['reason']}", highlight=False)
    if result["decided"]:
        snapshots.publish()


def _tell_stale() -> None:
    from wenmai.office.figures import snapshots
    from wenmai.rooms.classification.changes import stale

    if moved := stale(snapshots.latest()):
        console.print(f"[yellow]注意[/] {moved}；发布新快照：wenmai classify", highlight=False)


@app.command()
def figures(json_: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False) -> None:
    """列出最新快照的全部数字及其口径。"""
    _open_house()
    from wenmai.office.figures import queries

    found = queries.figures()
    if json_:
        print(json.dumps([f.as_dict() for f in found.values()], ensure_ascii=False, indent=1, default=str))
        return
    _tell_stale()
    table = Table("编号", "名称", "数值", "单位", "口径", "覆盖检查")
    for f in found.values():
        interval = f"（{f.low:.0f}—{f.high:.0f}）" if f.low is not None and f.high is not None else ""
        table.add_row(f.id, f.title, f.text() + interval, f.unit, f.scope, f"不写：{f.blocked}" if f.blocked else "可写")
    console.print(table)


@app.command()
def trace(
    figure: Annotated[str, typer.Argument(help="数字的编号（wenmai figures）")],
    limit: Annotated[int, typer.Option(min=1, help="最多列出行数")] = 50,
    csv: Annotated[Path | None, typer.Option(help="全部行写到 CSV")] = None,
) -> None:
    """打开一个数字：列出组成它的每一行。"""
    _open_house()
    from wenmai.office.figures import queries

    rows = queries.trace(figure)
    if csv:
        import pyarrow.csv as pc

        pc.write_csv(rows, csv)
        console.print(f"{rows.num_rows:,} 行已写到 {csv}")
        return
    wanted = ("key", "name", "outcome", "small_name", "decided_by", "answer", "probability", "batch_id", "row", "reason")
    shown = [c for c in wanted if c in rows.column_names]
    table = Table(*shown, title=f"{figure}　{rows.num_rows:,} 行", title_justify="left")
    for row in rows.select(shown).slice(0, limit).to_pylist():
        table.add_row(*["" if v is None else str(v) for v in row.values()])
    console.print(table)


@app.command()
def report(
    output: Annotated[Path, typer.Option("-o", "--output")] = Path("out/情况汇报.docx"),
    kind: Annotated[str, typer.Option(help="代拟稿 | 核数稿 | 送阅稿")] = "代拟稿",
    rows: Annotated[Path | None, typer.Option(help="把每个数字的行写到这个目录")] = None,
) -> None:
    """起草情况汇报；同时写数字来历（.lineage.json）和附表（.xlsx）。"""
    _open_house()
    from wenmai.rooms.briefing import services

    document = services.draft(kind)
    output.parent.mkdir(parents=True, exist_ok=True)
    parts = {"docx": output, "lineage": output.with_suffix(".lineage.json"), "xlsx": output.with_name(output.stem + "附表.xlsx")}
    for part, path in parts.items():
        path.write_bytes(services.document_path(document, part).read_bytes())
        console.print(f"已写 {path}", highlight=False)
    if rows is not None:
        console.print(f"已写 {len(services.export_rows(document, rows))} 个数字的行到 {rows}")
    for finding in document.findings:
        console.print(f"  核对：{finding['message']}", highlight=False)


@app.command()
def fill(
    slot: Annotated[str, typer.Argument(help="填写处")],
    text: Annotated[str, typer.Argument()] = "",
    omit: Annotated[bool, typer.Option(help="不写此处")] = False,
) -> None:
    """填写汇报中的一处【】，或注明不写。"""
    _open_house()
    from wenmai.rooms.briefing import services

    services.fill(slot, text, omit)
    console.print(f"{slot}：已注明不写" if omit else f"已填 {slot}")


@app.command()
def confirm(
    figure: Annotated[list[str], typer.Argument(help="数字的编号，可多个（wenmai figures）")],
    step: Annotated[str, typer.Option(help="经办 | 科长 | 分管 | 主要")] = "经办",
    note: Annotated[str, typer.Option(help="说明")] = "",
    slip: Annotated[Path | None, typer.Option(help="盖章确认单（pdf、jpg、png、ofd）")] = None,
) -> None:
    """确认最近一份文稿中的数字；只对这一数值和这一快照有效。"""
    _open_house()
    from wenmai.rooms.briefing import services
    from wenmai.rooms.briefing.models import Step

    steps = {s.label: s.value for s in Step}
    made = services.confirm(figure, steps.get(step, 0), note, slip)
    for confirmation in made:
        console.print(f"已确认 {confirmation.figure_id}：{confirmation.value}（{step}）", highlight=False)
    console.print(f"本次确认 {len(made)} 个，先前已确认 {len(set(figure)) - len(made)} 个")


@app.command()
def train(directory: Annotated[Path, typer.Argument(help="含标注文件的目录")]) -> None:
    """用本地已核定的企业和标注文件训练本地模型。"""
    _open_house()
    from wenmai.rooms.classification.training import train_site

    with _Bars() as step:
        summary = train_site(directory, step)
    for line in summary:
        console.print(line, highlight=False)


@app.command()
def doctor() -> None:
    """检查安装、数据库、事件链、存储与演示账号。"""
    _open_house()
    from wenmai.web.doctor import examine

    bad = 0
    for line in examine():
        console.print(("[green]正常[/] " if line.ok else "[red]有误[/] ") + f"{line.what}：{line.found}", highlight=False)
        bad += not line.ok
    if bad:
        raise typer.Exit(1)


@app.command()
def demo(
    enterprises: Annotated[int, typer.Option(min=50, max=100000)] = 3000,
    out: Annotated[Path, typer.Option()] = Path("out"),
) -> None:
    """示例区全流程：生成、导入、识别、数字、汇报，然后启动工作台（WENMAI_DEMO_SERVE=0 时不启动）。"""
    _open_house()
    from wenmai.web.demo import run_demo

    with _Bars() as step:
        login = run_demo(out, enterprises, step)
    for name in ("情况汇报.docx", "情况汇报.lineage.json", "情况汇报附表.xlsx"):
        console.print(f"已写 {out / name}", highlight=False)
    if os.environ.get("WENMAI_DEMO_SERVE") == "0":
        return
    port = int(os.environ.get("WENMAI_PORT", "8000"))
    console.print(f"\n工作台 http://127.0.0.1:{port}/　账号 {login[0]}　口令 {login[1]}\n", highlight=False)
    from wenmai.web.serving import serve as run

    run("127.0.0.1", port)


keep_commands(app, _open_house, _Bars)


def main() -> None:
    """Entry point: a WenmaiError becomes one line and exit code 2."""
    try:
        app(prog_name="wenmai")
    except WenmaiError as error:
        Console(stderr=True).print(f"[red]错误[/] {error}", highlight=False, soft_wrap=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
