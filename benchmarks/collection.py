"""How long a batch of 30 parks' workbooks takes to come in, to be merged and to be accepted. Prints seconds; bound: import ≤ 10 s.

Run: PYTHONPATH=src python benchmarks/collection.py [parks] [lines]. It works in a home of its own that is removed at the end.
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
import time

BOUND = 10.0


def form(parks: int, lines: int) -> str:
    """A form over park indicators: `lines` lines of one flow by item (the register of parks), and two stocks with a check."""
    listed = "\n".join(f"    - {{标识: bench-{n:02d}, 名称: 基准{n:02d}园, 街道: 第{n % 5}街}}" for n in range(parks))
    asked = "\n".join(
        f"  - {{编号: C{n:02d}, 名称: 营业收入{n:02d}, 指标: PK05, 分项: 园区=b{n:02d}, 单位: 万元, 来源类: 本办监测口径, 口径: 园区}}"
        for n in range(lines - 2)
    )
    return f"""标识: bench
类别: 园区管理记录
名称: 基准表
频率: 季度
截止: 期后15日
用途: 测量
填报对象:
  类别: 园区
  名单:
{listed}
行:
  - {{编号: A01, 名称: 可租面积, 指标: LETTABLE_AREA, 单位: 平方米, 来源类: 本办监测口径, 口径: 园区, 时点: 是}}
  - {{编号: A02, 名称: 已租面积, 指标: LET_AREA, 单位: 平方米, 来源类: 本办监测口径, 口径: 园区, 时点: 是}}
{asked}
校核:
  - {{式: A01 >= A02}}
  - {{式: "变动(C00@上年同期) <= 50%", 级别: 说明}}
"""


def main() -> int:
    parks, lines = int(sys.argv[1]) if len(sys.argv) > 1 else 30, int(sys.argv[2]) if len(sys.argv) > 2 else 30
    with tempfile.TemporaryDirectory() as home:
        os.environ["WENMAI_HOME"], os.environ["DJANGO_SETTINGS_MODULE"] = home, "wenmai.web.settings"
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        return measure(parks, lines)


def measure(parks: int, lines: int) -> int:
    import openpyxl

    from wenmai.office.figures import definitions
    from wenmai.office.figures.models import Fact
    from wenmai.rooms.collection import filing, forming, handing, merging, sheets

    definitions.install_shipped()
    forming.take_in(form(parks, lines))
    issued = forming.issue("bench", "2026Q3")
    files = []
    for number, report in enumerate(issued.returns.select_related("round__form")):
        book = openpyxl.load_workbook(io.BytesIO(sheets.template(report, {})))
        page = book[sheets.SHEET]
        for row in range(sheets.FIRST, sheets.FIRST + lines):
            page.cell(row, sheets.VALUE).value = 100000 - 10 * row + number
        out = io.BytesIO()
        book.save(out)
        files.append((f"{report.name}.xlsx", out.getvalue()))
    start = time.perf_counter()
    came = handing.take_many(files)
    took = time.perf_counter() - start
    bad = [c for c in came if c.state != "已报"]
    print(f"import of {parks} workbooks × {lines} lines: {took:.2f} s (bound {BOUND:.0f} s), not handed in: {len(bad)}")
    for c in bad[:3]:
        print("  ", c.name, c.state, c.words)
    start = time.perf_counter()
    data = merging.book(merging.merge(issued.pk))
    print(f"one-click merge: {time.perf_counter() - start:.2f} s, {len(data) / 1000:.0f} KB")
    start = time.perf_counter()
    for report in issued.returns.all():
        filing.accept(report.pk, 1)
    print(f"acceptance of all: {time.perf_counter() - start:.2f} s, {Fact.objects.count()} facts")
    return 1 if bad or took > BOUND else 0


if __name__ == "__main__":
    raise SystemExit(main())
