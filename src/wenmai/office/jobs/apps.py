"""Django app configuration."""

from django.apps import AppConfig


class Config(AppConfig):
    name = "wenmai.office.jobs"
    label = "jobs"
    verbose_name = "任务"
