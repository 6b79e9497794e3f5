"""Closed vocabularies of the ledgers."""

from django.db import models


class ParkLevel(models.TextChoices):
    NATIONAL = "国家级", "国家级"
    PROVINCE = "省级", "省级"
    CITY = "市级", "市级"
    DISTRICT = "区级", "区级"
    NONE = "未定级", "未定级"


class UnitUse(models.TextChoices):
    """What a unit may be used for; only what can be let counts for occupancy."""

    LETTABLE = "可租", "可租"
    COMMON = "公共", "公共（不出租）"
    CLOSED = "停用", "停用（改造、封闭）"


class RecognitionState(models.TextChoices):
    PROPOSED = "申报中", "申报中"
    HELD = "有效", "有效"
    REVIEWING = "复核中", "复核中"
    LOST = "撤销", "撤销称号"
    EXPIRED = "到期", "到期"


class ClusterKind(models.TextChoices):
    STREET = "文创街区", "文创街区"
    CLUSTER = "集聚区", "产业集聚区"
    NIGHT = "夜间文旅消费集聚区", "夜间文旅消费集聚区"


class DemandKind(models.TextChoices):
    """What firms ask for; the three most frequent are what a leader asks about first."""

    MONEY = "融资", "融资"
    SPACE = "用房用地", "用房用地"
    PEOPLE = "人才用工", "人才用工"
    POLICY = "政策兑现", "政策兑现"
    MARKET = "市场开拓", "市场开拓"
    RIGHTS = "知识产权", "知识产权"
    PERMIT = "审批许可", "审批许可"
    TRAFFIC = "交通配套", "交通配套"
    OTHER = "其他", "其他"


class DemandState(models.TextChoices):
    OPEN = "办理中", "办理中"
    DONE = "已办结", "已办结"
    EXPLAINED = "已解释", "已解释（不具备办理条件）"


class ProjectState(models.TextChoices):
    PLANNED = "前期", "前期"
    BUILDING = "在建", "在建"
    OPENED = "投运", "建成投运"
    PAUSED = "停缓建", "停缓建"
    ENDED = "终止", "终止"


class HeritageLevel(models.TextChoices):
    NATIONAL = "国家级", "国家级"
    PROVINCE = "省级", "省级"
    CITY = "市级", "市级"
    DISTRICT = "区级", "区级"


class BearerState(models.TextChoices):
    ACTIVE = "在传承", "在传承"
    INACTIVE = "不能履职", "不能履职"
    DEAD = "已故", "已故"


class Ownership(models.TextChoices):
    """所有制; null is unknown and is never read as 民营."""

    PRIVATE = "民营", "民营"
    STATE = "国有", "国有"
    FOREIGN = "外资", "外资"
    JOINT = "合资", "合资"


class CapitalSource(models.TextChoices):
    LOCAL = "区内", "区内"
    CITY = "市内区外", "市内区外"
    PROVINCE = "省内市外", "省内市外"
    COUNTRY = "省外", "省外"
    ABROAD = "境外", "港澳台及境外"


class TitleKind(models.TextChoices):
    QUALIFICATION = "资质", "资质"
    HONOUR = "荣誉", "荣誉"


class LifeKind(models.TextChoices):
    IN = "迁入", "迁入"
    OUT = "迁出", "迁出"
    RENAMED = "更名", "更名"
    CANCELLED = "注销", "注销"
    REVOKED = "吊销", "吊销"
    ABNORMAL = "列入异常", "列入经营异常名录"
    RESTORED = "移出异常", "移出经营异常名录"
    LISTED = "上市", "上市（挂牌）"
    FUNDED = "融资", "获得融资"
    MERGED = "并购", "并购重组"


WORRYING = (LifeKind.OUT, LifeKind.CANCELLED, LifeKind.REVOKED, LifeKind.ABNORMAL)
