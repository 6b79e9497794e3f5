"""What the collection room tells the shell."""

from __future__ import annotations

from wenmai.office.kit.rooms import Entry, Room

room = Room(
    label="collection",
    title="报表与要数",
    urls="wenmai.rooms.collection.urls",
    entries=(
        Entry("协同", "报表", "collection:index", 10), Entry("协同", "代填", "returns:mine", 12), Entry("协同", "要数", "collection:asks", 20),
        Entry("协同", "报送模板", "collection:templates", 30),
        Entry("汇报", "旧汇报换数", "collection:reports", 30), Entry("汇报", "口袋数据卡", "collection:cards", 32),
    ),
    event_titles={
        "collection.form.added": "存入表样", "collection.round.issued": "布置报表", "collection.round.reminded": "提醒报送",
        "collection.return.saved": "存草稿", "collection.return.submitted": "报送", "collection.return.accepted": "受理",
        "collection.return.returned": "退回", "collection.return.exempted": "免报", "collection.return.resumed": "恢复填报",
        "collection.template.added": "存入报送模板", "collection.template.filled": "按模板出表", "collection.ask.asked": "要数",
        "collection.ask.chased": "催办", "collection.ask.cancelled": "撤回要数",
        "collection.ask.answered": "答复", "collection.ask.signed": "核数签字",
        "collection.report.imported": "导入旧汇报", "collection.report.bound": "确认数字对应", "collection.card.made": "做数据卡",
    },
)  # fmt: skip
