"""The register: enterprises as they stand, the batches they came by, and the names they have borne."""

from django.conf import settings
from django.db import models

from wenmai.rooms.registry.choices import BatchKind, BatchState, NameKind
from wenmai.rooms.registry.methods.vocabulary import BRANCH


class Batch(models.Model):
    """One file as it was brought in, with who provided it, on what basis and for what use."""

    kind = models.CharField("类别", max_length=8, choices=BatchKind, default=BatchKind.IMPORT)
    state = models.CharField("状态", max_length=10, choices=BatchState, default=BatchState.RECEIVED, db_index=True)
    file_name = models.CharField("文件", max_length=255)
    file_digest = models.CharField(max_length=64, db_index=True)
    file_size = models.BigIntegerField(default=0)
    provider = models.CharField("提供单位", max_length=120, blank=True)
    basis = models.CharField("依据", max_length=200, blank=True)
    purpose = models.CharField("用途", max_length=200, blank=True)
    share = models.CharField("可否再共享", max_length=40, blank=True)
    as_of = models.DateField("数据截至", null=True)
    undoes = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="undone_by")
    rows = models.BigIntegerField("行数", default=0)
    counts = models.JSONField("去向", default=dict)
    reconciliation = models.JSONField("核对", default=list)
    columns = models.JSONField("列对应", default=dict)
    notes = models.JSONField("说明", default=list)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = "批次"


class Enterprise(models.Model):
    """A registered unit. Null is unknown. `current` is false when the batch that brought it was undone."""

    key = models.CharField("标识", max_length=80, unique=True)
    current = models.BooleanField(default=True)
    credit_code = models.CharField("统一社会信用代码", max_length=18, null=True, unique=True)
    reg_no = models.CharField("注册号", max_length=40, null=True, db_index=True)
    name = models.CharField("名称", max_length=300, null=True, db_index=True)
    former_names = models.TextField("曾用名", null=True)
    registered_on = models.DateField("注册日期", null=True)
    status = models.CharField("登记状态", max_length=8, null=True)
    status_text = models.TextField(null=True)
    reg_type = models.TextField("登记类型", null=True)
    unit_type = models.CharField("单位类型", max_length=10, null=True)
    capital_amount = models.DecimalField(max_digits=24, decimal_places=4, null=True)
    capital_currency = models.CharField(max_length=8, null=True)
    capital_text = models.TextField(null=True)
    scope = models.TextField("经营范围", null=True)
    industry_text = models.TextField(null=True)
    industry_code = models.CharField("行业代码", max_length=8, null=True)
    province = models.CharField(max_length=60, null=True)
    district = models.CharField("地区", max_length=60, null=True)
    street = models.CharField("街道", max_length=60, null=True)
    address = models.TextField("登记地址", null=True)
    operating_address = models.TextField("经营地址", null=True)
    park = models.CharField("所属园区", max_length=120, null=True)
    # Where the values came from: one batch, sheet and row for all, with exceptions by field in `overrides`.
    batch_id = models.BigIntegerField(default=0)
    sheet = models.IntegerField(default=0)
    row = models.BigIntegerField(default=0)
    overrides = models.TextField(null=True)
    changed_batch_id = models.BigIntegerField(default=0, db_index=True)
    # Of a branch: the enterprise it belongs to, read from its name (methods.branches) and renewed by every publication.
    # The name stands when the parent is not in the register. No figure counts a branch by its parent.
    parent_name = models.CharField("总公司名称", max_length=300, null=True)
    parent = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="branches", verbose_name="总公司")

    class Meta:
        verbose_name = verbose_name_plural = "企业"
        indexes = [
            models.Index(fields=["registered_on"], name="registry_by_date"),
            models.Index(fields=["id"], condition=models.Q(unit_type=BRANCH), name="registry_branches"),
            models.Index(fields=["id"], condition=models.Q(parent_name__isnull=False), name="registry_with_parent"),
        ]


class EnterpriseName(models.Model):
    """Another name of an enterprise: a former one, or a variant that a file used for the same code."""

    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, related_name="names")
    kind = models.CharField(max_length=8, choices=NameKind)
    name = models.CharField(max_length=300, db_index=True)
    batch_id = models.BigIntegerField()
    row = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["enterprise", "name"], name="one_name_once")]


class Register(models.Model):
    """One row: the version of the register, raised by every publication; it serialises publishing."""

    version = models.BigIntegerField(default=0)


from wenmai.rooms.registry.initials import EnterpriseInitials  # noqa: E402,F401  a side table with its own file
