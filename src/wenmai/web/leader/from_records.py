"""Answers from the ledgers of the office: near the threshold, top firms, parks, projects, demands. All within the rows that
the person may see."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.urls import reverse

from wenmai.base.values.units import unit
from wenmai.office.figures.fact_lists import facts_for, period_label, printed
from wenmai.office.figures.models import Fact, Lane
from wenmai.office.kit.answers import Answer, Asked, Cell, Gap, Grid, Value
from wenmai.office.people.models import SubjectKind
from wenmai.office.people.rows import row_scope
from wenmai.rooms.records import alerts, nurturing, project_queries, queries, scope
from wenmai.rooms.records.methods.shares import Interval
from wenmai.rooms.records.models import Demand, Profile, Project

LEDGER, INSIDE = "本办台账", "内部"
TOP, SHOWN = 20, 200
MOST = 20_000  # firms of one period; a district has some thousands that report


def _value(asked: Asked, title: str, count: int, unit_name: str, href: str, note: str = "") -> Value:
    cut = row_scope(asked.user, "台账").words
    note = "；".join(t for t in (note, cut) if t)
    return Value(title, str(count), unit_name, Lane.ADMIN, "台账", asked.today.isoformat(), LEDGER, INSIDE, href, note)


def _about(asked: Asked) -> str:
    cut = row_scope(asked.user, "台账").words
    return "；".join(t for t in (Lane.ADMIN, f"提供：{LEDGER}", f"数据截至 {asked.today.isoformat()}", INSIDE, cut) if t)


def near_threshold(asked: Asked) -> Answer:
    """Question 2: who is how far from the line of its own industry, by last year's revenue."""
    pool = nurturing.pool(asked.user, asked.today)
    link = reverse("records:nurture")
    answer = Answer()
    if pool.near:
        answer.values.append(_value(asked, "接近或已达入库标准", len(pool.near), "家", link, f"按 {pool.year} 年营业收入"))
    rows = tuple(
        (Cell(c.firm.name, reverse("registry:enterprise", args=[c.firm.key])), Cell(c.state),
         Cell(_gap(c.gap), numeric=True), Cell(c.firm.visitor or "—（未明确）")) for c in pool.near[:SHOWN]
    )  # fmt: skip
    if rows:
        about = f"{Lane.MONITOR}；{pool.year} 年营业收入；提供：企业报送；{INSIDE}"
        answer.grids.append(Grid("谁还差多少", ("企业", "状态", "还差（万元）", "联系领导"), rows, about, link))
    if pool.unknown or pool.open:
        said = f"{len(pool.unknown)} 家缺 {pool.year} 年营业收入、{len(pool.open)} 家行业入库标准待定"
        answer.gaps.append(Gap(f"差多少：不可判定（{said}）", "请企业补报营收，或核定行业", link))
    elif not rows:
        answer.gaps.append(Gap(f"谁还差多少：没有企业 {pool.year} 年营业收入", "收齐企业报表，或将企业列入准规上培育库", link))
    return answer


def _gap(gap: Decimal | None) -> str:
    """Line minus revenue: what is lacking, or by how much the line is passed."""
    if gap is None:
        return "—"
    return f"{gap:,}" if gap > 0 else f"已超 {-gap:,}"


def _amount(fact: Fact) -> Fraction:
    return Fraction(fact.value or 0) * unit(fact.unit).factor


def top_firms(asked: Asked) -> Answer:
    """Question 4: the largest by revenue that firms reported to the office, of one period, scope and stage; with ownership
    and whether something worrying happened. The bureau's single-firm data is not held."""
    answer = Answer()
    worry = [a for a in alerts.alerts(asked.user, asked.today) if a.kind in (alerts.MOVES, alerts.ABNORMAL)]
    found = facts_for(asked.user).filter(
        definition__entry_id="SC06", lane=Lane.MONITOR, subject__kind=SubjectKind.ENTERPRISE, item="", value__isnull=False
    )  # fmt: skip
    newest = found.order_by("-ends").values_list("period", flat=True).first()
    if newest is None:
        answer.gaps.append(Gap("前二十家：企业营业收入未采集", "收企业报表，或导入本办监测数据", reverse("facts:import")))
    else:
        answer.grids.append(_top(asked, found.filter(period=newest), {a.href: a.kind for a in worry}))
    for kind in (alerts.MOVES, alerts.ABNORMAL):
        count = sum(1 for a in worry if a.kind == kind)
        answer.values.append(_value(asked, f"近 {alerts.LOOK_BACK} 日{kind}", count, "家", reverse("records:alerts"), "以已登记的企业大事为限"))
    rows = tuple((Cell(a.title, a.href), Cell(a.text), Cell(str(a.on))) for a in worry[:SHOWN])
    if rows:
        answer.grids.append(Grid("迁出或异常", ("企业", "事项", "日期"), rows, _about(asked), reverse("records:alerts")))
    return answer


def _top(asked: Asked, rows: Any, worry: dict[str, str]) -> Grid:
    held = list(rows[:MOST])
    (scope_name, stage), _ = Counter((f.scope.name, f.stage) for f in held).most_common(1)[0]
    mine = sorted((f for f in held if (f.scope.name, f.stage) == (scope_name, stage)), key=lambda f: (-_amount(f), f.subject.key))
    first = mine[:TOP]
    owners = dict(Profile.objects.filter(withdrawn_at=None, key__in=[f.subject.key for f in first]).values_list("key", "ownership"))
    lines = []
    for at, fact in enumerate(first, start=1):
        page = reverse("registry:enterprise", args=[fact.subject.key])
        owner = owners.get(fact.subject.key) or "—（未登记）"
        cells = (Cell(str(at), numeric=True), Cell(fact.subject.name or fact.subject.key, page),
                 Cell(printed(fact), reverse("facts:fact", args=[fact.pk]), True), Cell(fact.unit), Cell(owner),
                 Cell(worry.get(page, "")))  # fmt: skip
        lines.append(cells)
    when = period_label(first[0].period) + stage
    providers = sorted({f.source.provider for f in first})
    about = f"{Lane.MONITOR}；{scope_name}；{when}；提供：{'、'.join(providers[:3])}{'等' if len(providers) > 3 else ''}；在报 {len(mine)} 家"
    if cut := row_scope(asked.user, "数据").words:
        about += f"；{cut}"
    marks = "不得外传" if any(f.mark == "不得外传" for f in first) else INSIDE
    return Grid(f"营业收入前二十家（{when}）", ("位次", "企业", "营业收入", "单位", "所有制", "提醒"), tuple(lines), f"{about}；{marks}",
                f"{reverse('facts:facts')}?code=SC06&period={first[0].period}&kind=enterprise")  # fmt: skip


def parks(asked: Asked) -> Answer:
    """Question 6: occupancy, cultural share with its interval, next review."""
    mine = list(scope.parks(asked.user).order_by("name")[:SHOWN])
    link = reverse("records:parks")
    if not mine:
        return Answer(gaps=[Gap("园区台账：未登记", "登记或导入园区、房源、租约", link)])
    found = queries.summaries(mine, asked.today)
    rows, due, unknown = [], 0, 0
    for park in mine:
        one = found[park.pk]
        due += one.review is not None and (one.review - asked.today).days <= 60
        unknown += one.occupancy.rate is None
        review = "—（没有有效认定）" if one.review is None else f"{one.review}{'（已过）' if one.review < asked.today else ''}"
        rows.append((Cell(park.name, reverse("records:park", args=[park.code])), Cell(_rate(one.occupancy.rate), numeric=True),
                     Cell(_interval(one.shares.by_count), numeric=True), Cell(str(one.shares.tenants), numeric=True), Cell(review)))  # fmt: skip
    answer = Answer(values=[_value(asked, "园区", len(mine), "个", link), _value(asked, "60 日内应复核", due, "个", link)])
    heads = ("园区", "入驻率 %", "文化企业占比 %（按家数）", "在租企业", "下次复核")
    answer.grids.append(Grid("各园区", heads, tuple(rows), _about(asked), link))
    if unknown:
        answer.gaps.append(Gap(f"{unknown} 个园区入驻率不可判定", "补登可租房源面积", link))
    return answer


def _rate(rate: Fraction | None) -> str:
    return "—（缺房源面积）" if rate is None else f"{float(rate) * 100:.1f}"


def _interval(share: Interval | None) -> str:
    if share is None:
        return "—（没有在租企业）"
    low, high = (f"{float(v) * 100:.1f}" for v in (share.low, share.high))
    return low if low == high else f"{low}—{high}"


def projects(asked: Asked) -> Answer:
    """Question 8: where projects are stuck (the oldest open milestone that is past) and who leads; the longest stuck first."""
    query = scope.by_street("", "park")(Project.objects.filter(withdrawn_at=None), scope.scope_of(asked.user))
    late = project_queries.late_first(query.select_related("lead").prefetch_related("milestones", "investments"), asked.today)
    mine = sorted(late[:SHOWN], key=lambda p: (p.oldest_late is None, p.oldest_late or asked.today, p.code))
    link = reverse("records:projects")
    if not mine:
        return Answer(gaps=[Gap("重点项目台账：未登记", "登记或导入项目、节点、投资", link)])
    rows, stuck = [], 0
    for project in mine:
        done = project_queries.progress(project, asked.today)
        node = min(done.late, key=lambda n: n.due, default=None)
        stuck += node is not None
        where = f"{node.name}，逾期 {node.slip(asked.today)} 天" if node else (project.trouble or "没有逾期节点")
        rows.append((Cell(project.name, reverse("records:project", args=[project.code])), Cell(project.get_state_display()), Cell(where),
                     Cell(project.trouble if node else ""), Cell(project.lead.name if project.lead else "—（未明确）"), 
                     Cell(project.leader or "—（未明确）"),
                     Cell("—（未报）" if done.year_rate is None else f"{float(done.year_rate) * 100:.1f}", numeric=True)))  # fmt: skip
    answer = Answer(values=[_value(asked, "重点项目", len(mine), "个", link), _value(asked, "节点逾期", stuck, "个", link)])
    heads = ("项目", "状态", "卡在哪", "存在问题", "牵头单位", "包保领导", "当年投资完成 %")
    answer.grids.append(Grid("重点项目，逾期最久在前", heads, tuple(rows), _about(asked), link))
    return answer


def demands(asked: Asked) -> Answer:
    """Question 9: the three kinds that are raised most, who handles them, how long overdue."""
    rows = scope.by_firm(Demand.objects.filter(withdrawn_at=None), scope.scope_of(asked.user))
    told = project_queries.demand_statistics(asked.user, asked.today, rows)
    link = reverse("records:demands")
    if not told.total:
        return Answer(gaps=[Gap("走访诉求台账：未登记", "登记走访和诉求", link)])
    spread = f"超期天数中位 {float(told.median):g}、九成不超过 {told.p90}" if told.median is not None else ""
    answer = Answer(values=[
        _value(asked, "诉求", told.total, "件", link), _value(asked, "办理中", told.open, "件", link),
        _value(asked, "超期", told.overdue, "件", link, spread),
    ])  # fmt: skip
    lines = tuple(
        (Cell(k.kind, f"{link}?kind={k.kind}"), Cell(str(k.raised), numeric=True), Cell(str(k.open), numeric=True),
         Cell(str(k.overdue), numeric=True), Cell(str(k.longest) if k.overdue else "—", numeric=True),
         Cell("、".join(f"{n} {c}" for n, c in k.departments) or "—")) for k in told.kinds[:3]
    )  # fmt: skip
    heads = ("类别", "反映", "办理中", "超期", "最长超期（天）", "谁在办（件）")
    answer.grids.append(Grid("反映最多的三件事", heads, lines, _about(asked), link))
    if told.without_due:
        answer.gaps.append(Gap(f"{told.without_due} 件未定办结期限，是否超期不可判定", "请责任部门定期限", link))
    return answer
