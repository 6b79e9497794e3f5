"""The one declared table of permissions: every address × every kind of visitor, and which addresses show whose rows.

The statuses of the six office roles are the TABLE of tests/web/test_access.py, where each room adds its lines; here stand
the visitors with a part of the rows, the outside zone, and what an address shows. A new address fails until it is declared
here too. `tools/permissions_page.py` prints both into docs/roles/permissions.md.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def _load(name: str, path: Path) -> Any:
    """A test module by its file: pytest and the tool both read it without packages."""
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec and spec.loader
        sys.modules[name] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules[name]


access = _load("wenmai_test_access", ROOT / "tests/web/test_access.py")
TABLE: dict[str, tuple[str, tuple[int, ...]]] = access.TABLE
ROLES: tuple[str, ...] = access.ROLES
OK, LOGIN, NO, GONE, BAD = 200, 302, 403, 404, 400

# Visitors of the office site: who they are, and whose status in TABLE they share.
INSIDE = {
    "anonymous": ("未登录", "anonymous"), "reader": ("查阅", "reader"), "editor": ("经办", "editor"), "reviewer": ("核定员", "reviewer"),
    "auditor": ("审计员", "auditor"), "admin": ("系统管理员", "admin"), "department": ("部门·查阅", "reader"),
    "street-a": ("甲街道·查阅", "reader"), "street-b": ("乙街道·查阅", "reader"), "street-editor": ("甲街道·经办", "editor"),
    "street-auditor": ("甲街道·审计员", "auditor"),
}  # fmt: skip
SCOPED = {"street-a": "a", "street-b": "b", "street-editor": "a", "street-auditor": "a"}
OUTSIDE = {
    "enterprise-a": "甲企业", "enterprise-b": "乙企业", "operator-a": "甲园区运营方", "finance": "金融机构（甲已授权）",
    "college": "院校（未获授权）", "association": "协会（未获授权）",
}  # fmt: skip

# What an address shows of enterprises and their facts. list: rows of several owners; object: one owner's; whole: a file or
# log that holds every owner's rows, closed to who sees a part; none: no rows of enterprises.
LIST = frozenset({
    "registry:enterprises", "registry:export", "figure", "figure-export", "classification:queue", "classification:export", "facts:facts",
    "facts:export", "facts:frames", "consents", "records:parks", "records:projects", "records:demands", "records:list", "records:export",
    "job-file", "collection:round", "returns:mine",
})  # fmt: skip
OBJECT = frozenset({
    "registry:enterprise", "facts:fact", "records:park", "records:project", "records:record", "records:edit", "consent-document",
    "collection:return", "returns:fill",
})  # fmt: skip
WHOLE = frozenset({
    "classification:bridge-export", "registry:batches", "registry:batch", "registry:rows", "registry:download", "registry:undo", "facts:intake", "facts:slip", "facts:file",
    "facts:disclosure", "facts:disclosure-export", "events", "accounts", "account", "organisations", "portal:publications",
    "portal:publication", "portal:publication-file", "portal:inbox", "portal:item", "portal:item-file",
    "collection:templates", "collection:template", "collection:template-file", "collection:reports", "collection:report", "collection:cards",
    "collection:card", "collection:card-file",
})  # fmt: skip
# Shows rows when it has any; in the walk's world it has none of both owners, so only the absence of the other's is asserted.
SOMETIMES = frozenset({
    "classification:bridge", "facts:growth", "facts:value", "facts:source", "facts:consistency",
    "records:index", "records:heritage", "records:clusters", "records:history", "records:history-export", "records:alerts",
    "records:nurture", "records:nurture-export", "records:intake", "records:add", "collection:index", "collection:asks", "collection:ask",
    "returns:asked", "returns:answer", "returns:template", "collection:merge", "job", "jobs", "delegations",
    "ten", "ten-one", "ten-export", "compare", "compare-svg", "compare-xlsx", "map",
})  # fmt: skip
NONE = frozenset({
    "dashboard", "login", "login-code", "profile", "reauth", "factor", "sso", "sso-back", "figures", "facts:indicators", "facts:indicator",
    "facts:enter", "facts:import", "facts:import-template", "facts:frame-template", "classification:scopes", "classification:scope",
    "classification:scope-example", "classification:scope-file", "briefing:documents", "briefing:passages", "briefing:download",
    "briefing:confirmations", "briefing:slip", "records:template", "records:import", "collection:forms", "collection:form",
    "collection:slip", "saved", "tokens",
    # A session is no token: every address of the API but its description answers 401 here (its rows: tests/reading/api).
    "api:enterprise", "api:enterprises", "api:facts", "api:figure", "api:figure-rows", "api:figures", "api:job", "api:jobs", "api:nothing",
    "api:openapi", "api:snapshot", "api:snapshots",
})  # fmt: skip
SHOWS = {**dict.fromkeys(LIST, "列表"), **dict.fromkeys(OBJECT, "单条"), **dict.fromkeys(WHOLE, "整批"), **dict.fromkeys(SOMETIMES, "视情"),
         **dict.fromkeys(NONE, "无")}  # fmt: skip

# Where a street's status is not its role's. What is the office's alone is refused, what is another's does not exist.
STREET: dict[str, int] = {
    **dict.fromkeys(WHOLE, NO),
    **{f"collection:{verb}": NO for verb in ("issue", "remind", "upload", "accept", "send-back", "exempt", "resume", "chase", "cancel", "sign")},
    "returns:upload": NO, "job-cancel": NO,
    "job": NO, "job-file": NO, "returns:template": NO, "tokens": NO, "map-upload": NO,
    "registry:read": NO, "registry:confirm": NO, "registry:abandon": NO, "registry:upload": NO, "classification:scope-preview": NO,
    "portal:draft": NO, "portal:approve": NO, "portal:drop": NO, "portal:withdraw": NO, "portal:handle": NO,
}  # fmt: skip

# Figures are shown to everybody inside as the district's, split by park too; and a form names who is to fill it in. There
# the name of another's park may stand; the name of another's enterprise may stand nowhere.
TOTALS = frozenset({"figures", "figure", "dashboard", "briefing:download", "briefing:confirmations", "briefing:documents", "collection:form"})
# What this walk's world makes of a status that TABLE gives for another world: it has two snapshots to set beside each other.
HERE = {"classification:bridge-export": OK}

# The outside site: address → method, and the status by visitor. `login` is the way to the login page.
FIRM = {"enterprise-a": OK, "enterprise-b": OK}
OUTSIDE_VISITORS = ("anonymous", *OUTSIDE, "reader", "admin")


def _all(anonymous: int, outside: int, firm: int | None = None) -> dict[str, int]:
    """Statuses of one address: a login of the office is sent to the login page everywhere."""
    found = {"anonymous": anonymous, "reader": LOGIN, "admin": LOGIN}
    for visitor in OUTSIDE:
        found[visitor] = firm if firm is not None and visitor.startswith("enterprise") else outside
    return found


PUBLIC = _all(OK, OK)
OUTSIDE_TABLE: dict[str, tuple[str, dict[str, int]]] = {
    "dashboard": ("get", PUBLIC),
    "notice": ("get", PUBLIC),
    "notice-file": ("get", PUBLIC),
    "login": ("get", _all(OK, 302)),
    "login-code": ("get", _all(302, 302)),
    "logout": ("post", _all(302, 302)),
    "profile": ("get", _all(LOGIN, OK)),
    "reauth": ("get", _all(LOGIN, OK)),
    "factor": ("get", _all(LOGIN, OK)),
    "factor-off": ("post", _all(LOGIN, 302)),
    "sso": ("get", _all(404, 404)),
    "sso-back": ("get", _all(404, 404)),
    "mine": ("get", _all(LOGIN, OK)),
    "consents": ("get", _all(LOGIN, GONE, OK)),
    "consent-give": ("post", _all(LOGIN, GONE, 302)),
    "consent-withdraw": ("post", _all(LOGIN, GONE) | {"enterprise-a": 302}),
    "sent": ("get", _all(LOGIN, OK)),
    "send": ("post", _all(LOGIN, BAD)),
    "sent-item": ("get", _all(LOGIN, GONE) | {"enterprise-a": OK}),
    "sent-file": ("get", _all(LOGIN, GONE) | {"enterprise-a": OK}),
    "returns:mine": ("get", _all(LOGIN, OK)),
    "returns:fill": ("get", _all(LOGIN, GONE) | {"operator-a": OK}),
    "returns:template": ("get", _all(LOGIN, GONE) | {"operator-a": OK}),
    "returns:upload": ("post", _all(LOGIN, GONE) | {"operator-a": 302}),
    "returns:asked": ("get", _all(LOGIN, OK)),
    "returns:answer": ("get", _all(LOGIN, GONE)),
}  # fmt: skip


def expected(name: str, visitor: str) -> int:
    """The status that an address of the office site gives a visitor, asked for an object that the visitor may see."""
    if visitor in OUTSIDE:
        # The door comes first: whatever the address, a login of the other zone is ended and sent to the login page.
        return LOGIN
    status = TABLE[name][1][ROLES.index(INSIDE[visitor][1])]
    if name in HERE and visitor != "anonymous":
        status = HERE[name]
    if visitor in SCOPED and name in STREET:
        return STREET[name]
    return status
