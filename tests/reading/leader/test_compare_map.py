"""Comparisons set like beside like; charts draw what the table says; the map accepts outlines and nothing else."""

from __future__ import annotations

import io
import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wenmai.base.values import InputError
from wenmai.office.figures import facts
from wenmai.office.figures.models import Lane
from wenmai.office.people.models import User
from wenmai.web import map_shapes
from wenmai.web.leader import comparing
from wenmai.web.leader.charts import Bar, bars, steps

from ..conftest import CITY, DISTRICT, say

SVG = "{http://www.w3.org/2000/svg}"


def test_streets_add_up_to_the_figures(office: Any, people: dict[str, User]) -> None:
    """The lines are the snapshot's split figures: same ids, same values, largest first."""
    from wenmai.office.figures.snapshots import latest
    from wenmai.web import queries

    known = queries.figures_of(latest())[0]
    found = comparing.register(people["reader"], latest(), "street", "")
    assert {line.label: line.value for line in found.lines} == {k.removeprefix("culture.street."): f.value for k, f in known.items() if k.startswith("culture.street.")}
    assert [line.value for line in found.lines] == sorted((line.value for line in found.lines), reverse=True)  # type: ignore[type-var]
    assert "登记口径" in found.about and "测试提供单位" in found.about


def test_facts_of_two_scopes_never_stand_together(told: Any, people: dict[str, User]) -> None:
    """Two areas on the scope 规上 and one on 全口径: the two are compared, the third is counted as left out."""
    say("市统计局", facts.NewFact("area", "邻区", "SC06", "2024", "7", "亿元", Lane.BUREAU, "全口径", name="邻区"), slip=True)
    found = comparing.facts(people["reader"], DISTRICT, comparing.Wanted("SC06", "area", "2024"))
    assert [(line.label, line.value) for line in found.lines] == [(CITY, 400.0), (DISTRICT, 40.0)]
    assert "另有 1 个值" in found.why
    assert "规上" in found.about and "邻区" not in str(found.lines)


def test_units_are_brought_together(told: Any, people: dict[str, User]) -> None:
    """70,000 万元 is 7 亿元 beside values in 亿元."""
    say("市统计局", facts.NewFact("area", "邻区", "SC06", "2024", "70000", "万元", Lane.BUREAU, "规上", name="邻区"), slip=True)
    found = comparing.facts(people["reader"], DISTRICT, comparing.Wanted("SC06", "area", "2024"))
    values = {line.label: line.value for line in found.lines}
    ratio = values["邻区"] / values[CITY]  # type: ignore[operator]
    assert ratio == pytest.approx(7 / 400)


def test_a_street_compares_no_parks_of_others(told: Any, people: dict[str, User]) -> None:
    """Facts of parks are nobody's totals: a street's reader gets none (facts_for), the office's reader does."""
    new = facts.NewFact("park", "P1", "SC06", "2024", "3", "亿元", Lane.MONITOR, "园区", name="东街园")
    say("园区报送", new)
    wanted = comparing.Wanted("SC06", "park")
    assert [line.label for line in comparing.facts(people["reader"], DISTRICT, wanted).lines] == ["东街园"]
    assert comparing.facts(people["东街街道"], DISTRICT, wanted).lines == []


def test_chart_is_to_scale() -> None:
    """Bar widths are in proportion to the values, zero-based, and the whisker spans the interval on the same axis."""
    root = ET.fromstring(bars([Bar("甲", 50, "50", 40, 60), Bar("乙", 25, "25"), Bar("丙<&", None, "—（未采集）")], "题<", "家"))
    rects = [r for r in root.iter(SVG + "rect") if r.get("fill") != "#ffffff"]
    widths = [float(r.get("width") or 0) for r in rects]
    assert len(widths) == 2 and widths[0] / widths[1] == pytest.approx(2, rel=0.01)
    zero = float(rects[0].get("x") or 0)
    unit = widths[0] / 50
    whisker = next(x for x in root.iter(SVG + "line") if x.get("stroke-width") == "1.5")
    assert float(whisker.get("x1") or 0) == pytest.approx(zero + 40 * unit, abs=0.2) and float(whisker.get("x2") or 0) == pytest.approx(zero + 60 * unit, abs=0.2)
    assert "style" not in {k for e in root.iter() for k in e.attrib}  # the site's policy forbids it


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.floats(-1e9, 1e9), st.floats(0, 1e9))
def test_axis_covers_zero_and_both_ends(a: float, span: float) -> None:
    low, high = min(0.0, a), max(0.0, a + span)
    found = steps(low, high)
    assert found == sorted(found) and len(found) >= 2
    slack = 1e-6 * max(1.0, abs(low), abs(high))
    assert found[0] <= low + slack and found[-1] >= high - slack
    assert found[0] <= 0 <= found[-1]


def test_compare_page_svg_and_workbook(told: Any, client_of: Any) -> None:
    client = client_of("reader")
    query = "?what=facts&by=class&code=SC06"
    text = client.get(f"/compare/{query}").content.decode()
    assert "<svg" in text and "市统计局" in text and "style=" not in text
    answer = client.get(f"/compare/svg{query}")
    assert answer["Content-Type"] == "image/svg+xml" and answer["Content-Disposition"].startswith("attachment")
    assert ET.fromstring(answer.content).tag == SVG + "svg"
    sheet: Any = openpyxl.load_workbook(io.BytesIO(client.get(f"/compare/xlsx{query}").content)).active
    rows = [[c.value for c in row[:2]] for row in sheet.iter_rows(min_row=4)]
    assert [r[1] for r in rows] == [10, 4] and str(rows[0][0]).startswith("01")
    assert client.get("/compare/svg?what=facts&by=street&code=SC06").status_code == 404


@pytest.mark.parametrize("query", ["what=x&by=y", "what=facts&code=%00'&by=area&period=99999999", "what=facts&by=period&lane=x&scope=%F0%9F%98%80", "by=period&measure=z"])
def test_compare_bears_any_address(told: Any, client_of: Any, query: str) -> None:
    assert client_of("reader").get(f"/compare/?{query}").status_code == 200


def square(x: float, y: float, name: Any = "东街街道", key: str = "name", kind: str = "Polygon") -> dict[str, Any]:
    ring = [[x, y], [x + 1, y], [x + 1, y + 1], [x, y + 1], [x, y]]
    return {"type": "Feature", "properties": {key: name}, "geometry": {"type": kind, "coordinates": [ring] if kind == "Polygon" else [[ring]]}}


def collection(*features: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False).encode()


def test_outlines_are_read() -> None:
    found = map_shapes.read(b"\xef\xbb\xbf" + collection(square(100, 25), square(101, 25, "西街", "名称", "MultiPolygon")))
    assert [(s.name, len(s.rings), len(s.rings[0])) for s in found] == [("东街街道", 1, 5), ("西街", 1, 5)]


@pytest.mark.parametrize(("data", "word"), [
    (b"\xff\xfe", "UTF-8"), (b"{", "GeoJSON"), (b"[]", "FeatureCollection"), (collection(), "FeatureCollection"),
    (collection({"type": "Feature", "properties": {"name": "甲"}, "geometry": {"type": "Point", "coordinates": [1, 2]}}), "Point"),
    (collection(square(100, 25, "")), "没有名称"), (collection(square(100, 25), square(101, 25)), "名称重复"),
    (collection(square(40_000_000, 3_000_000)), "经纬度"), (collection(square(1, 1)).replace(b"[1, 1]]]", b"[1, 1.5]]]"), "没有闭合"),
    (collection(square(1, 1)).replace(b"[1, 1]", b"[NaN, 1]"), "GeoJSON"), (collection(square(1, 1)).replace(b"[2, 1]", b'["2", 1]'), "不是数字"),
    (collection(None, 3), "没有名称"), (b"[" * 100_000, "GeoJSON"), (b" " * (map_shapes.LIMIT + 1), "超过上限"),
])  # fmt: skip
def test_what_is_no_map_is_refused(data: bytes, word: str) -> None:
    with pytest.raises(InputError, match=word):
        map_shapes.read(data)


def test_names_match_whole_first_then_without_the_ending() -> None:
    shapes = [map_shapes.Shape(n, ()) for n in ("东街街道", "西街", "南桥镇", "荒地")]
    pairs, strangers, missing = map_shapes.match(shapes, ["东街街道", "西街街道", "南桥镇", "南桥街道", "北门乡"])
    assert pairs == {"东街街道": "东街街道", "西街": "西街街道", "南桥镇": "南桥镇"}
    assert (strangers, missing) == (["荒地"], ["南桥街道", "北门乡"])


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(st.integers(0, 50), min_size=1, max_size=60))
def test_quantile_classes(values: list[int]) -> None:
    """Bounds rise and end at the maximum; with distinct values the five classes differ in size by at most one."""
    bounds = map_shapes.quantiles(values)
    assert bounds == sorted(set(bounds)) and bounds[-1] == max(values) and len(bounds) <= 5
    colours = [map_shapes.colour(v, bounds) for v in sorted(values)]
    shades = [map_shapes.CLASSES.index(c) for c in colours]
    assert shades == sorted(shades)
    if len(set(values)) == len(values) >= 5:
        sizes = [colours.count(c) for c in map_shapes.CLASSES]
        assert max(sizes) - min(sizes) <= 1


def test_map_page(office: Any, client_of: Any, home: Path) -> None:
    """Without a file the table alone; with one a shape for each street, and what does not match is named on both sides."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    from wenmai.office.events.models import Event

    reader, editor = client_of("reader"), client_of("editor")
    text = reader.get("/map/").content.decode()
    assert "还没有街道边界文件" in text and "<path" not in text and "东街街道" in text

    def send(client: Any, data: bytes) -> Any:
        return client.post("/map/upload", {"file": SimpleUploadedFile("m.geojson", data)}, follow=True)

    good = collection(square(100, 25), square(101, 25, "荒地<b>"))
    assert send(reader, good).status_code == 403 and send(client_of("东街街道"), good).status_code == 403
    assert not (home / "map.geojson").exists()
    assert "不是 GeoJSON" in send(editor, b"{").content.decode() and not (home / "map.geojson").exists()
    text = send(editor, good).content.decode()
    assert (home / "map.geojson").read_bytes() == good
    assert text.count("<path") == 2 and "荒地&lt;b&gt;" in text and "<b>荒地" not in text
    assert "图上有、数据没有" in text and "数据有、图上没有" in text and "西街街道" in text
    assert Event.objects.get(verb="web.map.replaced").payload == {"shapes": 2, "bytes": len(good)}
    (home / "map.geojson").write_bytes(b"broken")
    text = reader.get("/map/").content.decode()
    assert "不能用" in text and "东街街道" in text
