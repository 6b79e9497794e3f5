"""A district with two owners: what belongs to 甲 carries the word 映山红, what belongs to 乙 the word 云雀, in every room."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wenmai.office.figures import definitions, facts, sources
from wenmai.office.figures.facts import NewFact
from wenmai.office.figures.models import Fact
from wenmai.office.files import store
from wenmai.office.jobs import services as jobs
from wenmai.office.people import organisations
from wenmai.office.people.models import OrgKind, Role, User
from wenmai.rooms.briefing import services as briefing
from wenmai.rooms.briefing.models import Document
from wenmai.rooms.classification import scoping
from wenmai.rooms.portal import services as portal
from wenmai.rooms.registry import services as registry
from wenmai.rooms.registry.models import Batch, Enterprise

WORD = {"a": "映山红", "b": "云雀"}
STREET = {"a": "文昌街道", "b": "河东街道"}
PARK = {"a": "红枫创意园", "b": "松涛创意园"}
HEAD = "企业名称,统一社会信用代码,成立日期,登记状态,企业类型,经营范围,街道,园区,住所\n"
LINE = "{word}{kind}有限公司,,2019-07-11,存续,有限责任公司,{scope},{street},{park},{street}{number}号\n"
KINDS = (("图书", "图书、报刊零售；出版物批发"), ("设计", "动漫设计；游戏软件开发"), ("咨询", "企业形象策划；会议服务；文化艺术交流活动组织"))
FORM = """标识: walk-q
类别: 园区管理记录
名称: 园区季度表
频率: 季度
截止: 期后15日
用途: 测试
填报对象:
  类别: 园区
  名单:
    - {{标识: pa, 名称: {a}, 街道: 文昌街道, 单位: 甲运营方}}
    - {{标识: pb, 名称: {b}, 街道: 河东街道}}
行:
  - {{编号: A01, 名称: 可租面积, 指标: LETTABLE_AREA, 单位: 平方米, 来源类: 本办监测口径, 口径: 园区, 时点: 是}}
"""


@dataclass
class World:
    """People by visitor, and the values of an address's marks: shared ones and each owner's."""

    people: dict[str, User]
    shared: dict[str, str]
    owned: dict[str, dict[str, str]]
    keys: dict[str, list[str]] = field(default_factory=dict)
    exported: str = ""

    def address(self, route: str, owner: str) -> str | None:
        """A route filled with an owner's objects; None when it needs a kind of object that this world has not."""
        for mark, value in {**self.shared, **self.owned[owner]}.items():
            route = route.replace(mark, value)
        return None if "<" in route else "/" + route


def _people() -> dict[str, User]:
    found = {r.value: User.objects.create_user(r.value, role=r) for r in Role}
    admin = found["admin"]

    def login(name: str, organisation: Any, role: str = Role.READER) -> None:
        found[name] = User.objects.create_user(name, role=role, organisation=organisation)

    login("department", organisations.add_organisation("测试局", OrgKind.DEPARTMENT, actor=admin))
    street = {o: organisations.add_organisation(f"{STREET[o]}办事处", OrgKind.STREET, STREET[o], admin) for o in "ab"}
    login("street-a", street["a"])
    login("street-b", street["b"])
    login("street-editor", street["a"], Role.EDITOR)
    login("street-auditor", street["a"], Role.AUDITOR)
    login("operator-a", organisations.add_organisation("甲运营方", OrgKind.OPERATOR, PARK["a"], admin))
    login("finance", organisations.add_organisation("测试银行", OrgKind.FINANCE, actor=admin))
    login("college", organisations.add_organisation("测试学院", OrgKind.COLLEGE, actor=admin))
    login("association", organisations.add_organisation("测试协会", OrgKind.ASSOCIATION, actor=admin))
    return found


def _register(folder: Path, editor: User) -> Batch:
    path = folder / "名录.csv"
    lines = [
        LINE.format(word=WORD[o], kind=kind, scope=scope, street=STREET[o], park=PARK[o] if n == 0 else "", number=n + 1)
        for o in "ab"
        for n, (kind, scope) in enumerate(KINDS)
    ]
    path.write_text(HEAD + "".join(lines) + ",,2012-01-09,存续,个体工商户,没有名称也没有代码的行,河东街道,,河东街道4号\n", encoding="utf-8")
    batch = registry.import_file(path, actor=editor, provider="测试提供单位", basis="测试依据", purpose="测试")
    jobs.enqueue("classification.run", {}, editor)
    jobs.work(once=True)
    return batch


def build(folder: Path) -> World:
    """Everything through the rooms' own verbs."""
    people = _people()
    admin, editor = people["admin"], people["editor"]
    batch = _register(folder, editor)
    keys = {o: list(Enterprise.objects.filter(name__startswith=WORD[o]).order_by("pk").values_list("key", flat=True)) for o in "ab"}
    assert {len(k) for k in keys.values()} == {len(KINDS)}
    for o in "ab":
        firm = organisations.add_organisation(f"{WORD[o]}图书有限公司", OrgKind.ENTERPRISE, keys[o][0], admin)
        people[f"enterprise-{o}"] = User.objects.create_user(f"enterprise-{o}", organisation=firm)
    owned: dict[str, dict[str, str]] = {o: {"<path:key>": keys[o][0]} for o in "ab"}
    shared = _office(folder, batch, people)
    _facts(keys, owned, editor)
    _records(keys, owned, editor)
    _returns(owned, editor)
    _crossing(folder, keys, owned, shared, people)
    exported = jobs.enqueue("kit.export", {"source": "registry.enterprises", "parameters": {"query": ""}, "name": "名录.xlsx"}, editor)
    jobs.work(once=True)
    return World(people, shared, owned, keys, str(exported.pk))


def _office(folder: Path, batch: Batch, people: dict[str, User]) -> dict[str, str]:
    from wenmai.office.figures.snapshots import latest

    jobs.enqueue("briefing.draft", {"kind": "代拟稿"}, people["editor"])
    jobs.work(once=True)
    slip = folder / "slip.pdf"
    slip.write_bytes(b"%PDF-1.4 test")
    return {
        "<int:job_id>": str(jobs.enqueue("classification.run", {}, people["editor"]).pk), "<int:snapshot_id>": str(latest().pk),
        "<path:figure_id>": "units.total", "<int:batch_id>": str(batch.pk), "<int:scope_id>": str(scoping.add_example(people["editor"]).pk),
        "<slug:slot>": "office", "<int:document_id>": str(Document.objects.get().pk), "<slug:part>": "docx",
        "<int:confirmation_id>": str(briefing.confirm(["units.total"], slip=slip)[0].pk),
        "<slug:code>": "SC06", "<int:number>": "1", "<slug:slug>": "walk-q",
    }  # fmt: skip


def _facts(keys: dict[str, list[str]], owned: dict[str, dict[str, str]], editor: User) -> None:
    definitions.install_shipped()
    slip, file = sources.keep_slip([b"%PDF-1.4 slip"], "slip.pdf")[0], sources.keep([b"a,b"], "a.csv")[0]
    about = sources.About("测试提供单位", "依据", "用途", "不可再共享", None, "a.csv", file, slip)
    from wenmai.office.figures import entering
    from wenmai.office.figures.methods.layout import CELL, Reading, Value
    from wenmai.office.figures.methods.layout import Role as Column

    said = {"code": "SC06", "period": "2024", "lane": "统计部门数据", "scope": "规上", "unit": "亿元"}
    made = entering.take_in([Value(2, "数值", "1", said, False)], about, ["数值"], Reading((Column(CELL),)), "a.csv", actor=editor)
    for o in "ab":
        name = f"{WORD[o]}图书有限公司"
        fact = NewFact("enterprise", keys[o][0], "SC06", "2024", "120.5", "万元", "本办监测口径", "监测企业", name=name)
        outcome = facts.record([fact], made.source, editor)
        assert outcome.rows[0][0] == facts.CREATED, outcome.rows
        facts.enter_frame("规上", "本办监测口径", keys[o][0], dt.date(2024, 1, 1), made.source, name=name, actor=editor)
        owned[o] |= {"<int:fact_id>": str(Fact.objects.get(subject__key=keys[o][0]).pk), "<int:intake_id>": str(made.pk)}
        owned[o]["<int:source_id>"] = str(made.source_id)


def _records(keys: dict[str, list[str]], owned: dict[str, dict[str, str]], editor: User) -> None:
    from wenmai.rooms.records import services
    from wenmai.rooms.records.kinds import kinds

    for o in "ab":
        services.create(kinds()["parks"], {"code": f"P{o}", "name": PARK[o], "street": STREET[o]}, editor)
        services.create(kinds()["projects"], {"code": f"X{o}", "name": f"{WORD[o]}项目", "street": STREET[o]}, editor)
        demand = services.create(
            kinds()["demands"],
            {"key": keys[o][0], "name": f"{WORD[o]}图书有限公司", "kind": "融资", "text": f"{WORD[o]}的诉求", "raised": dt.date(2026, 1, 1)},
            editor,
        )
        owned[o] |= {
            "<slug:park_code>": f"P{o}", "<slug:project_code>": f"X{o}", "<slug:kind>": "demands", "<int:record_id>": str(demand.pk),
            "<int:demand_id>": str(demand.pk),
        }  # fmt: skip


def _returns(owned: dict[str, dict[str, str]], editor: User) -> None:
    from wenmai.rooms.collection import forming
    from wenmai.rooms.collection.models import Return

    forming.take_in(FORM.format(**PARK), actor=editor)
    made = forming.issue("walk-q", "2026年一季度", actor=editor, today=dt.date(2026, 4, 1))
    for o in "ab":
        owned[o] |= {"<int:round_id>": str(made.pk), "<int:return_id>": str(Return.objects.get(name=PARK[o]).pk)}


def _crossing(folder: Path, keys: dict[str, list[str]], owned: Any, shared: dict[str, str], people: dict[str, User]) -> None:
    """What goes out, what comes in, who may see whom."""
    paper = folder / "paper.pdf"
    paper.write_bytes(b"%PDF-1.4 paper")
    kept, today = store.put(paper)[0], dt.date.today()
    last = today + dt.timedelta(days=30)
    bank, college = people["finance"].organisation, people["college"].organisation
    assert bank and college
    for o in "ab":
        firm = people[f"enterprise-{o}"]
        # 甲 lets the bank see its record; 乙 lets it see another kind of data only.
        given = organisations.authorise(keys[o][0], bank, "名录" if o == "a" else "报表", today, last, kept, people["admin"])
        item = portal.send("message", f"{WORD[o]}来件", f"{WORD[o]}的内容", firm, attachment=(kept, "paper.pdf"))
        owned[o] |= {"<int:consent_id>": str(given.pk), "<int:item_id>": str(item.pk)}
    out = portal.draft("公开通知", "公开的正文", attachment=(kept, "paper.pdf"), actor=people["editor"])
    portal.approve(out.pk, out.digest, people["reviewer"])
    held = portal.draft("未公开的草稿", "不应见到的正文", actor=people["editor"])
    lent = organisations.delegate(people["editor"], people["reader"], "editor", today, today, actor=people["editor"])
    organisations.revoke(lent.pk, people["editor"])
    somebody = User.objects.create_user("somebody")
    shared |= {
        "<int:publication_id>": str(out.pk), "<int:organisation_id>": str(college.pk), "<int:user_id>": str(somebody.pk),
        "<int:delegation_id>": str(lent.pk), "held": str(held.pk),
    }  # fmt: skip
