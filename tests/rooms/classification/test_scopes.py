"""区自定口径 end to end: what is kept and refused, what a snapshot says, that it adds up, and that an old one never changes."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from wenmai.base import standards
from wenmai.base.values import InputError, NotFound, Refused
from wenmai.office.events.models import Event
from wenmai.office.events.services import verify_chain
from wenmai.office.figures import queries, snapshots
from wenmai.office.people.models import Role, User
from wenmai.rooms.classification import scope_queries, scope_units, scoping
from wenmai.rooms.classification import services as classification
from wenmai.rooms.classification.models import Decision, ScopeVersion
from wenmai.rooms.registry import services as registry
from wenmai.rooms.registry.models import Enterprise
from wenmai.samples import write_district

pytestmark = pytest.mark.django_db(transaction=True)
HEAD = "项目,取值,限定代码,说明\n"


def a_list(name: str = "研学旅游", version: str = "1", *rules: str, **head: str) -> bytes:
    lines = [f"名称,{name},,", f"版本,{version},,", *(f"{k},{v},," for k, v in head.items()), *(rules or ("纳入,7291,,",))]
    return (HEAD + "\n".join(lines) + "\n").encode()


@pytest.fixture
def district(home: Path, tmp_path: Path) -> Path:
    """600 rows of the invented district, classified, with a snapshot that knows no list."""
    (home / "site.json").write_text(json.dumps({"district": "文澜区"}), encoding="utf-8")
    for path in write_district(tmp_path / "sample", 600):
        registry.import_file(path, provider="区市场监管局")
    classification.run()
    snapshots.publish()
    return home


def values(digest: str, snapshot: Any = None) -> dict[str, Any]:
    head = f"scope.{digest[:10]}."
    return {k.removeprefix(head): f.value for k, f in queries.figures(snapshot).items() if k.startswith(head)}


# An oracle of its own: standard library only, written from the format's description, not from the program.
def oracle(text: str) -> Any:
    codes: dict[str, str] = {}
    words: list[tuple[str, list[str], list[str]]] = []
    for kind, value, under, _ in list(csv.reader(text.splitlines()))[1:]:
        if kind in ("纳入", "部分纳入", "排除"):
            codes[value] = kind
        elif kind in ("关键词", "排除词"):
            words.append((kind, value.split("|"), [u for u in under.split(";") if u]))

    def judge(code: str, scope: str | None) -> str:
        matching = [c for c in codes if code.startswith(c)]
        below = [c for c in codes if c.startswith(code) and c != code]
        kind = codes[max(matching, key=len)] if matching else "排除"
        if len(code) < 4 and any(codes[c] != kind for c in below):
            return "待核定"
        if kind != "部分纳入":
            return "纳入" if kind == "纳入" else "不纳入"
        said = re.sub(r"[（(][^（）()]*[）)]", "", re.sub(r"[（(][^（）()]*[）)]", "", scope or ""))
        for wanted, answer in (("排除词", "不纳入"), ("关键词", "纳入")):
            for rule, listed, under in words:
                if rule == wanted and (not under or any(code.startswith(u) for u in under)) and any(w in said for w in listed):
                    return answer
        return "待核定"

    return judge


def test_figures_agree_with_an_independent_recomputation_and_the_bridge_adds_up(district: Path) -> None:
    version = scoping.add_example()
    rules = ("纳入,23,,", "部分纳入,61,,", "部分纳入,R,,", "关键词,演出|民宿|展览,,", "排除词,餐饮,,", "排除,9020,,")
    other = scoping.add(a_list("印刷与住宿", "2", *rules), "o.csv")
    snapshot = snapshots.publish()
    everything = {k: f.value for k, f in queries.figures(snapshot).items()}
    texts = dict(Enterprise.objects.values_list("key", "scope"))
    outcomes = dict(Decision.objects.values_list("enterprise__key", "outcome"))
    for each in (version, other):
        v = values(each.digest, snapshot)
        rows = queries.trace(f"scope.{each.digest[:10]}.judged", snapshot).to_pylist()
        assert len(rows) == v["judged"] == everything["units.analysed"] > 200
        assert len({r["key"] for r in rows}) == len(rows)
        # R is a section: the oracle reads it as its divisions 86—90.
        text = scoping.raw_file(each).decode().replace("部分纳入,R,,", "\n".join(f"部分纳入,{d},," for d in range(86, 91)))
        judge = oracle(text)
        n: Counter[tuple[str, str]] = Counter()
        for row in rows:
            answers = {judge(c, texts[row["key"]]) for c in row["codes"].split("|") if c}
            answer = answers.pop() if len(answers) == 1 else "待核定"
            assert row["answer"] == answer, row
            national = {"全部计入类": "文化", "部分计入类": "文化", "非文化": "非文化"}.get(outcomes[row["key"]], "待核定")
            n[national, answer] += 1
        assert v["included"] == sum(n[x, "纳入"] for x in ("文化", "非文化", "待核定")) > 0
        assert v["pending"] == sum(n[x, "待核定"] for x in ("文化", "非文化", "待核定"))
        assert v["included"] + v["pending"] + v["excluded"] == v["judged"]
        assert v["included_code"] + v["included_text"] + v["included_person"] == v["included"]
        assert v["both"] == n["文化", "纳入"] and v["own_only"] == v["included"] - v["both"]
        assert everything["culture.identified"] == v["both"] + v["national_only"]
        assert v["national_only"] == v["national_out"] + v["national_open"]
        assert v["own_only"] == v["own_noncultural"] + v["own_unsettled"]
        for split in ("division", "major", "street"):
            assert sum(x for k, x in v.items() if k.startswith(split + ".")) == v["included"], split
        assert sum(x for k, x in v.items() if k.startswith("cross.")) == v["judged"]
        lines = scope_queries.bridge(each)
        assert [line.value for line in lines] == [
            everything["culture.identified"], n["文化", "不纳入"], n["文化", "待核定"], n["文化", "纳入"],
            n["非文化", "纳入"], n["待核定", "纳入"], v["included"],
        ]  # fmt: skip


def test_every_count_opens_into_its_rows_and_names_its_list(district: Path) -> None:
    version = scoping.add_example()
    snapshot = snapshots.publish()
    figures = {k: f for k, f in queries.figures(snapshot).items() if k.startswith(f"scope.{version.digest[:10]}.")}
    assert len(figures) > 20
    for name, figure in figures.items():
        assert "文化旅游（示例）第1版" in figure.scope, name
        if figure.kind == "count":
            assert queries.trace(name, snapshot).num_rows == figure.value, name
    assert figures[f"scope.{version.digest[:10]}.included"].scope == "区自定口径：文化旅游（示例）第1版·登记口径"
    national = queries.figures(snapshot)["culture.identified"].scope
    assert national not in {f.scope for f in figures.values()}  # unlike scopes cannot be added or divided by mistake


def test_an_old_snapshot_keeps_its_own_list(district: Path) -> None:
    bare = snapshots.latest()
    assert not [k for k in queries.figures(bare) if k.startswith("scope.")]
    assert bare.tables["scope_units"] == 0  # the table is there, with no row
    first = scoping.add(a_list("旅行", "1"), "旅行.csv")
    one = snapshots.publish()
    before = {k: f.as_dict() for k, f in queries.figures(one).items()}
    rows = queries.trace(f"scope.{first.digest[:10]}.included", one).to_pylist()
    second = scoping.add(a_list("旅行", "2", "纳入,72,,"), "旅行.csv")
    two = snapshots.publish()
    queries._cache.clear()
    assert {k: f.as_dict() for k, f in queries.figures(one).items()} == before
    assert queries.trace(f"scope.{first.digest[:10]}.included", one).to_pylist() == rows
    assert values(second.digest, two)["included"] > values(first.digest, one)["included"] > 0
    assert values(first.digest, two) == {} and values(second.digest, one) == {}
    with pytest.raises(NotFound):
        queries.trace(f"scope.{first.digest[:10]}.included", two)
    scoping.retire(second.pk)
    assert scoping.in_force()[0].version == "1"
    scoping.retire(first.pk)
    assert snapshots.publish().tables["scope_units"] == 0
    assert {k: f.as_dict() for k, f in queries.figures(one).items()} == before


def test_a_persons_class_and_a_doubtful_code(home: Path, tmp_path: Path) -> None:
    """The reviewed class stands above the registered code; a code that is no 2017 class is not used."""
    path = tmp_path / "名录.csv"
    path.write_text(
        "企业名称,统一社会信用代码,企业类型,登记状态,经营范围,行业代码,行业名称\n"
        "青禾区甲旅行社有限公司,,有限责任公司,存续,旅游服务,7291,旅行社及相关服务\n"
        "青禾区乙客栈有限公司,,有限责任公司,存续,住宿服务（不含民宿）,6110,旅游饭店\n"
        "青禾区丙客栈有限公司,,有限责任公司,存续,民宿服务；住宿,6110,旅游饭店\n"
        "青禾区丁贸易有限公司,,有限责任公司,存续,,8640,电影和影视节目发行\n",
        encoding="utf-8",
    )
    registry.import_file(path, provider="测试")
    classification.run()
    by_name = {e.name[3]: e for e in Enterprise.objects.all() if e.name}
    stage = standards.culture_of("8810")  # 文艺创作与表演
    assert stage is not None
    classification.decide(by_name["甲"].key, "全部计入类", stage.small_code, "现场核实为演出团体")
    scoping.add(a_list("旅", "1", "纳入,7291,,", "纳入,8750,,", "部分纳入,61,,", "关键词,民宿,,"), "旅.csv")
    snapshot = snapshots.publish()
    head = f"scope.{ScopeVersion.objects.get().digest[:10]}"
    rows = {r["name"][3]: r for r in queries.trace(f"{head}.judged", snapshot).to_pylist()}
    assert (rows["甲"]["codes"], rows["甲"]["code_source"]) == ("8810", "人工核定")
    assert rows["甲"]["answer"] == "不纳入"
    assert rows["乙"]["answer"] == "待核定"  # what a bracket takes back is not done
    assert (rows["丙"]["answer"], rows["丙"]["settled_by"]) == ("纳入", "初步识别")
    # 8640 with this name is the 2011 edition's 电影和影视节目发行, 8750 in 2017 (public tables).
    assert (rows["丁"]["codes"], rows["丁"]["answer"], rows["丁"]["settled_by"]) == ("8750", "纳入", "登记代码")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("人工核定", "全部计入类", "0740", "7283", None, "代码", "7283"), ("7283", "人工核定")),  # 0740 has five classes
        (("人工核定", "全部计入类", "0740", None, None, "文本", None), ("7281|7282|7283|7284|7289", "人工核定")),
        (("人工核定", "非文化", None, "8810", None, "代码", "8810"), ("", "行业不明")),  # the person took the code back
        (("人工核定", "非文化", None, "5299", None, "代码", "5299"), ("5299", "登记代码")),
        (("初步识别", "非文化", None, "61", None, "文本", "6130"), ("6130", "登记代码、系统识别")),  # a coarse code made finer
        (("初步识别", "待核定", None, "8810", None, "文本", "5299"), ("8810|5299", "登记代码、系统识别")),  # they contradict
        (("初步识别", "非文化", None, None, None, "文本", "5299"), ("5299", "系统识别")),
        ((None, None, None, None, None, None, None), ("", "行业不明")),
    ],
)
def test_known_class(arguments: tuple[Any, ...], expected: tuple[str, str]) -> None:
    assert scope_units.known_class(*arguments) == expected


def test_versions_are_never_edited(home: Path) -> None:
    raw = a_list()
    first = scoping.add(raw, "口径.csv")
    assert scoping.add(raw, "另一个名字.csv").pk == first.pk and ScopeVersion.objects.count() == 1
    for changed in (a_list("研学旅游", "1", "纳入,7291,,改了说明"), a_list("研学旅游", "１", "纳入,78,,")):
        with pytest.raises(Refused, match=r"不能修改.*新的版本号"):
            scoping.add(changed, "口径.csv")
    scoping.add(a_list("文旅（试行）", "1"), "a.csv")
    with pytest.raises(Refused, match="只差全角半角"):
        scoping.add(a_list("文旅(试行)", "2"), "b.csv")
    assert scoping.raw_file(first) == raw
    verbs = list(Event.objects.filter(verb__startswith="classification.scope").values_list("verb", "payload"))
    assert [v for v, _ in verbs] == ["classification.scope.added"] * 2
    assert verbs[0][1] == {"name": "研学旅游", "version": "1", "digest": first.digest}
    assert verify_chain() is None


def test_retire_and_restore(home: Path) -> None:
    version = scoping.add(a_list(), "口径.csv")
    scoping.retire(version.pk)
    with pytest.raises(Refused, match="已经停用"):
        scoping.retire(version.pk)
    with pytest.raises(Refused, match="恢复使用"):
        scoping.add(a_list(), "口径.csv")
    assert scoping.in_force() == []
    scoping.restore(version.pk)
    with pytest.raises(Refused, match="无需恢复"):
        scoping.restore(version.pk)
    assert [s.name for s in scoping.in_force()] == ["研学旅游"]
    with pytest.raises(NotFound):
        scoping.retire(999)


def test_what_stands_on_a_day(home: Path) -> None:
    scoping.add(a_list("旅", "1", 起用日期="2024-01-01"), "1.csv")
    scoping.add(a_list("旅", "2", 起用日期="2025-01-01", 失效日期="2025-12-31", 复核日期="2025-06-30"), "2.csv")

    def states(day: date) -> dict[str, str]:
        return {s.version.version: s.state for s in scoping.standings(day)}

    assert states(date(2023, 1, 1)) == {"1": "待起用", "2": "待起用"}
    assert states(date(2024, 6, 1)) == {"1": "生效", "2": "待起用"}
    assert states(date(2025, 1, 1)) == {"1": "已被接替", "2": "生效"}
    assert states(date(2026, 1, 1)) == {"1": "已被接替", "2": "已过期"}  # an ended version does not bring the old one back
    due = {day: any(s.review_due for s in scoping.standings(day)) for day in (date(2025, 6, 29), date(2025, 6, 30))}
    assert list(due.values()) == [False, True]
    assert [s.version for s in scoping.in_force(date(2024, 6, 1))] == ["1"]


@pytest.mark.parametrize("role", list(Role))
def test_only_writers_keep_scopes(home: Path, role: Role) -> None:
    allowed = role in (Role.ADMIN, Role.EDITOR)
    user = User.objects.create_user("someone", password="correct-horse-battery", role=role)
    version = scoping.add(a_list(), "口径.csv")
    verbs = (lambda: scoping.add(a_list("另"), "x.csv", user), lambda: scoping.retire(version.pk, user), lambda: scoping.restore(version.pk, user))
    for verb in verbs:
        if allowed:
            verb()
        else:
            with pytest.raises(Refused, match="维护区自定口径需要角色：系统管理员、经办"):
                verb()
    assert ScopeVersion.objects.count() == (2 if allowed else 1)
    assert ScopeVersion.objects.get(pk=version.pk).active


def test_a_damaged_store_is_told(home: Path) -> None:
    from wenmai.office.files import store

    version = scoping.add(a_list(), "口径.csv")
    store.path_of(version.digest).write_bytes(a_list("研学旅游", "1", "纳入,R,,"))
    with pytest.raises(InputError, match="与添加时不同"):
        scoping.in_force()
    store.path_of(version.digest).unlink()
    with pytest.raises(NotFound, match="先停用该版本"):
        scoping.in_force()


def test_effect_before_adding(district: Path) -> None:
    scoping.add(a_list("旅", "1", "纳入,7291,,"), "1.csv")
    new = standards.parse_scope_list(a_list("旅", "2", "纳入,52,,"), "2.csv")
    effect = scope_queries.effect(new)
    units = pl.read_parquet(snapshots.folder(snapshots.latest().pk) / "units.parquet").filter(pl.col("excluded").is_null())
    assert sum(effect.counts.values()) == units.height
    assert all(len(effect.samples[a]) == min(20, n) for a, n in effect.counts.items())
    assert effect.previous == "旅第1版"
    moved = {(m.before, m.after): m.count for m in effect.moves}
    assert moved["纳入", "不纳入"] > 0 and moved["不纳入", "纳入"] == effect.counts["纳入"] > 0
    assert effect.bridge[-1].value == effect.counts["纳入"]
    assert ScopeVersion.objects.count() == 1  # nothing was added by looking
    scoping.add(a_list("旅", "2", "纳入,52,,"), "2.csv")
    snapshot = snapshots.publish()
    assert values(new.digest, snapshot)["included"] == effect.counts["纳入"]


def test_a_whole_column_is_judged_as_one_by_one() -> None:
    """The fast way (by distinct code, then by distinct text) and ScopeList.judge agree on every pair."""
    rules = ("纳入,R,,", "排除,88,,", "部分纳入,8810,,", "部分纳入,61,,", "纳入,6130,,", "关键词,ＶＲ|演出|民宿,,", "排除词,外卖,61,")
    scope = standards.parse_scope_list(a_list("试", "1", *rules), "x.csv")
    codes = ["8810", "8820", "R", "88", "61", "6110", "6130", "5299", "0000", "", "8810|8820", "6110|6130", "8710|9011"]
    texts = [
        None, "", "  ", "VR体验", "演出经纪（不含演出场所）", "不含演出；外卖", "住宿（不含民宿）", "民宿，外卖", "【演出】",
        "（（民宿））住宿", "民宿",
        "不包括餐饮、民宿；住宿", "民宿除外；住宿",
    ]  # fmt: skip
    pairs = [(f"k{i}-{j}", c, t) for i, c in enumerate(codes) for j, t in enumerate(texts)]
    frame = pl.DataFrame(pairs, schema=["key", "codes", "text"], orient="row")
    stated = frame.select("key", scope_units.stated(pl.col("text")).alias("stated"))
    fast = scope_units.judged(frame, scope, stated)
    assert fast["key"].to_list() == frame["key"].to_list()
    for row in fast.iter_rows(named=True):
        one = scope_units.combine([scope.judge(c, row["text"]) for c in row["codes"].split("|") if c])
        assert (row["answer"], row["by_text"], row["reason"]) == (one.answer, one.by_text, one.reason), row
    assert set(fast["answer"]) == {"纳入", "不纳入", "待核定"}
    assert fast.filter((pl.col("codes") == "8810") & (pl.col("text") == "VR体验"))["answer"].item() == "纳入"


def test_effect_without_a_snapshot_reads_the_register(home: Path, tmp_path: Path) -> None:
    registry.import_file(write_district(tmp_path / "sample", 60)[0], provider="测试")
    effect = scope_queries.effect(standards.example_scope_list())
    assert "尚无快照" in effect.basis and sum(effect.counts.values()) > 10
