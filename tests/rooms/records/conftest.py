"""Two streets with a park and enterprises each, and people of the office, a street and an operator."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache

from wenmai.office.people.models import Organisation, OrgKind, Role, User
from wenmai.rooms.classification.models import Decision, Outcome
from wenmai.rooms.records import services
from wenmai.rooms.records.kinds import kinds
from wenmai.rooms.registry.models import Enterprise

FIRMS = (  # key, name, street, park, decision
    ("k1", "青禾区映山红图书有限公司", "文昌街道", "东园", Outcome.WHOLE), ("k2", "青禾区云上动漫有限公司", "文昌街道", "东园", Outcome.PARTIAL),
    ("k3", "青禾区宏达建材有限公司", "文昌街道", None, Outcome.NO), ("k4", "青禾区听涛演艺有限公司", "河东街道", "西园", Outcome.WHOLE),
    ("k5", "青禾区待定科技有限公司", "河东街道", "西园", Outcome.PENDING),
)  # fmt: skip


@pytest.fixture(autouse=True)
def _clean(home: Path) -> None:
    cache.clear()


@pytest.fixture
def world(db: None) -> SimpleNamespace:
    """Parks 东园 (P1, 文昌街道) and 西园 (P2, 河东街道); two units of 100 and 300 ㎡ each."""
    for n, (key, name, street, park, outcome) in enumerate(FIRMS):
        firm = Enterprise.objects.create(key=key, name=name, street=street, park=park, credit_code=f"9111000000000000{n}X", registered_on=date(2015, 1, 1))
        Decision.objects.create(enterprise=firm, outcome=outcome, decided_by="人工核定", small_code="0111", model_version="t", gbt_code="8890")
    office = Organisation.objects.create(name="区文创办", kind=OrgKind.OFFICE)
    street = Organisation.objects.create(name="文昌街道办", kind=OrgKind.STREET, area="文昌街道")
    operator = Organisation.objects.create(name="西园运营公司", kind=OrgKind.OPERATOR, area="西园")
    people = {
        "editor": User.objects.create_user("editor", role=Role.EDITOR, organisation=office),
        "reader": User.objects.create_user("reader", role=Role.READER, organisation=office),
        "street": User.objects.create_user("street", role=Role.EDITOR, organisation=street),
        "operator": User.objects.create_user("operator", role=Role.READER, organisation=operator),
    }  # fmt: skip
    found: dict[str, Any] = {"units": {}, "parks": {}}
    for code, name, where in (("P1", "东园", "文昌街道"), ("P2", "西园", "河东街道")):
        park = services.create(kinds()["parks"], {"code": code, "name": name, "street": where, "opened": date(2020, 1, 1)})
        building = services.create(kinds()["buildings"], {"park": park, "name": "1号楼"})
        found["parks"][code] = park
        found["units"][code] = [
            services.create(kinds()["units"], {"building": building, "number": str(n), "area": Decimal(area)}) for n, area in ((101, 100), (102, 300))
        ]  # fmt: skip
    return SimpleNamespace(**found, people=people, office=office, street=street, operator=operator)


@pytest.fixture
def make(world: SimpleNamespace) -> Any:
    """make("leases", unit=…, key=…, name=…, since=…) as the command line."""

    def create(slug: str, **values: Any) -> Any:
        return services.create(kinds()[slug], values)

    return create
