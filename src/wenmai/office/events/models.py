"""The append-only, hash-chained log of what was done, and the outbox that tells other rooms."""

from django.db import models


class Event(models.Model):
    """One action. `digest` chains over the payload's hash, so a payload can be erased and the chain still checks."""

    at = models.DateTimeField("时间")
    actor = models.CharField("操作人", max_length=150)
    verb = models.CharField("动作", max_length=80, db_index=True)
    subject = models.CharField("对象", max_length=120, db_index=True)
    payload = models.JSONField("内容", null=True)
    payload_digest = models.CharField(max_length=64)
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, unique=True)

    class Meta:
        verbose_name = verbose_name_plural = "事件"
        ordering = ["id"]


class Outgoing(models.Model):
    """An event waiting to be delivered to its handlers: at least once, after commit."""

    event = models.ForeignKey(Event, on_delete=models.PROTECT)
    delivered_at = models.DateTimeField(null=True, db_index=True)
    attempts = models.PositiveIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
