"""Django app configuration."""

from django.apps import AppConfig


class Config(AppConfig):
    name = "wenmai.office.events"
    label = "events"
    verbose_name = "事件"

    def ready(self) -> None:
        from wenmai.office.events import signing

        signing.listen()
