"""Whether a figure as printed now is confirmed: a confirmation holds for exactly its value and its snapshot."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

CONFIRMED, UNCHANGED, CHANGED, OPEN = "已确认", "待续认", "待重新确认", "未确认"
ABOUT = {
    CONFIRMED: "数值和快照与确认时一致",
    UNCHANGED: "快照已更新，数值与确认时相同",
    CHANGED: "快照已更新，数值与确认时不同",
    OPEN: "还没有人确认",
}


@dataclass(frozen=True)
class State:
    """The state of one figure and the confirmation that it rests on: the highest step, the latest of it."""

    state: str
    confirmation: Any = None

    @property
    def confirmed(self) -> bool:
        return self.state == CONFIRMED


def state(printed: str, digest: str, confirmations: Iterable[Any]) -> State:
    """`confirmations`: those of one figure that stand (value, snapshot_digest, step, pk), in any order."""
    standing = sorted(confirmations, key=lambda c: (c.step, c.pk), reverse=True)
    for wanted, name in (((True, True), CONFIRMED), ((True, False), UNCHANGED)):
        for c in standing:
            if (c.value == printed, c.snapshot_digest == digest) == wanted:
                return State(name, c)
    return State(CHANGED, max(standing, key=lambda c: c.pk)) if standing else State(OPEN)
