"""What is kept of enterprises beside the register: ownership, capital, titles, life events, visits, demands, associations."""

from django.db import models

from wenmai.office.people.models import Organisation
from wenmai.rooms.records.choices import CapitalSource, DemandKind, DemandState, LifeKind, Ownership, TitleKind
from wenmai.rooms.records.models.base import EnterpriseRecord, Record


class Profile(EnterpriseRecord):
    """One per enterprise: kind of ownership and source of capital (null unknown), who keeps contact, whether nurtured."""

    ownership = models.CharField("所有制", max_length=4, choices=Ownership, null=True, blank=True)
    capital = models.CharField("资本来源", max_length=6, choices=CapitalSource, null=True, blank=True)
    visitor = models.CharField("联系领导", max_length=60, blank=True)
    nurtured = models.BooleanField("列入准规上培育", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "企业属性"
        constraints = [
            models.UniqueConstraint(fields=["key"], condition=models.Q(withdrawn_at=None, key__isnull=False), name="records_one_profile")
        ]


class OwnershipEdge(EnterpriseRecord):
    """`parent` holds `permille` of this enterprise from one day to another. A parent outside the register has a name only."""

    parent_key = models.CharField("股东标识", max_length=80, null=True, blank=True, db_index=True)
    parent_name = models.CharField("股东名称", max_length=300)
    permille = models.PositiveSmallIntegerField("持股比例（%）", null=True, blank=True)
    since = models.DateField("起", null=True, blank=True)
    until = models.DateField("止", null=True, blank=True)
    basis = models.CharField("依据", max_length=120, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "股权关系"


class Title(EnterpriseRecord):
    """A qualification or an honour."""

    kind = models.CharField("类别", max_length=4, choices=TitleKind)
    title = models.CharField("名称", max_length=120)
    level = models.CharField("级别", max_length=20, blank=True)
    body = models.CharField("授予机关", max_length=120, blank=True)
    number = models.CharField("证书（文）号", max_length=80, blank=True)
    since = models.DateField("授予日期", null=True, blank=True)
    until = models.DateField("有效期至", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "资质荣誉"


class LifeEvent(EnterpriseRecord):
    kind = models.CharField("事项", max_length=6, choices=LifeKind)
    on = models.DateField("日期")
    text = models.CharField("内容", max_length=300, blank=True)
    source = models.CharField("来源", max_length=120, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "企业大事"


class Visit(EnterpriseRecord):
    on = models.DateField("走访日期")
    leader = models.CharField("走访领导", max_length=60)
    department = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name="陪同单位")
    text = models.TextField("走访情况", max_length=2000, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "走访"


class Demand(EnterpriseRecord):
    """A demand of a firm, who is responsible, by when, and what came of it."""

    visit = models.ForeignKey(Visit, null=True, blank=True, on_delete=models.PROTECT, related_name="demands", verbose_name="走访")
    kind = models.CharField("类别", max_length=6, choices=DemandKind)
    text = models.TextField("诉求", max_length=1000)
    raised = models.DateField("提出日期")
    leader = models.CharField("责任领导", max_length=60, blank=True)
    department = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name="责任部门")
    due = models.DateField("办结期限", null=True, blank=True)
    state = models.CharField("状态", max_length=4, choices=DemandState, default=DemandState.OPEN, db_index=True)
    closed = models.DateField("办结日期", null=True, blank=True)
    result = models.TextField("办理结果", max_length=1000, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "诉求"


class Association(Record):
    name = models.CharField("名称", max_length=120, unique=True)
    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name="单位账号")
    supervisor = models.CharField("业务主管单位", max_length=120, blank=True)
    founded = models.DateField("成立日期", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "协会"


class Membership(EnterpriseRecord):
    association = models.ForeignKey(Association, on_delete=models.PROTECT, related_name="members", verbose_name="协会")
    post = models.CharField("会员类别", max_length=40, blank=True)
    since = models.DateField("入会日期", null=True, blank=True)
    until = models.DateField("退会日期", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "会员"
