"""What every ledger row has, and the history of its changes."""

from django.conf import settings
from django.db import models


class Record(models.Model):
    """A row kept by hand. `version` is raised by every change, so that a form filled in on an older state is refused; a
    withdrawn row stays with its reason and is counted nowhere."""

    version = models.PositiveIntegerField(default=1)
    withdrawn_at = models.DateTimeField("撤销时间", null=True, blank=True, db_index=True)
    withdrawn_reason = models.CharField("撤销理由", max_length=200, blank=True)
    note = models.CharField("备注", max_length=300, blank=True)

    class Meta:
        abstract = True


class EnterpriseRecord(Record):
    """A row about one enterprise: `key` is its key in the register, or null while it has not been identified."""

    key = models.CharField("企业标识", max_length=80, null=True, blank=True, db_index=True)
    name = models.CharField("企业名称", max_length=300)

    class Meta:
        abstract = True


class Change(models.Model):
    """One field of one row: from, to, by whom, when. Values are kept as they were shown; the rows are never changed."""

    kind = models.CharField("台账", max_length=20)
    record_id = models.BigIntegerField("编号")
    label = models.CharField("对象", max_length=320)
    verb = models.CharField("动作", max_length=8)
    field = models.CharField("字段", max_length=40, blank=True)
    title = models.CharField("项目", max_length=40, blank=True)
    before = models.TextField("原值", null=True)
    after = models.TextField("新值", null=True)
    reason = models.CharField("理由", max_length=200, blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    actor_name = models.CharField("办理人", max_length=150)
    at = models.DateTimeField("时间", db_index=True)

    class Meta:
        verbose_name = verbose_name_plural = "变更"
        indexes = [models.Index(fields=["kind", "record_id"], name="records_change_of")]


class Intake(models.Model):
    """One file of ledger rows as it was brought in, with what became of every row."""

    kind = models.CharField("台账", max_length=20)
    file_name = models.CharField("文件", max_length=255)
    digest = models.CharField(max_length=64)
    provider = models.CharField("提供单位", max_length=120, blank=True)
    counts = models.JSONField("去向", default=dict)
    rows = models.JSONField(default=list)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    actor_name = models.CharField("导入人", max_length=150)
    at = models.DateTimeField("时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "台账导入"
