"""Published snapshots: dated, immutable Parquet files that every published figure is computed from."""

from django.db import models


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
