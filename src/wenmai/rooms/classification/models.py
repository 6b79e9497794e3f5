"""What was decided of each enterprise, by whom; the reviews that outlive every re-import and re-training; the versions of
区自定口径."""

from django.conf import settings
from django.db import models

from wenmai.rooms.registry.models import Enterprise


class Outcome(models.TextChoices):
    WHOLE = "全部计入类", "全部计入类"
    PARTIAL = "部分计入类", "部分计入类"
    NO = "非文化", "非文化"
    PENDING = "待核定", "待核定"


class DecidedBy(models.TextChoices):
    SYSTEM = "初步识别", "初步识别"
    PERSON = "人工核定", "人工核定"


class Decision(models.Model):
    """The standing decision of one enterprise."""

    enterprise = models.OneToOneField(Enterprise, on_delete=models.CASCADE, primary_key=True, related_name="decision")
    outcome = models.CharField("判定", max_length=8, choices=Outcome, db_index=True)
    decided_by = models.CharField("判定方式", max_length=8, choices=DecidedBy)
    forced = models.BooleanField(default=False)
    small_code = models.CharField("小类", max_length=4, null=True, db_index=True)
    gbt_code = models.CharField("行业", max_length=4, null=True)
    probability = models.FloatField("概率", null=True)
    basis = models.CharField("依据", max_length=8, null=True)
    edition = models.CharField(max_length=20, null=True)
    evidence = models.TextField(default="[]")
    model_version = models.CharField(max_length=60)
    input_batch_id = models.BigIntegerField(default=0)


class Review(models.Model):
    """One person's decision, keyed by the enterprise's stable key; the latest stands. Never deleted."""

    key = models.CharField(max_length=80, db_index=True)
    outcome = models.CharField("判定", max_length=8, choices=Outcome)
    small_code = models.CharField("小类", max_length=4, null=True)
    reason = models.CharField("理由", max_length=300, blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    actor_name = models.CharField(max_length=150)
    at = models.DateTimeField(auto_now_add=True)
    source = models.CharField(max_length=60, default="界面")
    withdrawn = models.BooleanField(default=False)


class ScopeVersion(models.Model):
    """One version of a district's own scope. Its file, found by `digest`, is the rule; it is never edited, and a new
    version stands beside it. `active` is false once a person has retired it.
    """

    name = models.CharField("名称", max_length=40)
    version = models.CharField("版本", max_length=20)
    issuer = models.CharField("制定单位", max_length=100, blank=True)
    basis = models.CharField("依据", max_length=300, blank=True)
    valid_from = models.DateField("起用日期", null=True)
    valid_to = models.DateField("失效日期", null=True)
    review_on = models.DateField("复核日期", null=True)
    rules = models.PositiveIntegerField("规则数", default=0)
    digest = models.CharField(max_length=64, unique=True)
    file_name = models.CharField("文件", max_length=255)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    added_by_name = models.CharField("添加人", max_length=150)
    added_at = models.DateTimeField("添加时间", auto_now_add=True)
    active = models.BooleanField("使用", default=True)
    retired_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    retired_by_name = models.CharField("停用人", max_length=150, blank=True)
    retired_at = models.DateTimeField("停用时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "区自定口径"
        constraints = [models.UniqueConstraint(fields=["name", "version"], name="one_scope_version")]
