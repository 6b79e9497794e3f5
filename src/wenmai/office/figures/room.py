"""What reported facts tell the shell: pages, background exports, what the log calls their actions."""

from __future__ import annotations

from wenmai.office.kit.rooms import Entry, Room

room = Room(
    label="figures",
    title="数据",
    urls="wenmai.office.figures.urls",
    entries=(
        Entry("总览", "数据", "facts:facts", 20),
        Entry("总览", "可比增速", "facts:growth", 30),
        Entry("数据与设置", "指标", "facts:indicators", 1),
        Entry("数据与设置", "录入数据", "facts:enter", 2),
        Entry("数据与设置", "导入数据", "facts:import", 3),
        Entry("数据与设置", "入退库", "facts:frames", 4),
        Entry("数据与设置", "披露检查", "facts:disclosure", 5),
    ),
    event_titles={
        "figures.source.opened": "登记数据来源", "figures.facts.recorded": "录入数据", "figures.facts.retracted": "撤回数据",
        "figures.intake.finished": "导入数据", "figures.frame.entered": "入库", "figures.frame.left": "退库",
        "figures.dictionary.installed": "装入指标词典", "figures.definition.proposed": "提出指标定义",
        "figures.definition.decided": "审批指标定义",
    },
)  # fmt: skip
