"""`make acceptance`, second part: published tables entered as facts, and what the checks of consistency say of them.

Prints every known inconsistency (design notes §2.3 and the data README) → found or not, with the sentence; then what share
of planted inconsistencies is caught, and false alarms on clean tables. Everything goes through `facts.record`.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
import tempfile
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

BY_REGION = {"东部地区", "中部地区", "西部地区", "东北地区"}
BY_TYPE = {"文化制造业", "文化批发和零售业", "文化批发零售业", "文化批零业", "文化服务业"}
BY_FIELD = {"文化核心领域", "文化相关领域"}
EXTRA = (
    ("REV_UP", "营业收入比上年增加额", "亿元", "时期", ""), ("GVA", "GVA（百万英镑，按原数录入）", "百万元", "时期", ""),
    ("EXPORTS", "出口（百万英镑，按原数录入）", "百万元", "时期", ""), ("EMP", "就业人数", "人", "时点", ""),
    ("STAFF", "从业人员", "人", "时点", ""), ("PROFIT_ALL", "全口径利润总额", "亿元", "时期", "SC15{规上} + PROFIT_BELOW{规下}"),
    ("PROFIT_BELOW", "规下利润总额", "亿元", "时期", ""), ("TALENT", "人才总量（预测）", "人", "时点", ""),
    ("TALENT_UP", "人才增加量（预测）", "人", "时点", ""), ("TALENT_RATE", "人才年均增速（预测）", "%", "比率", ""),
)  # fmt: skip


def item(name: str) -> str:
    axis = "地区" if name in BY_REGION else "类型" if name in BY_TYPE else "领域" if name in BY_FIELD else "大类"
    return "" if name in ("总计", "") else f"{axis}={name}"


def open_house(home: str) -> None:
    os.environ.update(WENMAI_HOME=home, DJANGO_SETTINGS_MODULE="wenmai.web.settings")
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from wenmai.office.figures import definitions

    definitions.install_shipped()
    blank: dict[str, Any] = {"group": "规模", "tier": "base", "owner": "", "frequency": "年度", "sources": "", "scope": "", "lanes": [], "stages": []}
    blank |= {"items": [], "note": ""}
    rows = [{**blank, "code": c, "name": n, "definition": n, "unit": u, "kind": k, "formula": f} for c, n, u, k, f in EXTRA]
    definitions.install(rows, "replays")


class Book:
    """Facts by document; `enter` records each document once, as one source with a slip."""

    def __init__(self) -> None:
        self.pages: dict[str, list[Any]] = defaultdict(list)
        self.refused: list[str] = []

    def put(self, page: str, key: str, code: str, when: str, value: Any, unit: str, scope: str = "规上", what: str = "", **more: Any) -> None:
        from wenmai.office.figures.facts import NewFact
        from wenmai.office.figures.models import Lane

        lane = more.pop("lane", Lane.BUREAU)
        self.pages[page].append(NewFact("area", key, code, when, value, unit, lane, scope, what, name=key, **more))

    def enter(self) -> int:
        from wenmai.office.figures import facts
        from wenmai.office.figures.models import Source

        count = 0
        for page, rows in self.pages.items():
            outcome = facts.record(rows, Source.objects.create(provider=page[:120], slip_digest="0" * 64))
            count += outcome.counts["新增"] + outcome.counts["更正"]
            self.refused += [f"{r.code} {r.when} {r.item}：{why}" for r, (word, why) in zip(rows, outcome.rows, strict=True) if word == "退回"]
        return count


# benchmarks.csv: (metric, scope there) → (code, scope here)
METRICS = {
    ("增加值", "all"): ("SC09", "全口径"), ("增加值占GDP比重", "all"): ("SC10", "全口径"), ("企业数", "规上"): ("SC04", "规上"),
    ("企业数", "四上"): ("SC04", "四上"), ("营业收入", "规上"): ("SC06", "规上"), ("增速", "规上"): ("SC08", "规上"),
    ("营收增速", "规上"): ("SC08", "规上"),
    ("资产总计", "规上"): ("SC14", "规上"), ("利润总额", "规上"): ("SC15", "规上"), ("营业收入利润率", "规上"): ("SC16", "规上"),
    ("新业态16小类营业收入", "规上"): ("ST04", "规上"), ("营业收入", "all"): ("SC07", "全口径"), ("利润总额", "all"): ("PROFIT_ALL", "全口径"),
    ("规上利润", "all"): ("SC15", "规上"), ("规下利润", "all"): ("PROFIT_BELOW", "规下"), ("规上R&D经费", "all"): ("SC22", "规上"),
    ("规上R&D人员", "all"): ("RD_STAFF", "规上"), ("法人单位", "all"): ("SC03", "全口径"), ("经营性法人单位", "all"): ("SC03", "全口径"),
    ("公益性法人单位", "all"): ("SC03", "全口径"), ("个体经营户", "all"): ("SC02", "全口径"), ("法人单位从业人员", "all"): ("STAFF", "全口径"),
    ("从业人员(合计)", "all"): ("STAFF", "全口径"), ("入驻企业", "park"): ("TENANTS", "园区"), ("入驻文化企业", "park"): ("TENANTS_CULTURE", "园区"),
    ("文化企业收入", "park"): ("PK05", "园区"), ("税收", "park"): ("PK06", "园区"), ("户均收入", "park"): ("PK05R", "园区"),
}  # fmt: skip
CENSUS_KINDS = {"经营性法人单位": "类别=经营性", "公益性法人单位": "类别=公益性"}


def benchmarks(book: Book, path: Path) -> list[str]:
    """The rows that have an indicator in the dictionary; returns what was left out."""
    from wenmai.office.figures.models import Entry, Lane

    points = {"SC04", "SC03", "SC02", "SC14", "STAFF", "TENANTS", "TENANTS_CULTURE"}
    staged, left = {"SC09", "SC10"}, []
    assert Entry.objects.filter(code__in={c for c, _ in METRICS.values()}).count() == len({c for c, _ in METRICS.values()})
    for r in csv.DictReader(path.open(encoding="utf-8-sig")):
        name, _, part = r["metric"].partition(":")
        known = METRICS.get((name, r["scope"]))
        if known is None or r["year"] == "2014":
            left.append(f"{r['region']} {r['year']} {r['metric']}")
            continue
        code, scope = known
        when = r["year"] + ("H1" if r["period"] == "H1" else "")
        if code in points:
            when = f"{r['year']}-{'06-30' if r['period'] == 'H1' else '12-31'}"
        later = code in staged and ("revised after" in r["note"] or r["source"] == "N23")
        stage = ("普查修订" if later else "最终核实" if r["source"] == "GD22" else "初步核算") if code in staged else ""
        lane = Lane.MONITOR if scope == "园区" else Lane.BUREAU
        # the table writes a mean without its denominator, and 个 for enterprises
        unit = {("SC04", "个"): "家", ("PK05R", "万元"): "万元/家"}.get((code, r["unit"]), r["unit"])
        part = CENSUS_KINDS.get(name) or item(part.replace("文化批发零售业", "文化批发和零售业").replace("文化批零业", "文化批发和零售业"))
        page = r["source"] + ("（合计）" if name == "从业人员(合计)" else "")
        book.put(page, r["region"], code, when, r["value"], unit, scope, part, stage=stage, lane=lane)
    return left


def typed(book: Book) -> None:
    """Figures of the same sources that the table does not carry; the page is named in sources.csv or beside."""
    # N24: the release's own increase; N24A: new formats "31 %" of all units (design notes §2.3)
    book.put("N24", "全国", "REV_UP", "2024", "8046", "亿元")
    book.put("N24A", "全国", "ST04R", "2024", "31", "%", "全口径")
    # NBS release of 2024-01-30 on 2023, as printed by www.zxhsd.com/hyzx/2024/02/22/2024022200003.shtml
    for name, value, rate in (
        ("", "129515", "8.2"), ("文化制造业", "40962", "0.6"), ("文化批发和零售业", "20814", "6.1"), ("文化服务业", "67739", "14.1"),
        ("新闻信息服务", "17243", "15.5"), ("内容创作生产", "28262", "10.7"), ("创意设计服务", "21249", "8.7"), ("文化传播渠道", "14797", "11.9"),
        ("文化投资运营", "669", "24.4"), ("文化娱乐休闲服务", "1758", "63.2"), ("文化辅助生产和中介服务", "15468", "0.4"),
        ("文化装备生产", "6282", "-2.6"), ("文化消费终端生产", "23787", "3.3"),
    ):  # fmt: skip
        book.put("2023年发布", "全国", "SC06", "2023", value, "亿元", what=item(name))
        book.put("2023年发布", "全国", "SC08", "2023", rate, "%", what=item(name))
    # N23: "0.17 up"
    book.put("N23", "全国", "SC12", "2023", "0.17", "个百分点", "全口径", stage="普查修订")
    # GD22, table 1 and text
    for name, rate, share in (("", "4.6", ""), ("文化制造业", "-13.2", "17.1"), ("文化批发和零售业", "11.7", "46.6"), ("文化服务业", "6.2", "36.3")):
        book.put("GD22", "官渡区", "SC11", "2022", rate, "%", "全口径", item(name), stage="最终核实")
        if share:
            book.put("GD22", "官渡区", "ST03V", "2022", share, "%", "全口径", item(name), stage="最终核实")
    # WZ23 (梧州, first half 2023)
    for code, when, name, value, unit in (
        ("SC06", "2023H1", "", "65.18", "亿元"), ("SC08", "2023H1", "", "186.1", "%"), ("SC06", "2023Q1", "", "29.18", "亿元"),
        ("SC06", "2023Q2", "", "36", "亿元"), ("SC06", "2023H1", "文化核心领域", "61.61", "亿元"), ("SC08", "2023H1", "文化核心领域", "232.3", "%"),
        ("ST06", "2023H1", "文化核心领域", "189.1", "个百分点"), ("ST05", "2023H1", "文化核心领域", "101.6", "%"),
        ("SC06", "2023H1", "文化服务业", "58.55", "亿元"), ("SC08", "2023H1", "文化服务业", "273", "%"),
        ("ST06", "2023H1", "文化服务业", "188.1", "个百分点"), ("SC06", "2023H1", "文化制造业", "4.53", "亿元"),
        ("SC08", "2023H1", "文化制造业", "-11.5", "%"), ("SC06", "2023H1", "文化批发和零售业", "2.09", "亿元"),
        ("SC08", "2023H1", "文化批发和零售业", "6.7", "%"), ("ST04", "2023H1", "", "57.48", "亿元"), ("ST04R", "2023H1", "", "88.2", "%"),
        ("SC04", "2023-06-30", "文化核心领域", "25", "家"),
    ):  # fmt: skip
        book.put("WZ23", "梧州", code, when, value, unit, what=item(name))
    # CSJ: +47.6 to 104.75 (10 thousand persons) by 2030, "7.57 % a year"; ten years, as the notes' own 6.2 % takes it
    for code, value, unit in (("TALENT", "104.75", "万人"), ("TALENT_UP", "47.6", "万人"), ("TALENT_RATE", "7.57", "%")):
        book.put("CSJ", "长三角", code, "2030-12-31", value, unit, "预测")


def tables(book: Book, folder: Path) -> None:
    """The published tables under economic_tables."""
    for r in csv.DictReader((folder / "nbs_culture_above_scale_revenue.csv").open(encoding="utf-8-sig")):
        page = f"国家统计局{r['年份']}"
        book.put(page, "全国", "SC06", r["年份"], r["营业收入_亿元"], "亿元", what=item(r["项目"]))
        book.put(page, "全国", "SC08", r["年份"], r["比上年增长_百分比"], "%", what=item(r["项目"]))
    for code, name, column in (("GVA", "dcms_GVA_by_sector_2016.csv", "GVA"), ("EXPORTS", "dcms_exports_by_sector_2016.csv", "exports")):
        for r in csv.DictReader((folder / name).open(encoding="utf-8-sig")):
            if r["sector"] != "UK":  # the whole economy: the sectors are no parts of it
                value = r[column].removesuffix(".0")
                book.put("DCMS 2016", "UK", code, r["year"], value, "百万元", "DCMS", "" if r["sector"] == "all_dcms" else f"sector={r['sector']}")
    for r in csv.DictReader((folder / "reat_Goettingen.csv").open(encoding="utf-8-sig")):
        for column, value in r.items():
            if column[:1] in "GB" and column[-4:].isdigit():
                what = "" if r["WZ2008_Code"] == "A-R" else f"section={r['WZ2008_Code']}"
                book.put("REAT", column[:-4], "EMP", f"{column[-4:]}-12-31", str(int(float(value))), "人", "社保就业", what)


# (what the notes say, subject, rule, what the figures involved must include)
KNOWN: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("§2.3 规上新业态除以全口径营收（31%）", "全国", "unlike_scope", ("ST04R 2024", "ST04 2024", "SC07 2024")),
    ("§2.3 官渡：四上单位数与全口径增加值并列", "官渡区", "side_by_side", ("SC04 2022-12-31", "SC09 2022")),
    ("§2.3 人才预测年均7.57%，首末两年为6.2%", "长三角", "forecast_rate", ("TALENT_RATE 2030-12-31", "TALENT 2030-12-31")),
    ("§2.3 2022年占比4.46%修订为4.42%", "全国", "revised", ("SC10 2022",)),
    ("§2.3 2024年自身增加额推出基数133,464", "全国", "comparable_base", ("REV_UP 2024", "SC06 2024", "SC06 2023")),
    ("§2.3 2018年从业人员两个数", "全国", "two_values", ("STAFF 2018-12-31",)),
    ("README 2016年用2012年分类", "全国", "classification_changed", ("SC06 2016", "SC06 2018")),
    ("README 2018年大类不全", "全国", "items_missing", ("SC06 2018",)),
    ("README 2019年大类不全", "全国", "items_missing", ("SC06 2019",)),
    ("README 2019年86,624＜89,257而+7.0%", "全国", "comparable_base", ("SC08 2019", "SC06 2019", "SC06 2018")),
    *((f"README DCMS {y} 增加值分项交叉", "UK", "parts_exceed", (f"GVA {y}",)) for y in range(2010, 2016)),
    *((f"README DCMS {y} 出口分项交叉", "UK", "parts_exceed", (f"EXPORTS {y}",)) for y in range(2010, 2015)),
    *((f"README 哥廷根 {y} 合计≠分项", "Goettingen", "parts_short", (f"EMP {y}-12-31",)) for y in range(2008, 2018)),
)  # fmt: skip
QUIET = (("§2.3 2024上半年九大类64,960对64,961（取整，不应报）", "全国", ("parts_exceed", "parts_short", "items_missing"), "SC06 2024H1"),)


def published(shared: Path) -> bool:
    """Enter the published tables, run the checks, print what of the known list was found."""
    from wenmai.office.figures.consistency_queries import check_facts, default_links
    from wenmai.office.figures.models import Fact

    book = Book()
    left = benchmarks(book, shared / "data/domain/benchmarks.csv")
    typed(book)
    tables(book, shared / "data/real/economic_tables")
    count = book.enter()
    print(f"\n## 公布数\n\n录入 {count} 条事实，退回 {len(book.refused)} 条；benchmarks.csv 未录入 {len(left)} 行（词典没有相应指标或不是本表口径）")
    for line in book.refused:
        print("  退回", line)
    links = replace(default_links(), increase={"REV_UP": "SC06"}, rates={"TALENT_RATE": ("TALENT", "TALENT_UP", 10)})
    found = {key: check_facts("area", key, links=links) for key in {f.key for rows in book.pages.values() for f in rows}}
    names = {str(f.pk): f"{f.definition.entry_id} {f.period}" for f in Fact.objects.select_related("definition")}
    ok, used = True, set()
    print("\n| 已知问题 | 结果 | 说法 |\n|---|---|---|")
    for what, key, rule, needed in KNOWN:
        hits = [f for f in found[key] if f.rule == rule and set(needed) <= {names[o] for o in f.observations}]
        # the finding on the total says it best
        hits.sort(key=lambda f: len(f.observations))
        ok &= bool(hits)
        used |= set(hits)
        print(f"| {what} | {'找到' if hits else '未找到'} | {hits[0].sentence if hits else '—'} |")
    for what, key, rules, needed_one in QUIET:
        hits = [f for f in found[key] if f.rule in rules and needed_one in {names[o] for o in f.observations}]
        ok &= not hits
        print(f"| {what} | {'误报' if hits else '未报'} | {hits[0].sentence if hits else '—'} |")
    rest = [(key, f) for key, rows in sorted(found.items()) for f in rows if f not in used]
    print(f"\n清单之外另有 {len(rest)} 条：", dict(Counter(f"{f.rule}/{f.severity}" for _, f in rest)))
    for key, f in [r for r in rest if r[1].rule != "comparable_base"]:
        print(f"  {key} {f.rule} {f.severity}：{f.sentence[:230]}")
    print(f"无任何提示的对象：{'、'.join(sorted(k for k, rows in found.items() if not rows))}")
    return ok


def planted(clean_count: int, planted_count: int, seed: int) -> bool:
    """Random consistent tables: false alarms; then one planted inconsistency in each of as many others."""
    from replay_tables import PLANTS, clean

    from wenmai.office.figures import facts
    from wenmai.office.figures.consistency_queries import check_facts
    from wenmai.office.figures.models import Fact, Source

    sources = {name: Source.objects.create(provider=name, slip_digest="0" * 64) for name in ("规上简报", "核算资料", "监测报表")}

    def enter(table: dict[str, list[Any]]) -> dict[tuple[str, int], tuple[str, str]]:
        said = {}
        for document, rows in table.items():
            outcome = facts.record(rows, sources[document])
            said.update({(document, i): word for i, word in enumerate(outcome.rows)})
        return said

    alarms: Counter[str] = Counter()
    noisy = checked = 0
    for n in range(clean_count):
        table = clean(Random(f"{seed} clean {n}"), f"c{n}")
        said = enter(table)
        assert all(word == "新增" for word, _ in said.values()), [w for w in said.values() if w[0] != "新增"][:2]
        found = check_facts("area", f"c{n}")
        checked += len(said)
        noisy += bool(found)
        alarms.update(f.rule for f in found)
        if found and noisy <= 5:
            print(f"  误报：{found[0].rule} {found[0].sentence[:200]}")
    tried: Counter[str] = Counter()
    caught: Counter[str] = Counter()
    gate: Counter[str] = Counter()
    rules: dict[str, Counter[str]] = defaultdict(Counter)
    names = list(PLANTS)
    for n in range(planted_count):
        rng, kind = Random(f"{seed} planted {n}"), names[n % len(names)]
        table, touched = PLANTS[kind](rng, clean(rng, f"p{n}"))
        said = enter(table)
        tried[kind] += 1
        if any(said[place][0] == "退回" for place in touched):
            gate[kind] += 1
            caught[kind] += 1
            continue
        wanted = {(f.code, f.when, f.item) for document, i in touched for f in [table[document][i]]}
        marks = {
            str(f.pk) for f in Fact.objects.filter(subject__key=f"p{n}").select_related("definition")
            if (f.definition.entry_id, f.period, f.item) in wanted
        }  # fmt: skip
        assert marks, (kind, wanted)
        hits = [f for f in check_facts("area", f"p{n}") if marks & set(f.observations)]
        caught[kind] += bool(hits)
        rules[kind].update({f.rule for f in hits})
    print(f"\n## 随机表（种子 {seed}）\n")
    print(f"一致的表 {clean_count} 张（{checked} 个数）：有误报的 {noisy} 张，{noisy / clean_count:.1%}，{dict(alarms)}")
    print("\n| 植入的问题 | 张数 | 查出 | 其中录入时退回 | 查出的规则 |\n|---|---|---|---|---|")
    for kind in names:
        print(f"| {kind} | {tried[kind]} | {caught[kind]} | {gate[kind]} | {'、'.join(r for r, _ in rules[kind].most_common(4))} |")
    rate = sum(caught.values()) / sum(tried.values())
    print(f"\n合计 {sum(tried.values())}，查出 {sum(caught.values())}（{rate:.1%}），其中录入时退回 {sum(gate.values())}")
    return rate >= 0.95 and noisy / clean_count <= 0.02


def main() -> None:
    """Both parts; exit 1 when a known inconsistency is missed or a rate is out of bounds."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--clean", type=int, default=200)
    parser.add_argument("--planted", type=int, default=260)
    parser.add_argument("--seed", type=int, default=20240731)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        open_house(home)
        ok = published(given.shared)
        ok &= planted(given.clean, given.planted, given.seed)
    sys.exit(not ok)


if __name__ == "__main__":
    main()
