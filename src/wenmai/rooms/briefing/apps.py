"""Django app configuration."""

from typing import Any

from django.apps import AppConfig


class Config(AppConfig):
    name = "wenmai.rooms.briefing"
    label = "briefing"
    verbose_name = "汇报"

    def ready(self) -> None:
        from wenmai.office.jobs import services as jobs

        jobs.kind("briefing.draft", run_draft)


def run_draft(arguments: dict[str, Any], progress: Any, actor: Any) -> dict[str, Any]:
    """Job: draft one document."""
    from wenmai.rooms.briefing import services

    progress("起草", 0, None)
    return {"document": services.draft(arguments["kind"], actor).pk}
