"""Space: parks, buildings, units, leases, recognition; cultural streets and clusters. Areas are square metres, rent is fen per
square metre and month; null is unknown."""

from django.db import models

from wenmai.office.people.models import Organisation
from wenmai.rooms.records.choices import ClusterKind, ParkLevel, RecognitionState, UnitUse
from wenmai.rooms.records.models.base import EnterpriseRecord, Record


class Park(Record):
    """A park. `name` is the one the register uses in its column 所属园区, so that both speak of the same."""

    code = models.SlugField("园区代码", max_length=20, unique=True)
    name = models.CharField("园区名称", max_length=120, unique=True)
    level = models.CharField("级别", max_length=6, choices=ParkLevel, default=ParkLevel.NONE)
    operator = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name="运营单位")
    street = models.CharField("街道（镇）", max_length=60, null=True, blank=True)
    address = models.CharField("地址", max_length=200, blank=True)
    area = models.DecimalField("建筑面积（㎡）", max_digits=12, decimal_places=2, null=True, blank=True)
    lettable = models.DecimalField("可租面积（㎡）", max_digits=12, decimal_places=2, null=True, blank=True)
    opened = models.DateField("开园日期", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "园区"


class Building(Record):
    park = models.ForeignKey(Park, on_delete=models.PROTECT, related_name="buildings", verbose_name="园区")
    name = models.CharField("楼栋", max_length=60)
    floors = models.PositiveSmallIntegerField("层数", null=True, blank=True)
    area = models.DecimalField("建筑面积（㎡）", max_digits=12, decimal_places=2, null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "楼栋"
        constraints = [models.UniqueConstraint(fields=["park", "name"], name="records_one_building")]


class RentalUnit(Record):
    building = models.ForeignKey(Building, on_delete=models.PROTECT, related_name="units", verbose_name="楼栋")
    number = models.CharField("房号", max_length=40)
    area = models.DecimalField("面积（㎡）", max_digits=10, decimal_places=2, null=True, blank=True)
    use = models.CharField("用途", max_length=4, choices=UnitUse, default=UnitUse.LETTABLE)

    class Meta:
        verbose_name = verbose_name_plural = "房源"
        constraints = [models.UniqueConstraint(fields=["building", "number"], name="records_one_unit")]


class Lease(EnterpriseRecord):
    """Let from `since` to `until` (both days included; null = open end). `ended` is the day it ended early."""

    unit = models.ForeignKey(RentalUnit, on_delete=models.PROTECT, related_name="leases", verbose_name="房源")
    since = models.DateField("起租日")
    until = models.DateField("到期日", null=True, blank=True)
    ended = models.DateField("提前退租日", null=True, blank=True)
    rent_fen = models.PositiveBigIntegerField("租金（元/㎡·月）", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "租约"
        indexes = [models.Index(fields=["unit", "since"], name="records_lease_unit")]


class RecognitionRule(Record):
    """A site's rule for recognising parks: whose, by which document, valid from when to when, to be reviewed when, and the
    conditions as data. Each condition: measure, at_least (permille, or a count), words."""

    code = models.SlugField("规则代码", max_length=40, unique=True)
    name = models.CharField("规则名称", max_length=120)
    level = models.CharField("级别", max_length=6, choices=ParkLevel)
    body = models.CharField("认定机关", max_length=120)
    document = models.CharField("文号", max_length=120, blank=True)
    valid_from = models.DateField("施行日期", null=True, blank=True)
    valid_to = models.DateField("失效日期", null=True, blank=True)
    review_on = models.DateField("规则复核日期", null=True, blank=True)
    conditions = models.JSONField("条件", default=list)
    source = models.CharField("来源", max_length=40, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "认定规则"


class Recognition(Record):
    """A title that a park holds under a rule."""

    park = models.ForeignKey(Park, on_delete=models.PROTECT, related_name="recognitions", verbose_name="园区")
    rule = models.ForeignKey(RecognitionRule, on_delete=models.PROTECT, related_name="recognitions", verbose_name="认定规则")
    state = models.CharField("状态", max_length=4, choices=RecognitionState, default=RecognitionState.PROPOSED)
    since = models.DateField("认定日期", null=True, blank=True)
    until = models.DateField("有效期至", null=True, blank=True)
    review_on = models.DateField("复核日期", null=True, blank=True)
    document = models.CharField("文号", max_length=120, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "园区认定"


class Cluster(Record):
    """A cultural street, cluster or night-time zone; its boundary is in words, a map comes from the site's own file."""

    name = models.CharField("名称", max_length=120, unique=True)
    kind = models.CharField("类别", max_length=12, choices=ClusterKind)
    level = models.CharField("级别", max_length=6, choices=ParkLevel, default=ParkLevel.NONE)
    street = models.CharField("街道（镇）", max_length=60, null=True, blank=True)
    bounds = models.CharField("四至", max_length=300, blank=True)
    length = models.PositiveIntegerField("长度（米）", null=True, blank=True)
    shops = models.PositiveIntegerField("商户数（户）", null=True, blank=True)
    document = models.CharField("文号", max_length=120, blank=True)
    valid_to = models.DateField("有效期至", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "文创街区和集聚区"
