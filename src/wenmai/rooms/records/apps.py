"""Django app configuration."""

from django.apps import AppConfig


class Config(AppConfig):
    name = "wenmai.rooms.records"
    label = "records"
    verbose_name = "台账"

    def ready(self) -> None:
        from wenmai.rooms.records import exporters, history

        exporters.declare()
        history.declare()
