"""What leaves the office for the outside site, and what comes in from it. Nothing else crosses."""

from django.conf import settings
from django.db import models

from wenmai.office.people.models import Organisation

USER = settings.AUTH_USER_MODEL


class PublicationState(models.TextChoices):
    DRAFT = "draft", "待审核"
    PUBLIC = "published", "已公开"
    WITHDRAWN = "withdrawn", "已撤下"
    DROPPED = "dropped", "未采用"


class Publication(models.Model):
    """A notice with figures as they stood when it was drafted. It is not edited: a wrong one is withdrawn and drafted anew."""

    title = models.CharField("标题", max_length=120)
    body = models.TextField("正文")
    figures = models.JSONField("数字", default=list)
    attachment = models.CharField(max_length=64, blank=True)
    attachment_name = models.CharField("附件", max_length=120, blank=True)
    digest = models.CharField(max_length=64)  # of all that is shown: what was approved is what was read
    state = models.CharField("状态", max_length=10, choices=PublicationState, default=PublicationState.DRAFT)
    drafted_by = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    reason = models.CharField("说明", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "公开信息"


class ItemKind(models.TextChoices):
    MESSAGE = "message", "咨询留言"
    APPLICATION = "application", "申请"
    CORRECTION = "correction", "本单位数据更正"


class ItemState(models.TextChoices):
    NEW = "waiting", "待受理"
    SEEN = "running", "办理中"
    ACCEPTED = "done", "已采纳"
    RETURNED = "rejected", "已退回"


class InboxItem(models.Model):
    """Something that an outside organisation sent. It changes nothing by itself; an accepted correction is carried out by
    the office with its own verbs."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    sender = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField("类别", max_length=12, choices=ItemKind)
    title = models.CharField("标题", max_length=120)
    body = models.TextField("内容")
    field = models.CharField("项目", max_length=40, blank=True)
    before = models.TextField("原值", blank=True)
    proposed = models.TextField("更正为", blank=True)
    attachment = models.CharField(max_length=64, blank=True)
    attachment_name = models.CharField("附件", max_length=120, blank=True)
    state = models.CharField("状态", max_length=10, choices=ItemState, default=ItemState.NEW)
    sent_at = models.DateTimeField("提交", auto_now_add=True)
    handled_by = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")
    handled_at = models.DateTimeField(null=True)
    answer = models.TextField("答复", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "来件"
        indexes = [models.Index(fields=["organisation", "state"], name="portal_inbox_of")]
