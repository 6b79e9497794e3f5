"""Django app configuration."""

from django.apps import AppConfig


class Config(AppConfig):
    name = "wenmai.office.kit"
    label = "kit"
    verbose_name = "界面"

    def ready(self) -> None:
        from wenmai.office.jobs import services as jobs
        from wenmai.office.kit import exports

        jobs.kind(exports.KIND, exports.run)
