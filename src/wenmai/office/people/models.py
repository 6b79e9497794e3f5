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
    is_demo = models.BooleanField("演示账号", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "用户"
