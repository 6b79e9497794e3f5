"""Who owns an enterprise in the end: shares multiplied along the chains and added over them; cycles are reported, not
summed. And whether a new edge would close a cycle on any day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction


@dataclass(frozen=True)
class Edge:
    """`parent` holds `permille` (None unknown) of `child` from `since` to `until` (both included; None open)."""

    parent: str
    child: str
    permille: int | None
    since: date | None = None
    until: date | None = None

    def on(self, day: date) -> bool:
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


@dataclass(frozen=True)
class Closure:
    """`owners`: ultimate owner → effective share, None where a link's share is unknown or a cycle lies between.
    `controller`: the end of the chain of majority holders, None when there is none or it runs in a circle.
    `cycles`: each circle met, as the names in it, smallest first."""

    owners: dict[str, Fraction | None]
    controller: str | None
    cycles: tuple[tuple[str, ...], ...]


def closure(edges: Iterable[Edge], target: str, day: date) -> Closure:
    """Of one enterprise on a day. An ultimate owner is one whose own owners are not known."""
    up: dict[str, list[Edge]] = {}
    for edge in edges:
        if edge.on(day):
            up.setdefault(edge.child, []).append(edge)
    circles = _circles(up, target)
    inside = {name for circle in circles for name in circle}
    owners = _owners(up, target, inside)
    owners.pop(target, None)
    return Closure(owners, _controller(up, target), tuple(circles))


def _owners(up: dict[str, list[Edge]], target: str, inside: set[str]) -> dict[str, Fraction | None]:
    """Roots above the target with their shares: nodes in an order in which every child comes before its parents, so each
    is passed on once. Nodes of a circle are passed on with an unknown share."""
    order, reached = _order(up, target), {target: Fraction(1)}
    share: dict[str, Fraction | None] = dict(reached)
    roots: dict[str, Fraction | None] = {}
    for node in order:
        own = None if node in inside else share.get(node, Fraction(0))
        if node not in up:
            roots[node] = own
            continue
        for edge in up[node]:
            part = None if own is None or edge.permille is None else own * Fraction(edge.permille, 1000)
            before = share.get(edge.parent, Fraction(0))
            share[edge.parent] = None if part is None or before is None else before + part
    return roots


def _order(up: dict[str, list[Edge]], target: str) -> list[str]:
    """Everything above the target, children first (reverse post-order of a walk upwards; without recursion)."""
    seen, done = {target}, []
    stack: list[tuple[str, int]] = [(target, 0)]
    while stack:
        node, at = stack.pop()
        parents = up.get(node, [])
        if at < len(parents):
            stack.append((node, at + 1))
            parent = parents[at].parent
            if parent not in seen:
                seen.add(parent)
                stack.append((parent, 0))
        else:
            done.append(node)
    return done[::-1]


def _above(up: dict[str, list[Edge]], start: str) -> set[str]:
    seen: set[str] = set()
    stack = [start]
    while stack:
        for edge in up.get(stack.pop(), []):
            if edge.parent not in seen:
                seen.add(edge.parent)
                stack.append(edge.parent)
    return seen


def _circles(up: dict[str, list[Edge]], target: str) -> list[tuple[str, ...]]:
    """Groups of two or more that own each other (or one that owns itself), among those above the target and itself."""
    nodes = sorted(_above(up, target) | {target})
    above = {n: _above(up, n) for n in nodes}
    groups = {tuple(m for m in nodes if m == n or (m in above[n] and n in above[m])) for n in nodes if n in above[n]}
    return sorted(groups)


def _controller(up: dict[str, list[Edge]], target: str) -> str | None:
    """Upwards along holders of more than half."""
    seen, here = {target}, target
    while True:
        major = [e for e in up.get(here, []) if e.permille is not None and e.permille > 500]
        if not major:
            return here if here != target else None
        here = major[0].parent
        if here in seen:
            return None
        seen.add(here)


def closes_cycle(edges: Sequence[Edge], new: Edge) -> date | None:
    """The first day on which `new` would close a circle, or None. A circle that exists on some day exists on the day the
    last of its edges begins, so only the days on which an edge begins are looked at."""
    if new.parent == new.child:
        return new.since or date.min
    starts = {e.since or date.min for e in [*edges, new]}
    for day in sorted(starts):
        if not new.on(day):
            continue
        up: dict[str, list[Edge]] = {}
        for edge in edges:
            if edge.on(day):
                up.setdefault(edge.child, []).append(edge)
        if new.child in _above(up, new.parent):
            return day
    return None


def over_full(edges: Sequence[Edge], new: Edge) -> date | None:
    """The first day on which the known shares of one child would exceed the whole, or None."""
    mine = [e for e in [*edges, new] if e.child == new.child]
    for day in sorted({e.since or date.min for e in mine}):
        if sum(e.permille or 0 for e in mine if e.on(day)) > 1000:
            return day
    return None
