"""The sample district from files to report, in a home that is marked as demo."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from wenmai.base.values import Refused
from wenmai.office.figures import definitions, snapshots
from wenmai.office.people.models import User
from wenmai.office.people.services import create_user
from wenmai.rooms.briefing import services as briefing
from wenmai.rooms.classification import scoping
from wenmai.rooms.classification import services as classification
from wenmai.rooms.collection import forming
from wenmai.rooms.records import sample as records
from wenmai.rooms.registry import services as registry
from wenmai.rooms.registry.models import Batch
from wenmai.samples import write_district

SITE = "site.json"


def is_demo() -> bool:
    path = Path(settings.WENMAI_HOME) / SITE
    return path.exists() and bool(json.loads(path.read_text(encoding="utf-8")).get("demo"))


def run_demo(out: Path, enterprises: int, step: Callable[[str, int, int | None], None]) -> tuple[str, str]:
    """Generate, import, classify, snapshot, draft; returns the demo login. A home with real data is left alone."""
    home = Path(settings.WENMAI_HOME)
    if Batch.objects.exists() and not is_demo():
        raise Refused(f"{home} 里已有正式数据，不能用作演示", remedy="请另设 WENMAI_HOME 再运行演示")
    home.mkdir(parents=True, exist_ok=True)
    (home / SITE).write_text(json.dumps({"demo": True, "district": "文澜区"}, ensure_ascii=False), encoding="utf-8")
    definitions.install_shipped()
    step("生成示例区", 0, enterprises)
    files = write_district(home / "sample", enterprises)
    step("生成示例区", enterprises, enterprises)
    for path in files:
        registry.import_file(
            path, step, provider="示例区市场监管局" if path.suffix == ".csv" else "示例区文创办", basis="示例数据",
            purpose="演示", share="不可", as_of=datetime.date(2026, 1, 31),
        )  # fmt: skip
    classification.run(step)
    if not scoping.standings():
        scoping.add_example()
    records.load()
    forming.take_in(forming.example(), "示例表样")
    snapshots.publish(progress=step)
    document = briefing.draft("代拟稿")
    out.mkdir(parents=True, exist_ok=True)
    for part, name in (("docx", "情况汇报.docx"), ("lineage", "情况汇报.lineage.json"), ("xlsx", "情况汇报附表.xlsx")):
        (out / name).write_bytes(briefing.document_path(document, part).read_bytes())
    User.objects.filter(is_demo=True).delete()
    user, password = create_user("demo", "editor", demo=True)
    return user.username, password
