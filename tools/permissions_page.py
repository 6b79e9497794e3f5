"""Print the declared table of permissions (tests/permissions/table.py) as docs/roles/permissions.md.

    python tools/permissions_page.py            writes the page
    python tools/permissions_page.py --check    fails when the page is not what the table says
"""

from __future__ import annotations

import importlib.util
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/roles/permissions.md"
WORDS = {200: "可", 302: "可", 400: "可", 401: "凭令牌", 403: "—", 404: "无", 405: "—"}
LOGIN = "登录"
HEAD = """# Who may open what

Printed from `tests/permissions/table.py` by `tools/permissions_page.py`; a test walks every line of it. 可: answered; —: refused
with the reason (403); 无: does not exist for this visitor (404); 登录: sent to the login page. 方式 POST changes something.
`行` says whose rows of enterprises an address shows: 列表 several owners', cut to the visitor's; 单条 one owner's, 404 for others;
整批 whole files and logs, closed to who sees a part; 视情 when there are any; 无 none. A street (甲街道) sees its own rows only.
"""


def _table() -> Any:
    """The declared table, with Django set up to resolve nothing but names."""
    sys.path.insert(0, str(ROOT / "src"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wenmai.web.settings")
    os.environ.setdefault("WENMAI_HOME", tempfile.mkdtemp(prefix="wenmai-table-"))
    import django

    django.setup()
    spec = importlib.util.spec_from_file_location("permissions_table", ROOT / "tests/permissions/table.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["permissions_table"] = module
    spec.loader.exec_module(module)
    return module


def _word(status: int, visitor: str, method: str, first: int) -> str:
    """302 is the way to the login page for who is not logged in, and after a change the way back."""
    if status == 302 and (visitor == "anonymous" or (method == "get" and first != 302)):
        return LOGIN
    return WORDS[status]


def page() -> str:
    """The page's text."""
    table = _table()
    lines = [HEAD, "## Office site\n", "| 地址 | 方式 | 行 | " + " | ".join(title for title, _ in table.INSIDE.values()) + " |"]
    lines.append("|---" * (len(table.INSIDE) + 3) + "|")
    for name in sorted(table.TABLE):
        method = table.TABLE[name][0]
        cells = [_word(table.expected(name, v), v, method, 0 if name == "login" else 200) for v in table.INSIDE]
        lines.append(f"| `{name}` | {method.upper()} | {table.SHOWS.get(name, '')} | " + " | ".join(cells) + " |")
    lines.append("\nLogins of firms, operators, banks, colleges and associations are sent to the login page by every address of this site.\n")
    titles = {"anonymous": "未登录", **table.OUTSIDE, "reader": "办内账号"}
    lines += ["## Outside site\n", "| 地址 | 方式 | " + " | ".join(titles.values()) + " |", "|---" * (len(titles) + 2) + "|"]
    for name, (method, by) in table.OUTSIDE_TABLE.items():
        cells = [LOGIN if v == "reader" and by[v] == 302 else _word(by[v], v, method, 200) for v in titles]
        lines.append(f"| `{name}` | {method.upper()} | " + " | ".join(cells) + " |")
    lines.append("\nObjects asked for are 甲's.\n")
    return "\n".join(lines)


def main() -> int:
    text = page()
    if "--check" in sys.argv:
        same = PAGE.exists() and PAGE.read_text(encoding="utf-8") == text
        print("ok" if same else f"{PAGE.relative_to(ROOT)} is not what the table says: run python tools/permissions_page.py")
        return 0 if same else 1
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(text, encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
