"""Django app configuration."""

from django.apps import AppConfig


class Config(AppConfig):
    name = "wenmai.rooms.collection"
    label = "collection"
    verbose_name = "报表与要数"
