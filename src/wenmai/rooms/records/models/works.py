"""Key projects with money and milestones; heritage items, bearers and fusion projects. Money is integer fen."""

from django.db import models

from wenmai.office.people.models import Organisation
from wenmai.rooms.records.choices import BearerState, HeritageLevel, ProjectState
from wenmai.rooms.records.models.base import EnterpriseRecord, Record
from wenmai.rooms.records.models.space import Park


class Project(Record):
    code = models.SlugField("项目代码", max_length=40, unique=True)
    name = models.CharField("项目名称", max_length=200)
    state = models.CharField("状态", max_length=6, choices=ProjectState, default=ProjectState.PLANNED)
    owner = models.CharField("建设单位", max_length=200, blank=True)
    lead = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name="牵头单位")
    leader = models.CharField("包保领导", max_length=60, blank=True)
    street = models.CharField("街道（镇）", max_length=60, null=True, blank=True)
    park = models.ForeignKey(Park, null=True, blank=True, on_delete=models.PROTECT, related_name="projects", verbose_name="园区")
    total_fen = models.PositiveBigIntegerField("总投资（万元）", null=True, blank=True)
    began = models.DateField("开工日期", null=True, blank=True)
    finish = models.DateField("计划建成", null=True, blank=True)
    finished = models.DateField("实际建成", null=True, blank=True)
    trouble = models.CharField("存在问题", max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "重点项目"


class Investment(Record):
    """Planned and actual investment of a year (month null), or of one month of it; null is not reported."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="investments", verbose_name="项目")
    year = models.PositiveSmallIntegerField("年份")
    month = models.PositiveSmallIntegerField("月份", null=True, blank=True)
    plan_fen = models.PositiveBigIntegerField("计划投资（万元）", null=True, blank=True)
    actual_fen = models.PositiveBigIntegerField("完成投资（万元）", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "项目投资"
        constraints = [
            models.UniqueConstraint(fields=["project", "year", "month"], condition=models.Q(withdrawn_at=None), name="records_one_month"),
            models.UniqueConstraint(fields=["project", "year"], condition=models.Q(withdrawn_at=None, month=None), name="records_one_year"),
        ]


class Milestone(Record):
    """A node of a project; `evidence` says by which document it counts as done."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="milestones", verbose_name="项目")
    name = models.CharField("节点", max_length=120)
    due = models.DateField("计划完成")
    done = models.DateField("实际完成", null=True, blank=True)
    evidence = models.CharField("完成依据", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "项目节点"


class HeritageItem(Record):
    """An item of intangible heritage; `category` is one of the ten of the national list."""

    name = models.CharField("项目名称", max_length=120)
    level = models.CharField("级别", max_length=4, choices=HeritageLevel)
    category = models.CharField("类别", max_length=20)
    batch = models.CharField("批次", max_length=40, blank=True)
    protector = models.CharField("保护单位", max_length=120, blank=True)
    street = models.CharField("街道（镇）", max_length=60, null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "非遗项目"
        constraints = [
            models.UniqueConstraint(fields=["name", "level"], condition=models.Q(withdrawn_at=None), name="records_one_item")
        ]


class Bearer(Record):
    """A representative bearer, as announced. Only the year of birth is kept."""

    item = models.ForeignKey(HeritageItem, on_delete=models.PROTECT, related_name="bearers", verbose_name="非遗项目")
    name = models.CharField("姓名", max_length=60)
    level = models.CharField("级别", max_length=4, choices=HeritageLevel)
    born = models.PositiveSmallIntegerField("出生年份", null=True, blank=True)
    apprentices = models.PositiveSmallIntegerField("徒弟（人）", null=True, blank=True)
    state = models.CharField("状态", max_length=6, choices=BearerState, default=BearerState.ACTIVE)

    class Meta:
        verbose_name = verbose_name_plural = "传承人"


class FusionProject(EnterpriseRecord):
    """An item that a firm turns into a product, a course or a place to visit."""

    item = models.ForeignKey(HeritageItem, on_delete=models.PROTECT, related_name="fusions", verbose_name="非遗项目")
    product = models.CharField("产品（服务）", max_length=200)
    since = models.DateField("开始日期", null=True, blank=True)
    sales_fen = models.PositiveBigIntegerField("上年销售额（万元）", null=True, blank=True)
    agreement = models.CharField("授权及利益分享", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "非遗融合项目"
