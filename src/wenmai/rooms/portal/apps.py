"""Django app configuration."""

from django.apps import AppConfig


class Config(AppConfig):
    name = "wenmai.rooms.portal"
    label = "portal"
    verbose_name = "对外服务"
