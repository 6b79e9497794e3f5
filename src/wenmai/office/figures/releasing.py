"""The verb of tables: let one leave the office, and keep what left, so that a later one can be set beside it."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.db import transaction

from wenmai.base.values import Refused
from wenmai.base.values.period import period
from wenmai.base.values.units import unit
from wenmai.office.events import services as events
from wenmai.office.figures import permissions
from wenmai.office.figures.methods.disclosure import Rules
from wenmai.office.figures.models import FactScope, ReleasedTable
from wenmai.office.figures.tabling import Checked, check, earlier

ATTEMPTS = 3


def release(code: str, when: str, scope: str, by: str, across: str = "", rules: Rules | None = None, actor: Any = None) -> Checked:
    """Check a table against its rules and every earlier release, and keep it as released. The same table again is the same
    release. Refused when withholding cannot protect it."""
    verdict = permissions.may_release(actor)
    if not verdict[0]:
        raise Refused(verdict[1])
    span = period(when)
    for _ in range(ATTEMPTS):
        last = _newest(code, span.code, scope)
        found = check(code, when, scope, by, across, rules)  # seconds of linear programs: outside the transaction
        if not found.publishable:
            raise Refused("隐去单元格仍不能保护全部单元格，不能导出", remedy="请换较粗的分组")
        with transaction.atomic():
            events.hold()
            if _newest(code, span.code, scope) == last:
                _keep(found, span.code, actor)
                return found
    raise Refused("同一指标的表正由他人导出", remedy="请稍后再试")


def _newest(code: str, when: str, scope: str) -> int | None:
    return earlier(code, when, scope).values_list("pk", flat=True).first()


def _keep(found: Checked, when: str, actor: Any) -> None:
    factor = float(unit(found.unit).factor)
    members, shown, hidden = {}, {}, {}
    for key, cell in found.table.cells.items():
        place = found.place(key)
        members[place] = sorted(cell.shares or ())
        if key in found.found.withheld:
            hidden[place] = [x * factor for x in found.found.slack[key]]
        else:
            shown[place] = found.safe(key)
    told = {
        "definition": found.definition.pk, "period": when, "scope": found.scope, "stage": found.stage, "by": found.by, "across": found.across,
        "unit": found.unit, "min_units": found.rules.min_units, "members": members, "shown": shown, "hidden": sorted(hidden),
    }  # fmt: skip
    digest = hashlib.sha256(json.dumps(told, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
    if ReleasedTable.objects.filter(digest=digest).exists():
        return
    made = ReleasedTable.objects.create(
        definition=found.definition, scope=FactScope.objects.get(name=found.scope), period=when, stage=found.stage, by=found.by,
        across=found.across, unit=found.unit, min_units=found.rules.min_units, members=members, shown=shown, hidden=hidden, digest=digest,
        actor_name=getattr(actor, "username", None) or "命令行",
    )  # fmt: skip
    counts = {"shown": len(shown), "hidden": len(hidden), "firms": found.firms}
    events.record("figures.table.released", f"table:{made.pk}", {"indicator": found.code, "period": when, "digest": digest, **counts}, actor)
