"""Django app configuration."""

from django.apps import AppConfig


class Config(AppConfig):
    name = "wenmai.office.kit"
    label = "kit"
    verbose_name = "界面"
