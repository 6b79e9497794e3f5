"""What the ledgers tell the shell."""

from __future__ import annotations

from wenmai.office.kit.rooms import Entry, Room
from wenmai.rooms.records.panel import extension
from wenmai.rooms.registry.queries import extend

extend(extension)
room = Room(
    label="records",
    title="台账",
    urls="wenmai.rooms.records.urls",
    entries=(
        Entry("总览", "提醒", "records:alerts", 15),
        Entry("名录", "走访诉求", "records:demands", 30),
        Entry("名录", "准规上培育库", "records:nurture", 40),
        Entry("名录", "全部台账", "records:index", 60),
        Entry("园区", "园区", "records:parks", 10),
        Entry("园区", "街区和集聚区", "records:clusters", 20),
        Entry("项目", "重点项目", "records:projects", 10),
        Entry("非遗", "非遗项目", "records:heritage", 10),
        Entry("数据与设置", "台账变更", "records:history", 15),
    ),
    event_titles={
        "records.record.added": "登记台账", "records.record.edited": "修改台账", "records.record.withdrawn": "撤销台账记录",
        "records.record.restored": "恢复台账记录", "records.file.taken": "导入台账",
    },
)  # fmt: skip
