"""Documents that were drafted or issued, each with its figures' lineage."""

from django.conf import settings
from django.db import models


class Kind(models.TextChoices):
    DRAFT = "代拟稿", "代拟稿"
    CHECK = "核数稿", "核数稿"
    CLEAN = "送阅稿", "送阅稿"


class Document(models.Model):
    """One written document; its file and lineage are stored by content and never change."""

    kind = models.CharField(max_length=6, choices=Kind)
    title = models.CharField(max_length=120)
    snapshot_id = models.BigIntegerField()
    file_digest = models.CharField(max_length=64)
    lineage_digest = models.CharField(max_length=64)
    annex_digest = models.CharField(max_length=64, blank=True)
    findings = models.JSONField(default=list)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(auto_now_add=True)


class Passage(models.Model):
    """What the author wrote for a placeholder of the report, or that the passage is left out."""

    slot = models.CharField(max_length=40, unique=True)
    text = models.TextField(blank=True)
    omitted = models.BooleanField(default=False)
    actor_name = models.CharField(max_length=150, blank=True)
    at = models.DateTimeField(auto_now=True)


class Step(models.IntegerChoices):
    """Who signs a figure off, in the order of the office."""

    HANDLER = 1, "经办"
    SECTION = 2, "科长"
    DEPUTY = 3, "分管"
    CHIEF = 4, "主要"


class Confirmation(models.Model):
    """One person's word that a figure is right: it holds for this value of this snapshot and for no other. Never deleted."""

    figure_id = models.CharField("数字", max_length=200, db_index=True)
    value = models.CharField("确认的数值", max_length=40)
    snapshot_id = models.BigIntegerField()
    snapshot_digest = models.CharField(max_length=64)
    step = models.PositiveSmallIntegerField("环节", choices=Step)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    actor_name = models.CharField("确认人", max_length=150)
    at = models.DateTimeField("时间", auto_now_add=True)
    note = models.CharField("说明", max_length=300, blank=True)
    slip_digest = models.CharField(max_length=64, blank=True)
    slip_name = models.CharField("确认单", max_length=120, blank=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.CharField(max_length=150, blank=True)
