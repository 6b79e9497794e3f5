"""Django app configuration."""

from django.apps import AppConfig


class Config(AppConfig):
    name = "wenmai.web"
    label = "web"
    verbose_name = "工作台"
