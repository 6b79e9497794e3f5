"""The outlines of streets from a GeoJSON file: what is accepted, how names are matched, how they are drawn. No Django here."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from xml.sax.saxutils import escape

from wenmai.base.values import InputError

LIMIT = 8 * 1024 * 1024
MAX_SHAPES, MAX_POINTS = 500, 300_000
NAME_KEYS = ("name", "NAME", "Name", "名称", "街道", "街道名称", "乡镇", "XZQMC", "TOWN_NAME")
CLASSES = ("#e3eeee", "#b5d1d2", "#7eb0b2", "#4b8b8f", "#235a5d")  # light to dark, one hue: read also in grey
NONE, EDGE, INK = "#f4f1ea", "#ffffff", "#1f2933"
WIDTH, HEIGHT, MARGIN = 640, 520, 8
Ring = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Shape:
    """One street: outer rings and holes alike; the even-odd rule tells them apart."""

    name: str
    rings: tuple[Ring, ...]


def read(data: bytes) -> list[Shape]:
    """The shapes of a FeatureCollection of Polygon and MultiPolygon with a name each. Errors: InputError names the feature.

    Coordinates are degrees (WGS 84 or CGCS 2000, which differ by less than a pixel here); projected ones are refused."""
    if len(data) > LIMIT:
        raise InputError(f"地图文件 {len(data) / 1e6:.1f} MB，超过上限 {LIMIT // 1024 // 1024} MB", remedy="请先用地理信息软件简化边界")
    try:
        found = json.loads(data.decode("utf-8-sig"), parse_constant=_no_constant)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise InputError("不是 GeoJSON 文件（不能按 UTF-8 的 JSON 读出）", remedy="请导出为 GeoJSON（UTF-8）") from error
    features = found.get("features") if isinstance(found, dict) and found.get("type") == "FeatureCollection" else None
    if not isinstance(features, list) or not features:
        raise InputError("不是 FeatureCollection，或其中没有图形", remedy="请导出街道面状图层")
    if len(features) > MAX_SHAPES:
        raise InputError(f"图形 {len(features)} 个，超过上限 {MAX_SHAPES}", remedy="请只导出本区街道")
    shapes, points = [], 0
    for number, feature in enumerate(features, start=1):
        shape = _shape(feature, f"第 {number} 个图形")
        points += sum(len(r) for r in shape.rings)
        if points > MAX_POINTS:
            raise InputError(f"边界点超过上限 {MAX_POINTS:,}", remedy="请先用地理信息软件简化边界")
        shapes.append(shape)
    names = [s.name for s in shapes]
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        raise InputError(f"名称重复：{'、'.join(twice[:5])}", remedy="请把同名图形合并为 MultiPolygon")
    return shapes


def _no_constant(text: str) -> float:
    raise ValueError(text)


def _shape(feature: Any, where: str) -> Shape:
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    about = feature.get("properties") if isinstance(feature, dict) else None
    name = next((str(about[k]).strip() for k in NAME_KEYS if about.get(k)), "") if isinstance(about, dict) else ""
    if not name or len(name) > 60:
        raise InputError("没有名称，或名称过长", where=where, remedy=f"请在属性 {'、'.join(NAME_KEYS[:5])} 之一写街道名称")
    where = f"{where}（{name}）"
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in ("Polygon", "MultiPolygon"):
        raise InputError(f"图形类型 {kind} 不接受", where=where, remedy="请导出面状图层（Polygon、MultiPolygon）")
    held = geometry.get("coordinates") if isinstance(geometry, dict) else None
    parts = [held] if kind == "Polygon" else held
    if not isinstance(parts, list) or not parts or not all(isinstance(p, list) and p for p in parts):
        raise InputError("没有坐标", where=where)
    return Shape(name, tuple(_ring(ring, where) for part in parts for ring in part))


def _ring(ring: Any, where: str) -> Ring:
    if not isinstance(ring, list) or len(ring) < 4:
        raise InputError("边界少于 4 个点", where=where)
    found = []
    for point in ring:
        if not isinstance(point, list) or len(point) < 2 or any(isinstance(v, bool) or not isinstance(v, (int, float)) for v in point[:2]):
            raise InputError("坐标不是数字", where=where)
        x, y = float(point[0]), float(point[1])
        if not (-180 <= x <= 180 and -85 <= y <= 85):
            raise InputError("坐标不是经纬度", where=where, remedy="请转换为 CGCS2000 或 WGS84 经纬度后导出")
        found.append((x, y))
    if found[0] != found[-1]:
        raise InputError("边界没有闭合", where=where)
    return tuple(found)


def match(shapes: Iterable[Shape], streets: Iterable[str]) -> tuple[dict[str, str], list[str], list[str]]:
    """(shape name → street, shapes without a street, streets without a shape). By the whole name, else without its last
    words 街道, 镇, 乡, 办事处 when that is unique."""
    known = list(dict.fromkeys(streets))
    short: dict[str, list[str]] = {}
    for street in known:
        short.setdefault(core(street), []).append(street)
    pairs: dict[str, str] = {}
    shapes = list(shapes)
    exact = {s.name for s in shapes} & set(known)
    for shape in shapes:
        if shape.name in exact:
            pairs[shape.name] = shape.name
            continue
        near = [s for s in short.get(core(shape.name), []) if s not in exact]
        if len(near) == 1 and near[0] not in pairs.values():
            pairs[shape.name] = near[0]
    used = set(pairs.values())
    return pairs, [s.name for s in shapes if s.name not in pairs], [s for s in known if s not in used]


def core(name: str) -> str:
    for ending in ("街道办事处", "办事处", "街道", "镇", "乡"):
        if name.endswith(ending) and len(name) > len(ending):
            return name[: -len(ending)]
    return name


def quantiles(values: Sequence[float], classes: int = len(CLASSES)) -> list[float]:
    """Upper bounds of classes of about equal number of streets (nearest rank), rising, without repeats; the last is the
    maximum. Fewer classes where values repeat."""
    ranked = sorted(values)
    if not ranked:
        return []
    bounds = [ranked[max(1, math.ceil(len(ranked) * k / classes)) - 1] for k in range(1, classes + 1)]
    return list(dict.fromkeys(bounds))


def colour(value: float, bounds: Sequence[float]) -> str:
    """The class's colour; with fewer classes the colours are spread over the scale."""
    at = next((i for i, bound in enumerate(bounds) if value <= bound), len(bounds) - 1)
    return CLASSES[-1] if len(bounds) == 1 else CLASSES[round(at * (len(CLASSES) - 1) / (len(bounds) - 1))]


def legend(bounds: Sequence[float]) -> list[tuple[str, str]]:
    """(colour, words) of each class."""
    lows = [None, *bounds[:-1]][: len(bounds)]
    return [(colour(high, bounds), f"≤ {high:,g}" if low is None else f"{low:,g} 以上—{high:,g}") for low, high in zip(lows, bounds, strict=True)]


def draw(shapes: Sequence[Shape], values: Mapping[str, tuple[float | None, str, str]], title: str) -> str:
    """The map as one <svg>: shape name → (value or None, words, address). Equirectangular about the middle latitude: true
    enough for one district."""
    xs = [x for s in shapes for r in s.rings for x, _ in r]
    ys = [y for s in shapes for r in s.rings for _, y in r]
    squeeze = math.cos(math.radians((min(ys) + max(ys)) / 2))
    wide, tall = (max(xs) - min(xs)) * squeeze or 1e-9, (max(ys) - min(ys)) or 1e-9
    scale = min((WIDTH - 2 * MARGIN) / wide, (HEIGHT - 2 * MARGIN) / tall)
    height = tall * scale + 2 * MARGIN
    left = (WIDTH - wide * scale) / 2

    def place(x: float, y: float) -> tuple[float, float]:
        return left + (x - min(xs)) * squeeze * scale, MARGIN + (max(ys) - y) * scale

    bounds = quantiles([v for v, _, _ in values.values() if v is not None])
    areas, labels = [], []
    for shape in shapes:
        value, words, href = values.get(shape.name, (None, "没有对应的街道", ""))
        path = "".join(_path([place(x, y) for x, y in ring]) for ring in shape.rings)
        fill = NONE if value is None else colour(value, bounds)
        told = f"{escape(shape.name)}：{escape(words)}"
        area = f'<path d="{path}" fill="{fill}" fill-rule="evenodd" stroke="{EDGE}"><title>{told}</title></path>'
        areas.append(f'<a href="{escape(href, {chr(34): "&quot;"})}">{area}</a>' if href else area)
        x, y = place(*_middle(max(shape.rings, key=len)))
        dark = fill in CLASSES[3:]
        ink = "#ffffff" if dark else INK
        place_at = f'x="{x:.1f}" y="{y:.1f}" font-size="12" text-anchor="middle" pointer-events="none"'
        labels.append(f'<text {place_at} fill="{ink}">{escape(shape.name)}</text>')
    label = escape(title, {'"': "&quot;"})
    size = f'viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" height="{height:.0f}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{label}">'
    return "".join([head, *areas, *labels, "</svg>"])


def _path(points: Sequence[tuple[float, float]]) -> str:
    """Points less than half a pixel from the last are left out; the ring is closed by Z."""
    kept = [points[0]]
    for point in points[1:-1]:
        if abs(point[0] - kept[-1][0]) + abs(point[1] - kept[-1][1]) >= 0.5:
            kept.append(point)
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in kept) + "Z"


def _middle(ring: Ring) -> tuple[float, float]:
    """Centroid of a ring by its area; the mean of its points when it has none."""
    area = x = y = 0.0
    ox, oy = ring[0]
    for (x1, y1), (x2, y2) in pairwise(ring):
        cross = (x1 - ox) * (y2 - oy) - (x2 - ox) * (y1 - oy)
        area += cross
        x += (x1 + x2 - 2 * ox) * cross
        y += (y1 + y2 - 2 * oy) * cross
    if not area:
        return sum(p[0] for p in ring) / len(ring), sum(p[1] for p in ring) / len(ring)
    return ox + x / (3 * area), oy + y / (3 * area)
