"""Django app configuration."""

from django.apps import AppConfig


class Config(AppConfig):
    name = "wenmai.office.figures"
    label = "figures"
    verbose_name = "数字"
