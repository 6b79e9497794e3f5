"""What the shell itself keeps: saved views of people, tokens of systems."""

from django.conf import settings
from django.db import models

from wenmai.office.people.models import Organisation


class SavedView(models.Model):
    """An address of this site under a name. It shows whatever its reader may see; nothing of the page is kept."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views")
    name = models.CharField("名称", max_length=60)
    path = models.CharField("页面", max_length=200)
    query = models.CharField("条件", max_length=2000, blank=True)
    shared = models.BooleanField("共享", default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "视图"
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="one_view_name_once")]

    @property
    def address(self) -> str:
        return f"{self.path}?{self.query}" if self.query else self.path


class ApiToken(models.Model):
    """A system's key to the API, kept as a digest. It reads as its owner does, no more than `scopes`, and no more rows than
    `organisation` where one is named."""

    name = models.CharField("系统", max_length=80, unique=True)
    digest = models.CharField(max_length=64, unique=True)
    hint = models.CharField("尾号", max_length=4)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="api_tokens", verbose_name="责任人")
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="+", verbose_name="数据范围")
    scopes = models.JSONField("可读", default=list)
    per_minute = models.PositiveIntegerField("每分钟次数", default=120)
    expires = models.DateField("有效期至")
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.CharField(max_length=150, blank=True)
    last_used = models.DateTimeField("最近使用", null=True)
    rows_untold = models.PositiveIntegerField(default=0)  # rows handed out since the log was last told
    revoked_at = models.DateTimeField("吊销于", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "接口令牌"
