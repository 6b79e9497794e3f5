"""The two verbs of the demand ledger that are more than a change of a field: closing, and handing over."""

from __future__ import annotations

from datetime import date
from typing import Any

from wenmai.base.values import InputError, Refused
from wenmai.office.people.models import Organisation
from wenmai.rooms.records import services
from wenmai.rooms.records.choices import DemandState
from wenmai.rooms.records.models import Demand


def close(demand: Demand, state: str, closed: date, result: str, actor: Any = None, version: int | None = None) -> Demand:
    """End an open demand with what came of it. A closed one is not closed again."""
    if demand.state != DemandState.OPEN:
        raise Refused("这项诉求已经办结")
    if state not in (DemandState.DONE, DemandState.EXPLAINED):
        raise InputError("请选择办理结论")
    return services.edit(demand, {"state": state, "closed": closed, "result": result.strip()}, actor, "办结", version)


def hand_over(demand: Demand, department: Organisation, reason: str, leader: str = "", due: date | None = None, actor: Any = None) -> Demand:
    """Another department becomes responsible. The term stays unless a new one is set; so does its history."""
    if demand.state != DemandState.OPEN:
        raise Refused("已办结的诉求不能转办")
    if not reason.strip():
        raise InputError("转交须写明理由")
    if demand.department_id == department.pk:
        raise InputError(f"责任部门已经是{department.name}")
    # The former leader does not stay responsible for what another department now handles.
    changes: dict[str, Any] = {"department": department, "leader": leader.strip()}
    if due is not None:
        changes["due"] = due
    return services.edit(demand, changes, actor, reason.strip())
