"""Who works here. The user model is ours from the first migration, so that roles can grow without a swap."""

from django.contrib.auth.models import AbstractUser
from django.db import models


class Role(models.TextChoices):
    """What a person may do in the office site; finer rules live in each room's permissions.py."""

    ADMIN = "admin", "系统管理员"
    EDITOR = "editor", "经办"
    REVIEWER = "reviewer", "核定员"
    AUDITOR = "auditor", "审计员"
    READER = "reader", "查阅"


class User(AbstractUser):
    """A person with a login."""

    role = models.CharField("角色", max_length=12, choices=Role, default=Role.READER)
    organisation = models.ForeignKey("Organisation", null=True, on_delete=models.PROTECT, related_name="people", verbose_name="单位")
    is_demo = models.BooleanField("演示账号", default=False)
    # Null is unknown: a login from before passwords were dated. A one-time password is changed before anything else.
    password_set_at = models.DateTimeField("密码更改时间", null=True)
    must_change = models.BooleanField("须更改密码", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "用户"


class PastPassword(models.Model):
    """The hash of a password that a person had; a new password is none of the last few."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="past_passwords")
    password = models.CharField(max_length=128)
    at = models.DateTimeField(auto_now_add=True)


class SecondFactor(models.Model):
    """A time-based code (RFC 6238) beside the password. `last_step` is the newest time step that was used: none is used twice."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="second_factor")
    secret = models.TextField()  # encrypted under the site's key
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(default=0)


class RecoveryCode(models.Model):
    """A code for one login when the device is lost; kept as a keyed hash."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)


class ExternalLogin(models.Model):
    """A login at the single sign-on provider that is this person's."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="external_logins")
    issuer = models.CharField(max_length=200)
    subject = models.CharField(max_length=255)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issuer", "subject"], name="one_external_login_once")]


class OrgKind(models.TextChoices):
    """Kinds of organisations the office works with; the last five use the outside site only."""

    OFFICE = "office", "文创办"
    DEPARTMENT = "department", "部门"
    STREET = "street", "街道（镇）"
    OPERATOR = "operator", "园区运营方"
    ENTERPRISE = "enterprise", "企业"
    FINANCE = "finance", "金融机构"
    COLLEGE = "college", "院校"
    ASSOCIATION = "association", "协会"


INSIDE = frozenset({OrgKind.OFFICE, OrgKind.DEPARTMENT, OrgKind.STREET})


class Organisation(models.Model):
    """A body whose people have logins, or that provides data. `area` is what rows it may see: a street's name, an
    enterprise's register key."""

    name = models.CharField("名称", max_length=120, unique=True)
    kind = models.CharField("类别", max_length=12, choices=OrgKind)
    area = models.CharField("范围", max_length=120, blank=True)
    active = models.BooleanField("在用", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "单位"


class Assignment(models.Model):
    """A role that a person holds in an organisation from one day to another; one person may hold several."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="assignments")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="assignments")
    role = models.CharField("角色", max_length=12, choices=Role)
    since = models.DateField("起")
    until = models.DateField("止", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "任职"
        constraints = [models.UniqueConstraint(fields=["user", "organisation", "role", "since"], name="one_assignment_once")]


class Delegation(models.Model):
    """While somebody is on leave another person may act with that person's role; every action stays the actor's own."""

    giver = models.ForeignKey(User, on_delete=models.CASCADE, related_name="delegated")
    taker = models.ForeignKey(User, on_delete=models.CASCADE, related_name="standing_in")
    role = models.CharField("角色", max_length=12, choices=Role)
    since = models.DateField("起")
    until = models.DateField("止")
    reason = models.CharField("事由", max_length=120, blank=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = "委托"


class SubjectKind(models.TextChoices):
    """What facts can be about."""

    AREA = "area", "区域"
    ENTERPRISE = "enterprise", "企业"
    PARK = "park", "园区"
    PROJECT = "project", "项目"
    WORK = "work", "作品"
    PERSON = "person", "人员"
    ORGANISATION = "organisation", "单位"


class Subject(models.Model):
    """The key of whatever facts are about; rooms keep the record itself and its stable code is `key`."""

    kind = models.CharField("类别", max_length=12, choices=SubjectKind)
    key = models.CharField("标识", max_length=100)
    name = models.CharField("名称", max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "对象"
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="one_subject_once")]


class Consent(models.Model):
    """A subject's authorisation (授权) that an organisation may see a kind of its data, from one day to another."""

    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="consents")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="consents")
    what = models.CharField("内容", max_length=40)
    since = models.DateField("起")
    until = models.DateField("止")
    document = models.CharField("授权书", max_length=64, blank=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = "授权"
