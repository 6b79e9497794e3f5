"""Django app configuration."""

from typing import Any

from django.apps import AppConfig


class Config(AppConfig):
    name = "wenmai.rooms.registry"
    label = "registry"
    verbose_name = "名录"

    def ready(self) -> None:
        from wenmai.office.events import services as events
        from wenmai.office.jobs import services as jobs
        from wenmai.office.people import rows
        from wenmai.rooms.registry import exporters, initials, queries, receiving

        jobs.kind("registry.import", run_import)
        jobs.kind(receiving.JOB, receiving.run)
        jobs.kind(initials.JOB, initials.run)
        events.on("registry.batch.published", initials.follow)
        events.on("registry.batch.undone", initials.follow)
        exporters.declare()
        rows.resolver(queries.resolve)


def run_import(arguments: dict[str, Any], progress: Any, actor: Any) -> dict[str, Any]:
    """Job: stage and publish a received batch (both steps may be repeated)."""
    from wenmai.office.jobs import services as jobs
    from wenmai.rooms.registry import services
    from wenmai.rooms.registry.models import Batch

    batch = Batch.objects.get(pk=arguments["batch"])
    # What came in is classified next, queued in the publishing transaction; the job is named, not imported, since
    # classification stands above this room.
    batch = services.stage(batch, progress)
    batch = services.publish(batch, progress, actor, then=lambda _: jobs.enqueue("classification.run", {}, actor))
    return {"batch": batch.pk, "counts": batch.counts}
