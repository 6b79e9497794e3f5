"""Django app configuration."""

from django.apps import AppConfig


class Config(AppConfig):
    name = "wenmai.office.people"
    label = "people"
    verbose_name = "人员"

    def ready(self) -> None:
        from wenmai.office.people import sessions

        sessions.listen()
