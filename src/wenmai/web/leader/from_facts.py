"""Answers from reported facts and frames: the bureau's counts, above-scale, value added, classes beside other areas, money,
plan. Nothing is added up across lanes or scopes; what was not entered is a gap with the office that owns it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from django.urls import reverse

from wenmai.base import standards
from wenmai.base.values.units import unit
from wenmai.office.figures.fact_lists import facts_for, period_label, subjects_of
from wenmai.office.figures.fact_queries import frame_changes
from wenmai.office.figures.models import Entry, Fact, FrameSpell, Lane
from wenmai.office.kit.answers import Answer, Asked, Cell, Gap, Grid, Value
from wenmai.office.people.models import SubjectKind
from wenmai.office.people.rows import row_scope
from wenmai.web.leader import area

FRAME = "规上"
CLASS_CODES = ("SC06", "SC09", "SC04", "SC01", "SC03")
MONEY = ("FUND_BUDGET", "FUND_APPROVED", "PF01", "PF02", "FUND_SPENT", "PF06", "PF03", "PF05")
OTHERS = 3  # areas beside the district
NAMES = 20


def _gaps(found: Sequence[Fact], codes: Sequence[str], asked: Asked) -> list[Gap]:
    """One gap for each indicator that has no value at all, with the office that owns it."""
    if not asked.district:
        return [Gap("区县未设定，区级数据对不上号", "请系统管理员在 site.json 写明 district")]
    missing = area.absent(found, codes)
    known = {e.code: e for e in Entry.objects.filter(code__in=missing).prefetch_related("definitions")}
    gaps = []
    for code in missing:
        if code not in known:
            gaps.append(Gap(f"{code} 不在指标词典中", "请先装入指标词典", reverse("facts:indicators")))
            continue
        names = [d.name for d in known[code].definitions.all()]
        owner = known[code].owner or "责任单位"
        gaps.append(Gap(f"{names[-1] if names else code}：未采集", f"向{owner}要数后录入", area.entering(code)))
    return gaps


def _of(asked: Asked, codes: Sequence[str]) -> Answer:
    found = area.latest(asked, codes)
    return Answer(values=[area.value_of(f) for f in found], gaps=_gaps(found, codes, asked))


def counted_by_bureau(asked: Asked) -> Answer:
    """Question 1: what the bureau and other departments count, each on its own scope."""
    answer = _of(asked, ("SC03", "SC01", "SC04"))
    if answer.values:
        answer.said = "登记口径按名录识别，统计口径为法人单位或规上在库单位，两者不可比、不可相加"
    return answer


def above_scale(asked: Asked) -> Answer:
    """Question 2: the reported count, and from the frames who is in, who came, who left this year."""
    answer = _of(asked, ("SC04", "SC05"))
    mine, first = subjects_of(asked.user, "subject__"), date(asked.today.year, 1, 1)
    cut = row_scope(asked.user, "数据").words
    known = False
    for lane in (Lane.BUREAU, Lane.MONITOR):
        spells = FrameSpell.objects.filter(mine, frame=FRAME, lane=lane)
        if not spells.exists():
            continue
        known = True
        inside = spells.filter(entered__lte=asked.today).exclude(left__lte=asked.today).count()
        href = f"{reverse('facts:frames')}?frame={FRAME}&lane={lane}"
        note = cut or f"今年{asked.today.month}月{asked.today.day}日止"
        day = asked.today.isoformat()
        answer.values.append(Value(f"{FRAME}在库", str(inside), "家", lane, FRAME, day, "入退库台账", "内部", href, note))
        rows = []
        for word, found in frame_changes(FRAME, lane, first, asked.today).items():
            of_mine = found.filter(mine)
            answer.values.append(Value(f"今年{word}", str(of_mine.count()), "家", lane, FRAME, day, "入退库台账", "内部", href, note))
            for spell in of_mine.order_by("-pk")[:NAMES]:
                on, why = (spell.entered, spell.entry_kind) if word == "入库" else (spell.left, spell.left_reason)
                page = reverse("registry:enterprise", args=[spell.subject.key]) if spell.subject.kind == SubjectKind.ENTERPRISE else ""
                rows.append((Cell(word), Cell(spell.subject.name or spell.subject.key, page), Cell(str(on)), Cell(why)))
        answer.grids.append(Grid("今年入库退库", ("动作", "企业", "日期", "类型或原因"), tuple(rows), f"{lane}；{FRAME}；{day}", href))
    if not known:
        answer.gaps.append(Gap("入库退库名单：未登记", "导入规上名单及入退库日期", reverse("facts:frames")))
    return answer


def value_added(asked: Asked) -> Answer:
    """Question 3: value added, share of GDP and growth with their stage. A rank among districts is in no dictionary."""
    answer = _of(asked, ("SC09", "SC10", "SC11"))
    staged = [v for v in answer.values if v.note]
    if staged:
        answer.said = f"{staged[0].title}现为{staged[0].note}数（{staged[0].when}）"
    answer.gaps.append(Gap("全市位次：不可判定（没有各区县同一时期、同一版次的增加值）", "向市统计局要各区县数后录入", area.entering("SC09")))
    return answer


def money(asked: Asked) -> Answer:
    """Question 7: facts that were entered by hand; the fund room is not built."""
    found = area.latest(asked, MONEY)
    answer = Answer(values=[area.value_of(f) for f in found])
    if found:
        answer.gaps.append(Gap("欠兑、逐笔支出、效果：不可判定（未接入：政策资金台账）", "暂以财政局提供的汇总数为准"))
    else:
        answer.gaps.append(Gap("不可判定（未接入：政策资金）", "向财政局要安排、下达、支出数后录入", area.entering("PF02")))
    return answer


def plan(asked: Asked) -> Answer:
    """Question 10: attainment that was reported, by plan indicator; no forecast is made."""
    rows = facts_for(asked.user).filter(area.own(asked.district), definition__entry_id="GV02").order_by("-ends", "item", "-pk")[:200]
    newest: dict[str, Fact] = {}
    for fact in rows:
        newest.setdefault(fact.item, fact)
    answer = Answer(values=[area.value_of(f, f"规划指标完成度 {f.item.partition('=')[2]}".strip()) for f in newest.values()][:NAMES])
    if answer.values:
        answer.gaps.append(Gap("下一期报多少：不可判定（未接入：规划目标与时序）", "由经办根据各责任单位依据填报"))
    else:
        answer.gaps.append(Gap("不可判定（未接入：规划指标）", "录入各规划指标的完成度及依据", area.entering("GV02")))
    return answer


def classes(asked: Asked) -> Answer:
    """Question 5: the nine classes of one indicator beside other areas on the same lane, scope, period and stage, with the
    location quotient own share ÷ other share (domain: above 1 is a relative strength)."""
    if not asked.district:
        return Answer(gaps=_gaps([], [], asked))
    fact = _newest_split(asked)
    if fact is None:
        return Answer(gaps=[Gap("九大类统计数据：未采集", "向统计局要分大类营业收入后录入，分项写 大类=01", area.entering("SC06"))])
    same = facts_for(asked.user).filter(
        subject__kind=SubjectKind.AREA, definition__entry_id=fact.definition.entry_id, period=fact.period, lane=fact.lane, scope=fact.scope,
        stage=fact.stage, value__isnull=False, item__in=["", *(f"大类={m.code}" for m in standards.culture_majors())],
    )[: area.MOST]  # fmt: skip
    held: dict[str, dict[str, Fact]] = {}
    for one in same:
        held.setdefault(one.subject.name or one.subject.key, {})[one.item] = one
    mine = held.pop(fact.subject.name or fact.subject.key)
    others = sorted((n for n, v in held.items() if len(v) > 1), key=lambda n: (-len(held[n]), n))[:OTHERS]
    rows = []
    for major in standards.culture_majors():
        item = f"大类={major.code}"
        got = mine.get(item)
        share = _share(mine, item)
        line = [Cell(f"{major.code} {major.name}"), _number(got), Cell(_percent(share), numeric=True)]
        for name in others:
            theirs = _share(held[name], item)
            quotient = share / theirs if share is not None and theirs else None
            line += [Cell(_percent(theirs), numeric=True), Cell("—" if quotient is None else f"{float(quotient):.2f}", numeric=True)]
        rows.append(tuple(line))
    heads = ("大类", fact.unit, "占比 %", *(h for n in others for h in (f"{n}占比 %", f"区位商（比{n}）")))
    when = f"{period_label(fact.period)}{fact.stage}"
    about = f"{fact.definition.name}；{fact.lane}；{fact.scope.name}；{when}；提供：{fact.source.provider}；{fact.mark}"
    link = f"{reverse('compare')}?what=facts&code={fact.definition.entry_id}&by=class&period={fact.period}"
    answer = Answer(grids=[Grid(f"{fact.definition.name}九大类", heads, tuple(rows), about, link)])
    if not others:
        answer.gaps.append(Gap(f"全市、周边同口径分大类数据（{when}）：未采集", "录入市及周边区县同一时期、同一口径的公开数", area.entering("SC06")))
    return answer


def _newest_split(asked: Asked) -> Fact | None:
    """A class value of the district: the first indicator that has any, at its newest period and stage."""
    for code in CLASS_CODES:
        rows = facts_for(asked.user).filter(area.own(asked.district), definition__entry_id=code, item__startswith="大类=", value__isnull=False)
        found = rows.order_by("-ends", "-recorded_from").first()
        if found is not None:
            return found
    return None


def _amount(fact: Fact | None) -> Fraction | None:
    return None if fact is None or fact.value is None else Fraction(fact.value) * unit(fact.unit).factor


def _share(held: dict[str, Fact], item: str) -> Fraction | None:
    """Share in the reported total; without one in the sum of all nine, and unknown when one of them is missing."""
    part, whole = _amount(held.get(item)), _amount(held.get(""))
    if whole is None:
        parts = [_amount(held.get(f"大类={m.code}")) for m in standards.culture_majors()]
        known = [p for p in parts if p is not None]
        whole = sum(known, Fraction(0)) if len(known) == len(parts) else None
    return part / whole if part is not None and whole else None


def _percent(share: Fraction | None) -> str:
    return "—" if share is None else f"{float(share) * 100:.1f}"


def _number(fact: Fact | None) -> Cell:
    if fact is None:
        return Cell("—（未采集）", numeric=True)
    value = area.value_of(fact)
    return Cell(value.text, value.href, True)
