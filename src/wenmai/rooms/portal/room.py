"""What the portal tells the shell of the office site."""

from wenmai.office.kit.rooms import Entry, Room
from wenmai.office.people.models import Role

room = Room(
    label="portal",
    title="对外服务",
    urls="wenmai.rooms.portal.urls",
    entries=(
        Entry("协同", "公开信息", "portal:publications", 60),
        Entry("协同", "来件", "portal:inbox", 70, frozenset({Role.EDITOR.value, Role.REVIEWER.value, Role.AUDITOR.value})),
    ),
    event_titles={
        "portal.publication.drafted": "起草公开信息", "portal.publication.approved": "公开", "portal.publication.dropped": "退回公开信息",
        "portal.publication.withdrawn": "撤下公开信息", "portal.item.sent": "外单位来件", "portal.item.seen": "受理来件",
        "portal.item.accepted": "采纳来件", "portal.item.returned": "退回来件",
    },
)  # fmt: skip
