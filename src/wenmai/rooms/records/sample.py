"""Ledgers of the sample district, made through the services from what the sample register holds. Names are invented; the
seed is fixed, so two runs over the same register give the same rows."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from wenmai.office.people.models import Organisation, OrgKind
from wenmai.rooms.classification.models import Decision, Outcome
from wenmai.rooms.records import demanding, rulebook, services
from wenmai.rooms.records.kinds import kinds
from wenmai.rooms.records.models import Park, RecognitionRule
from wenmai.rooms.registry.models import Enterprise
from wenmai.samples.words import parks as invented

SEED = 20260101
WAN = 1_000_000
DEPARTMENTS = ("示例区金融办", "示例区人社局", "示例区自然资源分局", "示例区市场监管局", "示例区文旅局")
PER_PARK = 45
# (name, state, total in 万元, plan and actual of last year, plan of this year and about what is done of it in a month, trouble)
PROJECTS = (
    ("栖砚里数字内容基地二期", "在建", 32000, (12000, 11650), (10000, 780), "", 0),
    ("汀笺坊非遗展演中心", "在建", 8600, (3000, 2100), (4200, 170), "施工许可未办结", 0),
    ("文澜区文化数据中心", "前期", 21000, (500, 500), (6000, None), "用地指标待落实", 2),
    ("墨岚文创厂房改造", "投运", 5400, (3600, 3600), (0, None), "", 3),
)
NODES = (("立项批复", -420), ("施工许可", -200), ("主体封顶", -35), ("竣工验收", 160))
HERITAGE = (
    ("栖砚木版年画", "省级", "传统美术", "栖砚街道"), ("汀笺手工造纸技艺", "市级", "传统技艺", "汀笺街道"), ("桐笛竹笛制作技艺", "区级", "传统技艺", "桐笛镇"),
    ("苇帆渔歌", "市级", "传统音乐", "苇帆镇"), ("澄筝花灯", "区级", "传统美术", "澄筝街道"),
)  # fmt: skip
DEMANDS = (
    ("融资", "流动资金贷款到期，续贷额度不足", 0), ("融资", "版权质押评估费用高，银行不认可", 0), ("融资", "首贷缺抵押物", 0), ("用房用地", "排练场地层高不够，求租 800 平方米", 2),
    ("用房用地", "园区租金上调，希望协调", 4), ("人才用工", "三维动画师招聘难", 1), ("人才用工", "外地骨干子女入学", 1), ("政策兑现", "上年度房租补贴尚未到账", 4),
    ("审批许可", "营业性演出审批材料往返", 4), ("知识产权", "短视频搬运侵权，取证难", 3),
)  # fmt: skip


def load(actor: Any = None) -> dict[str, int]:
    """Fill the ledgers once; a house that has parks already is left alone. Returns how many rows of each."""
    if Park.objects.exists():
        return {}
    rng, today = random.Random(SEED), timezone.localdate()
    made: dict[str, int] = {}

    def make(slug: str, **values: Any) -> Any:
        made[slug] = made.get(slug, 0) + 1
        return services.create(kinds()[slug], values, actor, "示例数据")

    offices = [Organisation.objects.get_or_create(name=n, defaults={"kind": OrgKind.DEPARTMENT})[0] for n in DEPARTMENTS]
    rulebook.install(None)
    _parks(rng, today, make)
    _projects(today, make, offices)
    firms = _cultural(60)
    _revenue(rng, today, firms, actor)
    _firms(rng, today, make, offices, firms, actor)
    _heritage(rng, today, make, firms)
    return made


def _cultural(count: int) -> list[Enterprise]:
    """Standing cultural firms, the same ones each time."""
    keys = Decision.objects.filter(outcome__in=(Outcome.WHOLE, Outcome.PARTIAL), enterprise__current=True, enterprise__unit_type="企业法人")
    rows = Enterprise.objects.filter(pk__in=keys.values("pk"), name__isnull=False).order_by("key")
    return list(rows[:count]) or list(Enterprise.objects.filter(current=True, name__isnull=False).order_by("key")[:count])


def _parks(rng: random.Random, today: date, make: Any) -> None:
    rule = RecognitionRule.objects.filter(withdrawn_at=None).first()
    for n, p in enumerate(invented(), 1):
        operator, _ = Organisation.objects.get_or_create(name=f"{p.short}运营公司", defaults={"kind": OrgKind.OPERATOR, "area": p.name})
        tenants = list(Enterprise.objects.filter(current=True, park=p.name, name__isnull=False).order_by("key")[:PER_PARK])
        area = Decimal(p.area_m2)
        park = make("parks", code=f"P{n:02d}", name=p.name, level=p.level, operator=operator, street=p.street, area=area, lettable=area * 7 / 10,
                    opened=date(2012 + n, 5, 1))  # fmt: skip
        if rule is not None and p.valid_to:
            review = today + timedelta(days=40 if n == 1 else -12)
            make("recognitions", park=park, rule=rule, state="有效", since=date(2023, 6, 1), until=date.fromisoformat(p.valid_to), review_on=review, document=p.document)
        free = max(2, len(tenants) * (1, 2, 3, 4, 5)[n % 5] // 8)
        _units(rng, today, make, park, tenants, free)


def _units(rng: random.Random, today: date, make: Any, park: Any, tenants: list[Enterprise], free: int) -> None:
    """One unit per tenant and some free ones, in two buildings."""
    buildings = [make("buildings", park=park, name=f"{n}号楼", floors=6) for n in (1, 2)]
    for n in range(len(tenants) + free):
        unit = make("units", building=buildings[n % 2], number=f"{n // 16 + 1}{n % 16 // 2 + 1:02d}", area=Decimal(rng.randrange(60, 900, 5)))
        if n >= len(tenants):
            continue
        firm = tenants[n]
        since = max(date(2016, 1, 1), firm.registered_on or date(2016, 1, 1)) + timedelta(days=rng.randrange(0, 600))
        if since > today:
            continue
        # Some end soon, one in twelve has run out, the others last.
        left = rng.choice((20, 60, 200, 400, 700, 900, 1200, 1500, 300, 500, 800, -40))
        rent = rng.randrange(1800, 5200, 50)
        # One in fifteen stands in the operator's list under a name that the register does not have.
        known = rng.random() > 1 / 15
        make("leases", unit=unit, key=firm.key if known else None, name=firm.name if known else f"{firm.name[:4]}工作室（合同名）", since=since,  # type: ignore[index]
             until=max(since, today + timedelta(days=left)), rent_fen=rent)  # fmt: skip


def _projects(today: date, make: Any, offices: list[Organisation]) -> None:
    for n, (name, state, total, last, this, trouble, done) in enumerate(PROJECTS, 1):
        park = Park.objects.filter(name__startswith=name[:2]).first()
        project = make("projects", code=f"X{n:02d}", name=name, state=state, owner="示例文化投资公司", lead=offices[n % len(offices)], leader="某副区长",
                       street=park.street if park else None, park=park, total_fen=total * WAN, began=today - timedelta(days=500), trouble=trouble)  # fmt: skip
        make("investments", project=project, year=today.year - 1, plan_fen=last[0] * WAN, actual_fen=last[1] * WAN)
        make("investments", project=project, year=today.year, plan_fen=this[0] * WAN)
        for month in range(1, today.month if this[1] else 1):
            make("investments", project=project, year=today.year, month=month, actual_fen=((this[1] or 0) + 15 * (month % 4)) * WAN)
        for at, (node, days) in enumerate(NODES):
            due = today + timedelta(days=days + 20 * n)
            finished = (due < today - timedelta(days=60) and not (trouble and node == "施工许可")) or (done == 3 and due < today)
            make("milestones", project=project, name=node, due=due, done=due + timedelta(days=3 * at) if finished and due + timedelta(days=3 * at) <= today else None,
                 evidence="批复文件（示例）" if finished else "")  # fmt: skip


def _firms(rng: random.Random, today: date, make: Any, offices: list[Organisation], firms: list[Enterprise], actor: Any) -> None:
    if not firms:
        return
    for n, (kind, text, office) in enumerate(DEMANDS):
        firm = firms[n % len(firms)]
        raised = today - timedelta(days=20 + 17 * n % 120)
        visit = make("visits", key=firm.key, name=firm.name, on=raised, leader=("某副区长", "某部长", "某主任")[n % 3], text="了解经营情况，收集诉求")
        demand = make("demands", key=firm.key, name=firm.name, visit=visit, kind=kind, text=text, raised=raised, leader=("某副区长", "某主任")[n % 2],
                      department=offices[office], due=raised + timedelta(days=30) if n != 6 else None)  # fmt: skip
        if n % 4 == 3:
            demanding.close(demand, "已办结", min(today, raised + timedelta(days=25)), "已协调解决（示例）", actor)
    for n, firm in enumerate(firms[:24]):
        make("profiles", key=firm.key, name=firm.name, ownership=("民营", "民营", "国有", None)[n % 4], capital=("区内", None, "省外")[n % 3],
             visitor=("某副区长", "", "某主任")[n % 3], nurtured=n % 3 == 0)  # fmt: skip
    for n, firm in enumerate(firms[:8]):
        make("titles", key=firm.key, name=firm.name, kind=("资质", "荣誉")[n % 2], title=("高新技术企业", "区文化创意十佳")[n % 2], level=("国家级", "区级")[n % 2],
             since=today - timedelta(days=400 + n), until=today + timedelta(days=700))  # fmt: skip
    for n, (kind, days) in enumerate((("迁出", 25), ("列入异常", 12), ("更名", 200), ("上市", 300), ("迁入", 60))):
        firm = firms[(n + 10) % len(firms)]
        make("life", key=firm.key, name=firm.name, kind=kind, on=today - timedelta(days=days), text="示例", source="示例")
    if len(firms) > 5:
        make("ownership", key=firms[0].key, name=firms[0].name, parent_key=firms[4].key, parent_name=firms[4].name, permille=600, basis="章程（示例）")
        make("ownership", key=firms[0].key, name=firms[0].name, parent_name="自然人股东（示例）", permille=400)
        make("ownership", key=firms[4].key, name=firms[4].name, parent_name="示例区国有资产公司", permille=800)
    union = make("associations", name="文澜区文化创意产业协会", supervisor="示例区民政局", founded=date(2018, 3, 1))
    for n, firm in enumerate(firms[:15]):
        make("memberships", association=union, key=firm.key, name=firm.name, post="会长单位" if n == 0 else "会员", since=date(2019, 1, 1))


def _revenue(rng: random.Random, today: date, firms: list[Enterprise], actor: Any) -> None:
    """Last year's revenue of some firms as they reported it to the office (本办监测口径); the others' is unknown."""
    from wenmai.office.figures import facts, sources
    from wenmai.office.figures.models import Entry

    if not Entry.objects.filter(code="SC06").exists():
        return
    about = sources.About("示例企业（自报）", "示例数据", "演示", "不可再共享", None, "", "", "")
    rows = [facts.NewFact("enterprise", f.key, "SC06", f"{today.year - 1}年", rng.randrange(200, 2600, 10), "万元", "本办监测口径", "监测企业", name=f.name or f.key)
            for f in firms[:30:2]]  # fmt: skip
    facts.record(rows, sources.open_source(about), actor)


def _heritage(rng: random.Random, today: date, make: Any, firms: list[Enterprise]) -> None:
    for n, (name, level, category, street) in enumerate(HERITAGE):
        item = make("heritage", name=name, level=level, category=category, street=street, batch=f"第{n + 1}批", protector="示例区文化馆")
        for at in range(n % 3):
            make("bearers", item=item, name=f"示例传承人{n + 1}-{at + 1}", level=level, born=1950 + 9 * at + n, apprentices=rng.randrange(0, 6))
        if firms and n < 3:
            firm = firms[(n + 20) % len(firms)]
            make("fusions", item=item, key=firm.key, name=firm.name, product=f"{name}主题文创产品", since=today - timedelta(days=300), agreement="授权书（示例）")
    for name, kind, street in (("砚池文创街", "文创街区", "栖砚街道"), ("笺巷手作集聚区", "集聚区", "汀笺街道"), ("桐笛夜市", "夜间文旅消费集聚区", "桐笛镇")):
        make("clusters", name=name, kind=kind, level="区级", street=street, shops=rng.randrange(20, 90))
