"""What `wenmai doctor` looks at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection

from wenmai.base import standards
from wenmai.office.events.models import Outgoing
from wenmai.office.events.services import verify_chain
from wenmai.office.figures.models import Snapshot
from wenmai.office.figures.snapshots import folder
from wenmai.office.people.models import User
from wenmai.rooms.classification.services import current_model
from wenmai.rooms.registry.choices import BatchState
from wenmai.rooms.registry.models import Batch, Enterprise
from wenmai.web.demo import is_demo


@dataclass(frozen=True)
class Line:
    ok: bool
    what: str
    found: str


def examine() -> Iterator[Line]:
    """Each check with what was found; nothing is repaired."""
    home = Path(settings.WENMAI_HOME)
    yield Line(home.is_dir(), "数据目录", str(home))
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    yield Line(True, "数据库", f"{connection.vendor}，企业 {Enterprise.objects.filter(current=True).count():,} 家")
    unfinished = Batch.objects.filter(state__in=[BatchState.RECEIVED, BatchState.STAGED]).count()
    yield Line(unfinished == 0, "未完成批次", f"{unfinished} 个" + ("，用 wenmai import --resume 续做" if unfinished else ""))
    waiting = Outgoing.objects.filter(delivered_at=None).count()
    yield Line(waiting == 0, "待投递事件", f"{waiting} 条" + ("，启动工作台后会重投；仍不减少请看日志" if waiting else ""))
    broken = verify_chain()
    yield Line(broken is None, "事件链", "完整" if broken is None else f"在第 {broken} 条断开")
    snapshot = Snapshot.objects.filter(complete=True).order_by("-id").first()
    if snapshot is not None:
        missing = [t for t in snapshot.tables if not (folder(snapshot.pk) / f"{t}.parquet").exists()]
        yield Line(not missing, "最新快照", f"{snapshot.pk}：{snapshot.tables}" + (f"，缺 {missing}" if missing else ""))
    majors = len(standards.culture_majors())
    yield Line(majors == 9, "标准表", f"文化及相关产业分类 {majors} 大类")
    yield Line(True, "分类模型", current_model().version)
    proxies = "、".join(str(n) for n in settings.TRUSTED_PROXIES)
    yield Line(True, "可信代理", proxies or "未设（WENMAI_TRUSTED_PROXIES），来源地址取直连地址")
    demo_users = User.objects.filter(is_demo=True).count()
    yield Line(not demo_users or is_demo(), "演示账号", f"{demo_users} 个" + ("" if is_demo() or not demo_users else "，正式环境不得有演示账号"))
