"""Published snapshots, the dictionary of indicators with its versions, and the store of reported periodic facts."""

from django.db import models

from wenmai.office.people.models import Subject


class Snapshot(models.Model):
    """One snapshot: its folder holds a Parquet file per table; `digest` is over the files."""

    created_at = models.DateTimeField(auto_now_add=True)
    tables = models.JSONField(default=dict)
    register_version = models.BigIntegerField(default=0)
    facts = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    complete = models.BooleanField(default=False)

    class Meta:
        verbose_name = verbose_name_plural = "快照"


class Lane(models.TextChoices):
    """Who owns a number. The three never merge: no sum, share or growth crosses them."""

    BUREAU = "统计部门数据", "统计部门数据"
    MONITOR = "本办监测口径", "本办监测口径"
    ADMIN = "行政记录", "行政记录"


class Entry(models.Model):
    """An indicator of the dictionary; what it means stands in its definitions, one version after another."""

    code = models.CharField("代码", max_length=30, primary_key=True)
    group = models.CharField("类别", max_length=20)
    tier = models.CharField("层次", max_length=12)
    owner = models.CharField("数据来源单位", max_length=120, blank=True)
    frequency = models.CharField("频率", max_length=60, blank=True)
    sources = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "指标"


class DefinitionState(models.TextChoices):
    PROPOSED = "proposed", "待批"
    APPROVED = "approved", "已批"
    REJECTED = "rejected", "未批"


class Definition(models.Model):
    """One version of what an indicator means. Approved versions are never edited; old and new series stand side by side.

    `in_force` is the code of the first period that is reported under it; earlier periods may carry it only when a
    back-cast was approved as well.
    """

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="definitions")
    number = models.PositiveSmallIntegerField("版本")
    name = models.CharField("名称", max_length=120)
    text = models.TextField("定义")
    unit = models.CharField("单位", max_length=20)
    kind = models.CharField("时间性质", max_length=8)
    formula = models.CharField("公式", max_length=500, blank=True)
    scope = models.CharField("默认口径", max_length=60, blank=True)
    lanes = models.JSONField("可用来源类", default=list)
    stages = models.JSONField("版次", default=list)
    items = models.JSONField("分项", default=list)
    note = models.TextField("说明", blank=True)
    state = models.CharField("状态", max_length=10, choices=DefinitionState, default=DefinitionState.PROPOSED)
    in_force = models.CharField("起用时期", max_length=12, blank=True)
    back_cast = models.BooleanField("可追溯调整", default=False)
    reason = models.CharField("修改理由", max_length=300, blank=True)
    proposed_by = models.CharField(max_length=150, blank=True)
    proposed_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True)
    decision_note = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "指标定义"
        constraints = [models.UniqueConstraint(fields=["entry", "number"], name="one_version_once")]


class FactScope(models.Model):
    """A scope word as facts carry it: 规上, 全口径, 登记口径, 园区, 全社会, a 区自定口径 with its version."""

    name = models.CharField(max_length=80, unique=True)

    class Meta:
        verbose_name = verbose_name_plural = "口径"


class Mark(models.TextChoices):
    """Who may see a figure."""

    PUBLIC = "可公开", "可公开"
    INTERNAL = "内部", "内部"
    SECRET = "不得外传", "不得外传"


class Source(models.Model):
    """Where facts came from: who provided them, on what basis, for what use, until when, and the stamped slip if any."""

    provider = models.CharField("提供单位", max_length=120)
    basis = models.CharField("依据", max_length=200, blank=True)
    purpose = models.CharField("用途", max_length=200, blank=True)
    expires = models.DateField("期限", null=True)
    share = models.CharField("可否再共享", max_length=40, blank=True)
    document = models.CharField("文件", max_length=255, blank=True)
    file_digest = models.CharField(max_length=64, blank=True)
    slip_digest = models.CharField("确认单", max_length=64, blank=True)
    actor_name = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "数据来源"


class FactStatus(models.TextChoices):
    """Unknown has kinds: not asked is no fact at all; searched and not found, refused and not applicable are facts."""

    REPORTED = "reported", "已报"
    CONFIRMED = "confirmed", "已确认"
    NONE_FOUND = "none", "查无"
    REFUSED = "refused", "拒报"
    NOT_APPLICABLE = "na", "不适用"


class Fact(models.Model):
    """One reported value with everything that qualifies it. Never edited: a revision closes it and opens another.

    `recorded_to` null marks what stands now; a value as known at a past moment has recorded_from ≤ moment < recorded_to.
    `value` is in `unit`, as printed with `decimals` digits; null when the status says why there is none.
    """

    subject = models.ForeignKey(Subject, on_delete=models.PROTECT)
    definition = models.ForeignKey(Definition, on_delete=models.PROTECT)
    lane = models.CharField("来源类", max_length=8, choices=Lane)
    scope = models.ForeignKey(FactScope, on_delete=models.PROTECT)
    item = models.CharField("分项", max_length=40, default="", blank=True)
    period = models.CharField("时期", max_length=12)
    period_kind = models.CharField("时期性质", max_length=4)
    ends = models.DateField("期末")
    stage = models.CharField("版次", max_length=12, default="", blank=True)
    value = models.DecimalField("数值", max_digits=24, decimal_places=6, null=True)
    decimals = models.PositiveSmallIntegerField(default=0)
    unit = models.CharField("单位", max_length=20)
    status = models.CharField("状态", max_length=10, choices=FactStatus, default=FactStatus.REPORTED)
    mark = models.CharField("公开属性", max_length=8, choices=Mark, default=Mark.INTERNAL)
    source = models.ForeignKey(Source, on_delete=models.PROTECT)
    recorded_from = models.DateTimeField("记录于")
    recorded_to = models.DateTimeField("更正于", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "事实"
        constraints = [
            models.UniqueConstraint(
                fields=["definition", "period", "subject", "item", "lane", "scope", "stage"],
                condition=models.Q(recorded_to=None), name="one_standing_fact",
            )
        ]  # fmt: skip
        indexes = [models.Index(fields=["subject", "definition", "ends"], name="fact_series")]


class FrameSpell(models.Model):
    """A unit's time in a reporting frame: 入库 and 退库 as dated facts. The frame of a day is every spell that covers it."""

    frame = models.CharField("框", max_length=40)
    lane = models.CharField("来源类", max_length=8, choices=Lane)
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="frame_spells")
    entered = models.DateField("入库")
    left = models.DateField("退库", null=True)
    entry_kind = models.CharField("入库类型", max_length=20, blank=True)
    left_reason = models.CharField("退库原因", max_length=60, blank=True)
    source = models.ForeignKey(Source, on_delete=models.PROTECT)

    class Meta:
        verbose_name = verbose_name_plural = "入退库"
        constraints = [models.UniqueConstraint(fields=["frame", "lane", "subject", "entered"], name="one_spell_once")]


class ReleasedTable(models.Model):
    """A table that left the office with some cells withheld: what later releases are compared with.

    `members`: cell → keys of the firms in it, kept here only and shown to nobody. `shown`: cell → published value;
    `hidden`: cell → [down, up], how far it stayed uncertain, in base units. A cell is named by its heads
    (分项：大类=01 × 在库=在库), so that tables of one indicator that are split differently meet in their common margins.
    """

    definition = models.ForeignKey(Definition, on_delete=models.PROTECT)
    scope = models.ForeignKey(FactScope, on_delete=models.PROTECT)
    period = models.CharField("时期", max_length=12)
    stage = models.CharField("版次", max_length=12, default="", blank=True)
    by = models.CharField("行", max_length=60)
    across = models.CharField("列", max_length=60, default="", blank=True)
    unit = models.CharField("单位", max_length=20)
    min_units = models.PositiveSmallIntegerField("最少家数")
    members = models.JSONField(default=dict)
    shown = models.JSONField("公开的格", default=dict)
    hidden = models.JSONField("隐去的格", default=dict)
    digest = models.CharField(max_length=64)
    actor_name = models.CharField(max_length=150, blank=True)
    released_at = models.DateTimeField("发布于", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "已发布的表"
        constraints = [models.UniqueConstraint(fields=["digest"], name="one_release_once")]
        indexes = [models.Index(fields=["definition", "period"], name="release_place")]


class Intake(models.Model):
    """A file of facts as it was taken in: how its columns were read (remembered for the next file of the provider) and
    what became of every value, in order. Rows: [row, column, outcome, reason, indicator, subject, period, value]."""

    source = models.OneToOneField(Source, on_delete=models.PROTECT, related_name="intake")
    file_name = models.CharField("文件", max_length=255)
    sheet = models.CharField("工作表", max_length=120, blank=True)
    heads = models.JSONField("表头", default=list)
    reading = models.JSONField("列对应", default=dict)
    counts = models.JSONField("去向", default=dict)
    rows = models.JSONField("逐值结果", default=list)
    actor_name = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "数据导入"
