"""Which rules of consistency apply to a set of observations, and all of them run over it.

What belongs together is read off the observations (same indicator, subject, lane, scope, stage, period, breakdown), off the
formulas of the dictionary, and off `Links`, which names what no formula says. Pure: no Django, no I/O, no clock.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from functools import lru_cache
from itertools import combinations, pairwise, product

from wenmai.base.values.period import FLOW, POINT, Period
from wenmai.base.values.units import POINTS, RATIO, unit
from wenmai.office.figures.methods import consistency as rules
from wenmai.office.figures.methods.consistency_types import (
    ATTRIBUTES,
    ERROR,
    NOTE,
    Bounds,
    Finding,
    Links,
    Meaning,
    Observation,
    find,
    meet,
    number,
    total_of,
)
from wenmai.office.figures.methods.formula import Formula, Observed, Reference, evaluate, parse, with_item

DEPTH = 4
MOST = 64  # combinations of candidates tried for one formula


def check_table(observations: Sequence[Observation], meanings: Mapping[str, Meaning], links: Links | None = None) -> list[Finding]:
    """All findings, errors first, each once."""
    table = _Table(observations, meanings, links or Links())
    found = dict.fromkeys(
        f
        for run in (
            table.totals, table.strays, table.shares, table.classes, table.formulas, table.growths, table.growth_parts, table.pulls, table.vintages,
            table.series, table.stocks, table.forecasts, table.ranks, table.beside,
        )
        for f in run()
    )  # fmt: skip
    return sorted(found, key=lambda f: f.severity != ERROR)


@lru_cache(maxsize=2048)
def _formula(text: str, item: str) -> Formula:
    return with_item(parse(text), item)


def _whole(o: Observation) -> tuple[str, ...]:
    return o.code, o.subject, o.lane, o.scope, o.stage, o.edition


def _like(o: Observation) -> tuple[str, ...]:
    return o.code, o.lane, o.scope, o.stage, o.item, o.period.code


class _Table:
    """Observations by what they are looked up by."""

    def __init__(self, observations: Sequence[Observation], meanings: Mapping[str, Meaning], links: Links) -> None:
        self.all, self.meanings, self.links = observations, meanings, links
        self.now = [o for o in observations if not o.vintage]
        self.places: dict[tuple[str, ...], list[Observation]] = defaultdict(list)
        for o in observations:
            self.places[o.code, o.item, o.period.code, o.subject].append(o)
        self.groups: dict[tuple[str, ...], dict[str, Observation]] = defaultdict(dict)
        for o in self.now:
            self.groups[(*_whole(o), o.period.code)][o.item] = o

    def additive(self, code: str, o: Observation) -> bool:
        return bool(o.dimension) and o.dimension != POINTS and all(power > 0 for _, power in o.dimension)

    def get(self, like: Observation, code: str, period: Period | None = None, item: str | None = None) -> Observation | None:
        """The standing value of another indicator or period in the same subject, lane, scope and stage."""
        at = self.dated(code, period or like.period)
        found = [
            o for o in self.places.get((code, like.item if item is None else item, at.code, like.subject), ())
            if not o.vintage and (o.lane, o.scope) == (like.lane, like.scope) and (o.stage == like.stage or not (o.stage and like.stage))
        ]  # fmt: skip
        return max(found, key=lambda o: (o.edition, o.stage), default=None)

    def dated(self, code: str, at: Period) -> Period:
        """A stock asked for a span is that of its last day."""
        known = self.meanings.get(code)
        if known and known.kind == POINT and at.kind == FLOW:
            return Period(at.year, at.last, at.last, at.end.day)
        return at

    def axes(self, group: Mapping[str, Observation]) -> dict[str, list[Observation]]:
        found: dict[str, list[Observation]] = defaultdict(list)
        for item, o in group.items():
            if item and o.axis not in self.links.overlapping:
                found[o.axis].append(o)
        return found

    # --- totals, shares, classes --------------------------------------------------------------------------------

    def totals(self) -> Iterator[Finding]:
        for group in self.groups.values():
            total = group.get("")
            if total is None or not self.additive(total.code, total):
                continue
            for axis, parts in self.axes(group).items():
                yield from rules.parts_total(total, parts, self.links.edition(axis, (p.part for p in parts))[1])

    def strays(self) -> Iterator[Finding]:
        """A part or a total that lies apart from its table only by its lane, scope, stage or definition."""
        near: dict[tuple[str, ...], list[tuple[str, ...]]] = defaultdict(list)
        for key in self.groups:
            near[key[0], key[1], key[-1]].append(key)
        for keys in near.values():
            for mine, other in ((a, b) for a in keys for b in keys if a != b):
                home, away = self.groups[mine], self.groups[other]
                if not self.additive(mine[0], next(iter(home.values()))):
                    continue
                for axis, parts in self.axes(home).items():
                    yield from self._stray(axis, parts, home, away)

    def _stray(self, axis: str, parts: list[Observation], home: Mapping[str, Observation], away: Mapping[str, Observation]) -> Iterator[Finding]:
        theirs = self.axes(away).get(axis, [])
        total = home.get("")
        extra = [o for o in theirs if o.item not in home]
        if total is not None and extra and len(theirs) == len(extra) and (len(extra) < len(parts) or "" not in away):
            lone = [*parts, *extra]
        elif total is None and not theirs and "" in away and len(parts) > 1:
            total, lone, extra = away[""], parts, [away[""]]
        else:
            return
        value, slack = total_of(lone)
        if abs(value - total.base) <= slack + total.slack:
            yield from rules.unlike((*extra, *(o for o in (total, *lone) if o not in extra)), f"{total.called()}与其分项")

    def shares(self) -> Iterator[Finding]:
        for group in self.groups.values():
            first = next(iter(group.values()))
            known = self.meanings.get(first.code)
            if first.dimension != RATIO or known is None:
                continue
            contribution = "贡献" in known.name
            if known.kind == "结构" or self._shape(known) == "share" or contribution:
                for axis, parts in self.axes(group).items():
                    yield from rules.shares_sum(parts, self.links.edition(axis, (p.part for p in parts))[1], contribution)

    def pulls(self) -> Iterator[Finding]:
        """Points contributed by all parts add to the growth of the total."""
        for group in self.groups.values():
            first = next(iter(group.values()))
            known = self.meanings.get(first.code)
            if known is None or first.dimension != POINTS or "拉动" not in known.name:
                continue
            for axis, parts in self.axes(group).items():
                whole = self.links.edition(axis, (p.part for p in parts))[1]
                rates = [r for code in self.links.growth for r in [self.get(first, code, item="")] if r is not None]
                if whole is None or len(parts) < len(whole) or not rates:
                    continue
                value, slack = total_of(parts)
                if not meet((value - slack, value + slack), rates[0].bounds):
                    said = f"{first.period.label}{known.name}各项合计{number(value * 100, first.decimals)}个百分点，总增速{rates[0].printed()}"
                    yield find("pull_sum", ERROR, (rates[0], *parts), f"{said}：两者应相等", "请核对各项拉动点数")

    def classes(self) -> Iterator[Finding]:
        """The same breakdown in two periods next to each other."""
        series: dict[tuple[str, ...], list[list[Observation]]] = defaultdict(list)
        for group in self.groups.values():
            for axis, parts in self.axes(group).items():
                o = parts[0]
                # rates say the same of the same parts again
                if axis and len(parts) > 1 and o.code not in self.links.growth and o.code not in self.links.nominal:
                    series[o.code, o.subject, o.lane, o.scope, axis, f"{o.period.first}-{o.period.last}"].append(parts)
        for key, tables in series.items():
            tables.sort(key=lambda parts: (parts[0].period.end, parts[0].stage))
            for one, two in pairwise(tables):
                if one[0].period != two[0].period:
                    known = [self.links.edition(key[4], (o.part for o in t))[0] for t in (one, two)]
                    yield from rules.classification(one, two, (known[0], known[1]))

    # --- formulas -----------------------------------------------------------------------------------------------

    def _shape(self, known: Meaning) -> str:
        """The name of the rule a formula is checked under."""
        if not known.formula:
            return ""
        tree = parse(known.formula).tree
        two = len(tree) == 3 and tree[1][0] == tree[2][0] == "ref"
        ratio = unit(known.unit).dimension == RATIO
        if two and tree[0] == "-":
            lagged = bool(tree[2][1].lag)
            return "point_difference" if (lagged and ratio) or unit(known.unit).dimension == POINTS else "change" if lagged else "net"
        if two and tree[0] == "/":
            same = tree[1][1].code == tree[2][1].code
            return "share" if ratio and same else "ratio" if ratio else "average"
        return "contribution" if "贡献" in known.name else "pull" if "拉动" in known.name else "derived"

    def formulas(self) -> Iterator[Finding]:
        for o in self.now:
            known = self.meanings.get(o.code)
            if known and known.formula and unit(known.unit).dimension == o.dimension:
                yield from self._formula(o, known)

    def _formula(self, o: Observation, known: Meaning) -> Iterator[Finding]:
        formula = _formula(known.formula, o.item)
        refs = formula.references()
        used: list[Observation] = []
        got = self._compute(formula, o, known, lambda ref, at: self._read(ref, at, o, used, 0))
        if got is not None and meet(o.bounds, got[1]):
            return
        other = self._elsewhere(o, known, formula, refs)
        if other is not None:
            yield from self._mixed(o, known, other, refs, used, got)
        elif got is not None:
            if self._shape(known) == "point_difference" and len(used) == 2:
                yield from rules.point_difference(o, used[0], used[1])
            else:
                yield from rules.derived(o, got[0], got[1], used, known.formula, self._shape(known))

    def _compute(
        self, formula: Formula, o: Observation, known: Meaning, fetch: Callable[[Reference, Period], Observed | None]
    ) -> tuple[Fraction, Bounds] | None:  # fmt: skip
        result = evaluate(formula, unit(known.unit), o.period, fetch)
        if result.value is None or result.low is None or result.high is None:
            return None
        factor = unit(known.unit).factor
        return result.value * factor, (result.low * factor, result.high * factor)

    def _read(self, ref: Reference, at: Period, like: Observation, used: list[Observation], depth: int) -> Observed | None:
        """A reference's value in the lane, stage and scope of `like`; by its own formula when it was not published."""
        there = replace(like, scope=ref.scope or like.scope)
        found = self.get(there, ref.code, at, ref.item)
        if found is not None:
            used.append(found)
            return Observed(found.value, unit(found.unit), found.half)
        known = self.meanings.get(ref.code)
        if known is None or not known.formula or depth >= DEPTH:
            return None
        inner = replace(there, period=at, item=ref.item)
        got = self._compute(_formula(known.formula, ref.item), inner, known, lambda r, p: self._read(r, p, inner, used, depth + 1))
        if got is None:
            return None
        one = unit(known.unit).factor
        return Observed(got[0] / one, unit(known.unit), max(got[1][1] - got[0], got[0] - got[1][0]) / one)

    def _elsewhere(self, o: Observation, known: Meaning, formula: Formula, refs: Sequence[Reference]) -> list[Observation] | None:
        """Operands of another lane, scope, stage or vintage that do give the published value, the least unlike first."""
        choices = []
        for ref in refs:
            try:
                at = self.dated(ref.code, ref.period(o.period))
            except ValueError:
                return None
            rows = self.places.get((ref.code, ref.item, at.code, o.subject), [])
            kin = [x for code in self.links.kin.get(ref.code, ()) for x in self.places.get((code, ref.item, at.code, o.subject), [])]
            choices.append([*rows, *kin])
        if not all(choices):
            return None
        ways = sorted(list(product(*choices))[:MOST], key=lambda way: len(self._off(o, refs, way)))
        for way in ways:
            given = dict(zip(refs, way, strict=True))
            got = self._compute(formula, o, known, lambda ref, _, given=given: Observed(given[ref].value, unit(given[ref].unit), given[ref].half))  # type: ignore[misc]
            if got is not None and meet(o.bounds, got[1]) and self._off(o, refs, way):
                return list(way)
        return None

    def _off(self, o: Observation, refs: Sequence[Reference], way: Sequence[Observation]) -> list[str]:
        """The attributes in which operands are not what the published value says of itself."""
        found: list[str] = []
        for ref, x in zip(refs, way, strict=True):
            there = replace(o, scope=ref.scope or o.scope, vintage="", edition=x.edition)
            found += rules.differences([there, x])
        return found

    def _mixed(
        self, o: Observation, known: Meaning, way: list[Observation], refs: Sequence[Reference], used: list[Observation],
        got: tuple[Fraction, Bounds] | None,
    ) -> Iterator[Finding]:  # fmt: skip
        own = f"；按{o.scope}{'、' + o.stage if o.stage else ''}同一口径应为{o.printed(got[0])}" if got is not None else ""
        lagged = any(ref.lag for ref in refs)
        for attribute in dict.fromkeys(self._off(o, refs, way)):
            severity = NOTE if attribute in ("stage", "vintage") and lagged and got is None else ERROR
            yield find(
                f"unlike_{attribute}", severity, (o, *way, *used),
                f"{o.said()}，只有用不同{ATTRIBUTES[attribute]}的数才算得出：{'；'.join(x.said() for x in way)}{own}",
                f"分子、分母及对比期的{ATTRIBUTES[attribute]}须一致；请改数或改注{ATTRIBUTES[attribute]}",
            )  # fmt: skip

    # --- growth -------------------------------------------------------------------------------------------------

    def growths(self) -> Iterator[Finding]:
        for rate in self.now:
            level = self.links.growth.get(rate.code)
            now = self.get(rate, level) if level else None
            if now is not None:
                ups = [u for code, of in self.links.increase.items() if of == level for u in [self.get(rate, code)] if u is not None]
                yield from rules.growth(rate, now, self.get(now, now.code, now.period.years_ago()), True, ups[0] if ups else None)

    def growth_parts(self) -> Iterator[Finding]:
        """Published growth of all parts against the total's, where parts and total are known and add up."""
        for group in list(self.groups.values()):
            total = group.get("")
            rates = {**self.links.growth, **self.links.nominal}
            codes = [c for c, level in rates.items() if total is not None and level == total.code]
            if total is None or not codes or (rate := self.get(total, codes[0])) is None:
                continue
            for parts in self.axes(group).values():
                value, slack = total_of(parts)
                pairs = [(p, r) for p in parts for r in [self.get(p, codes[0])] if r is not None]
                if len(pairs) == len(parts) and abs(value - total.base) <= slack + total.slack:
                    yield from rules.growth_parts(total, rate, pairs)

    # --- over time ----------------------------------------------------------------------------------------------

    def vintages(self) -> Iterator[Finding]:
        found: dict[tuple[str, ...], list[Observation]] = defaultdict(list)
        for o in self.all:
            found[o.code, o.item, o.period.code, o.subject, o.lane, o.scope, o.edition].append(o)
        for values in found.values():
            if len(values) > 1:
                yield from rules.revised(values)

    def series(self) -> Iterator[Finding]:
        years: dict[tuple[str, ...], list[Observation]] = defaultdict(list)
        for o in self.now:
            if o.period.kind == FLOW and self.additive(o.code, o):
                years[(*_whole(o), o.item, str(o.period.year))].append(o)
        for values in years.values():
            cumulated = {o.period.last: o for o in values if o.period.first == 1}
            known = self.meanings.get(values[0].code)
            if not (known and known.signed):
                yield from rules.cumulative_falls(list(cumulated.values()))
            for o in values:
                later, earlier = cumulated.get(o.period.last), cumulated.get(o.period.first - 1)
                if o.period.first > 1 and later is not None and earlier is not None:
                    yield from rules.single_period(o, later, earlier)

    def stocks(self) -> Iterator[Finding]:
        for flow in self.now:
            for stock, (into, out) in self.links.stocks.items():
                if flow.code != into or flow.period.kind != FLOW:
                    continue
                day = flow.period.start - timedelta(days=1)
                before = self.get(flow, stock, Period(day.year, day.month, day.month, day.day))
                now, left = self.get(flow, stock), self.get(flow, out) if out else None
                if now is not None and before is not None and (left is not None or not out):
                    yield from rules.net_change(now, before, flow, left)

    def forecasts(self) -> Iterator[Finding]:
        for rate in self.now:
            if rate.code in self.links.rates:
                level, more, years = self.links.rates[rate.code]
                end = self.get(rate, level)
                if end is not None:
                    base = self.get(rate, level, rate.period.years_ago(years))
                    yield from rules.forecast(rate, end, years, base, self.get(rate, more) if more else None)

    def ranks(self) -> Iterator[Finding]:
        for claim in self.now:
            own = self.get(claim, self.links.ranks[claim.code]) if claim.code in self.links.ranks else None
            if own is not None:
                peers = [o for o in self.now if o.subject != own.subject and _like(o) == _like(own)]
                yield from rules.rank(claim, own, peers, self.links.all_peers)

    # --- one table ----------------------------------------------------------------------------------------------

    def beside(self) -> Iterator[Finding]:
        """Two indicators of unlike scope or lane broken down alike in one document."""
        pages: dict[tuple[str, ...], dict[tuple[str, ...], list[Observation]]] = defaultdict(lambda: defaultdict(list))
        for group in self.groups.values():
            for axis, parts in self.axes(group).items():
                for o in (*parts, *filter(None, [group.get("")])):
                    if o.table and self.additive(o.code, o):
                        pages[o.table, o.subject, axis, o.period.end.isoformat()][_whole(o)].append(o)
        for columns in pages.values():
            seen = set()
            for one, two in combinations(columns.values(), 2):
                a, b = one[0], two[0]
                pair = frozenset(((a.scope, a.lane), (b.scope, b.lane)))
                shared = {o.item for o in one if o.item} & {o.item for o in two if o.item}
                if a.code != b.code and len(pair) > 1 and len(shared) > 1 and pair not in seen:
                    seen.add(pair)
                    # the totals say it best
                    yield from rules.side_by_side(sorted(one, key=lambda o: o.item != ""), sorted(two, key=lambda o: o.item != ""))
