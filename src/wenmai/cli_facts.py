"""`wenmai facts …`: the dictionary, reported values, files of values, frames, comparable growth, the bridge of snapshots."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from wenmai.base.values import InputError
from wenmai.base.values.period import period

console = Console(width=None if sys.stdout.isatty() else 180)
KIND = Annotated[str, typer.Option(help="对象类别：area、enterprise、park、project、organisation")]
KEY = Annotated[str, typer.Option(help="对象标识")]
LANE = Annotated[str, typer.Option(help="来源类：统计部门数据、本办监测口径、行政记录")]
SCOPE = Annotated[str, typer.Option(help="口径，如 规上")]
ITEM = Annotated[str, typer.Option(help="分项，如 大类=01；空为合计")]
FRAME = Annotated[str, typer.Option(help="框，如 规上")]
BUREAU, MONITOR = "统计部门数据", "本办监测口径"


def _say(text: str) -> None:
    console.print(text, highlight=False)


def _moment(at: datetime.datetime) -> str:
    """A moment by the office's clock."""
    from django.utils import timezone

    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"


def facts_commands(open_house: Callable[[], None]) -> typer.Typer:
    """The sub-commands; `open_house` sets Django up."""
    app = typer.Typer(help="数据：指标词典、录入、入退库、可比增速、对账", no_args_is_help=True)
    app.add_typer(_frame_commands(open_house), name="frame")

    @app.command()
    def install() -> None:
        """装入随附的指标词典；已有的不动。"""
        open_house()
        from wenmai.office.figures import definitions
        from wenmai.office.figures.models import Entry

        fresh = definitions.install_shipped()
        _say(f"新装入 {fresh} 个指标，词典共 {Entry.objects.count()} 个")

    @app.command("list")
    def list_(
        text: Annotated[str, typer.Argument(help="代码或名称的一部分；空为全部")] = "",
        values: Annotated[bool, typer.Option("--values", help="列数值，不列指标")] = False,
        limit: Annotated[int, typer.Option(min=1, max=5000)] = 300,
    ) -> None:
        """列指标；加 --values 列已录的数值（新记录在前）。"""
        open_house()
        _list_values(text, limit) if values else _list_indicators(text, limit)

    @app.command()
    def show(
        code: str, when: Annotated[str, typer.Argument(metavar="PERIOD", help="时期，如 2024年三季度")], kind: KIND = "area", key: KEY = "本区",
        lane: LANE = BUREAU, scope: SCOPE = "规上", item: ITEM = "",
    ) -> None:  # fmt: skip
        """一个数：录入的值，或按公式推算并列出每一项。"""
        open_house()
        _show(code, when, kind, key, lane, scope, item)

    @app.command()
    def record(
        file: Path,
        provider: Annotated[str, typer.Option(help="提供单位")] = "", basis: Annotated[str, typer.Option(help="依据")] = "",
        purpose: Annotated[str, typer.Option(help="用途")] = "", share: Annotated[str, typer.Option(help="可否再共享")] = "不可再共享",
        expires: Annotated[str, typer.Option(help="期限，如 2027-12-31；空为长期")] = "",
        slip: Annotated[Path | None, typer.Option(help="盖章确认单（统计部门数据必附）")] = None,
        code: Annotated[str, typer.Option(help="表里没写时的指标")] = "",
        when: Annotated[str, typer.Option("--period", help="表里没写时的时期")] = "",
        kind: KIND = "area", key: KEY = "", unit: Annotated[str, typer.Option(help="表里没写时的单位")] = "", lane: LANE = "", scope: SCOPE = "",
        stage: Annotated[str, typer.Option(help="版次")] = "", by: Annotated[str, typer.Option(help="分项按什么分，如 大类")] = "",
        sheet: Annotated[int, typer.Option(min=0, help="第几张工作表；0 为第一张有数的")] = 0,
        trial: Annotated[bool, typer.Option("--trial", help="只试算，不入库")] = False,
    ) -> None:  # fmt: skip
        """导入一份数据文件（长表或宽表），逐值给出去向。"""
        open_house()
        defaults = {"code": code, "period": when, "kind": kind, "key": key, "unit": unit, "lane": lane, "scope": scope, "stage": stage}
        _record(file, (provider, basis, purpose, share, expires), slip, defaults, by, sheet - 1 if sheet else None, trial)

    @app.command()
    def vintages(
        code: str, when: Annotated[str, typer.Argument(metavar="PERIOD")], kind: KIND = "area", key: KEY = "本区", lane: LANE = BUREAU,
        scope: SCOPE = "规上", item: ITEM = "",
    ) -> None:  # fmt: skip
        """一个数的历次数值：初次发布、各次更正、各版次。"""
        open_house()
        from wenmai.office.figures.fact_lists import printed
        from wenmai.office.figures.fact_queries import Place
        from wenmai.office.figures.fact_queries import vintages as read

        table = Table("数值", "单位", "版次", "定义", "提供单位", "记录于", "有效至")
        for f in read(Place(kind, key, lane, scope), code.upper(), period(when), item):
            until = _moment(f.recorded_to) if f.recorded_to else "现值"
            about = (f.unit, f.stage or "—", f"第 {f.definition.number} 版", f.source.provider)
            table.add_row(printed(f), *about, _moment(f.recorded_from), until)
        console.print(table) if table.row_count else _say("没有录入过")

    @app.command()
    def growth(
        code: str, when: Annotated[str, typer.Argument(metavar="PERIOD")], frame: FRAME = "规上", scope: SCOPE = "规上",
    ) -> None:  # fmt: skip
        """可比增速：两期名单配对（只在本办监测口径）。"""
        open_house()
        from wenmai.office.figures.fact_queries import comparable_growth
        from wenmai.office.figures.views_checks import growth_view

        found = growth_view(comparable_growth(code.upper(), when, frame, scope), code.upper(), when)
        _say(f"{code} {period(when).label} 可比增速 {'—（基数为零或为负）' if found['rate'] is None else found['rate'] + '%'}")
        _say(f"  配对 {found['matched']} 家：{found['before']} → {found['now']} {found['unit']}")
        _say(f"  新进 {found['entered_units']} 家 {found['entered']}；退出 {found['left_units']} 家 {found['left']}")
        names = "、".join(name for _, name in found["unmatched"][:20])
        _say(f"  未能配对 {found['unmatched_count']} 家" + (f"：{names}" if names else ""))

    @app.command()
    def bridge(old: Annotated[int, typer.Argument(metavar="OLD")], new: Annotated[int, typer.Argument(metavar="NEW")]) -> None:
        """两份快照之间文化企业数的对账桥。"""
        open_house()
        from wenmai.rooms.classification import bridging

        found = bridging.between(old, new)
        _say(f"快照 {found.old.pk}　{found.bridge.start:,} 家")
        for line in found.bridge.lines:
            _say(f"  {line.reason}　{line.change:+,}")
        _say(f"快照 {found.new.pk}　{found.bridge.end:,} 家")

    return app


def _list_indicators(text: str, limit: int) -> None:
    from django.db.models import Q

    from wenmai.office.figures.fact_lists import newest_definitions

    query = newest_definitions().order_by("entry")
    if text:
        query = query.filter(Q(entry__code__istartswith=text) | Q(name__icontains=text))
    table = Table("代码", "名称", "单位", "性质", "类别", "公式", "版本")
    for d in query[:limit]:
        table.add_row(d.entry_id, d.name, d.unit, d.kind, d.entry.group, d.formula, str(d.number))
    console.print(table) if table.row_count else _say("没有这样的指标；词典为空时用 wenmai facts install 装入")


def _list_values(text: str, limit: int) -> None:
    from django.db.models import Q

    from wenmai.office.figures.fact_lists import COLUMNS, facts_for
    from wenmai.office.kit.lists import show

    query = facts_for(None).order_by("-pk")
    if text:
        query = query.filter(Q(definition__entry=text.upper()) | Q(definition__name__icontains=text))
    table = Table(*[c.title for c in COLUMNS])
    for f in query[:limit]:
        table.add_row(*[show(c.value(f)) for c in COLUMNS])
    console.print(table) if table.row_count else _say("没有数值")


def _show(code: str, when: str, kind: str, key: str, lane: str, scope: str, item: str) -> None:
    from wenmai.office.figures import lineage
    from wenmai.office.figures.fact_queries import Place, answer, subject_name

    place, span = Place(kind, key, lane, scope), period(when)
    got = answer(place, code.upper(), span, item)
    unit = "" if got.value is None else f" {got.unit}"
    _say(f"{got.name}（{span.label}）　{subject_name(kind, key)}　{lineage.printed(got)}{unit}")
    _say(f"  {lane}，{scope}" + (f"，分项 {item}" if item else "") + ("，按公式推算" if got.derived else ""))
    if span_text := lineage.interval(got):
        _say(f"  按取整可在 {span_text} 之间")
    for fact in got.facts if not got.derived else []:
        slip = "有确认单" if fact.source.slip_digest else "无确认单"
        _say(f"  来源 {fact.source_id} {fact.source.provider}　{slip}　{fact.stage or '不分版次'}　记录于 {_moment(fact.recorded_from)}")
    for o in lineage.operands(place, code.upper(), span, item):
        unit = "" if o.answer.value is None else f" {o.answer.unit}"
        _say(f"  {o.text}　{o.answer.name}　{o.period}　{o.scope}　{lineage.printed(o.answer)}{unit}")


def _file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError("文件打不开或不存在", where=path.name, remedy="请核对路径") from error


def _about(said: tuple[str, ...], slip: Path | None, path: Path | None = None) -> Any:
    from wenmai.office.figures import sources

    provider, basis, purpose, share, expires = said
    try:
        until = datetime.date.fromisoformat(expires) if expires else None
    except ValueError as error:
        raise InputError(f"期限“{expires}”无法识别", remedy="请写成 2027-12-31 的样子") from error
    digest = sources.keep([_file(path)], path.name)[0] if path else ""
    stamped = sources.keep_slip([_file(slip)], slip.name)[0] if slip else ""
    return sources.About(provider, basis, purpose, share, until, path.name if path else "", digest, stamped)


def _record(
    path: Path, said: tuple[str, ...], slip: Path | None, defaults: dict[str, str], by: str, sheet: int | None, trial: bool
) -> None:  # fmt: skip
    from wenmai.office.figures import entering, importing

    _file(path)
    plan = importing.plan(path, path.name, said[0], sheet, defaults, by)
    about = _about(said, slip, path)
    values = plan.values()
    _say(f"工作表“{plan.grid.sheet}”，{plan.reading.layout}，{len(plan.grid.rows)} 行" + ("，沿用上次的列对应" if plan.from_memory else ""))
    if trial:
        lines = entering.lines_of(values, entering.rehearse(entering.facts_of(values), about))
        counts, end = entering.counts_of(lines), "试算，未入库"
    else:
        made = entering.take_in(values, about, plan.grid.titles, plan.reading, path.name, plan.grid.sheet)
        lines, counts, end = made.rows, made.counts, f"来源 {made.source_id}"
    _say("，".join(f"{word} {n:,}" for word, n in counts.items()) + f"；合计 {sum(counts.values()):,}，读入 {len(values):,}；{end}")
    for line in [x for x in lines if x[2] == "退回"][:20]:
        _say(f"  退回 第 {line[0]} 行 {line[1]}：{line[3]}")


def _frame_commands(open_house: Callable[[], None]) -> typer.Typer:
    app = typer.Typer(help="入退库", no_args_is_help=True)

    @app.command()
    def enter(
        key: str, on: Annotated[str, typer.Argument(help="入库日期")], frame: FRAME = "规上", lane: LANE = MONITOR,
        name: Annotated[str, typer.Option(help="企业名称")] = "", kind: Annotated[str, typer.Option(help="入库类型")] = "",
        provider: Annotated[str, typer.Option()] = "", basis: Annotated[str, typer.Option()] = "", purpose: Annotated[str, typer.Option()] = "",
        share: Annotated[str, typer.Option()] = "不可再共享", slip: Annotated[Path | None, typer.Option()] = None,
    ) -> None:  # fmt: skip
        """登记一家入库。"""
        open_house()
        from django.db import transaction

        from wenmai.office.figures import facts, frames, sources

        about = _about((provider, basis, purpose, share, ""), slip)
        with transaction.atomic():
            spell = facts.enter_frame(frame, lane, key, frames.day(on), sources.open_source(about), kind=kind, name=name)
        _say(f"{name or key} 自 {spell.entered} 入“{frame}”")

    @app.command()
    def leave(
        key: str, on: Annotated[str, typer.Argument(help="退库日期")], frame: FRAME = "规上", lane: LANE = MONITOR,
        reason: Annotated[str, typer.Option(help="退库原因")] = "",
    ) -> None:  # fmt: skip
        """登记一家退库。"""
        open_house()
        from wenmai.office.figures import facts, frames

        spell = facts.leave_frame(frame, lane, key, frames.day(on), reason)
        _say(f"{key} 自 {spell.left} 退出“{frame}”")

    @app.command("list")
    def list_(
        frame: FRAME = "规上", lane: LANE = MONITOR, on: Annotated[str, typer.Option(help="某日在库，如 2024-09-30；不写为今天")] = "",
        first: Annotated[str, typer.Option("--from", help="变动自")] = "", last: Annotated[str, typer.Option("--to", help="变动至")] = "",
    ) -> None:  # fmt: skip
        """某日在库的企业；给出 --from 和 --to 时列期间入退库。"""
        open_house()
        from django.utils import timezone

        from wenmai.office.figures import fact_queries, frames

        if first and last:
            changes = fact_queries.frame_changes(frame, lane, frames.day(first), frames.day(last, end=True))
            for word, spells in changes.items():
                _say(f"{word} {spells.count()} 家")
                for s in spells:
                    _say(f"  {s.entered if word == '入库' else s.left}　{s.subject.key}　{s.subject.name}")
            return
        day = frames.day(on, end=True) if on else timezone.localdate()
        members = fact_queries.frame_at(frame, lane, day)
        _say(f"“{frame}”（{lane}）{day} 在库 {len(members)} 家")
        for key, name in sorted(members.items()):
            _say(f"  {key}　{name}")

    return app
