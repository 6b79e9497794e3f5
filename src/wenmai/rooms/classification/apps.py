"""Django app configuration."""

from typing import Any

from django.apps import AppConfig


class Config(AppConfig):
    name = "wenmai.rooms.classification"
    label = "classification"
    verbose_name = "分类"

    def ready(self) -> None:
        from wenmai.office.figures import queries, snapshots, typed
        from wenmai.office.jobs import services as jobs
        from wenmai.rooms.classification import counting, indicators, scope_units, tables

        jobs.kind("classification.run", run_classification)
        indicators.declare_all()
        snapshots.table("units", tables.units)
        snapshots.table("rows", tables.rows)
        snapshots.derived(scope_units.TABLE, scope_units.build)
        snapshots.facts(tables.snapshot_facts)
        snapshots.facts(counting.interval_facts)
        snapshots.facts(scope_units.snapshot_facts)
        typed.derive(indicators.scope_indicators)
        if counting.with_interval not in queries.extenders:
            queries.extenders.append(counting.with_interval)


def run_classification(arguments: dict[str, Any], progress: Any, actor: Any) -> dict[str, Any]:
    """Job: classify what needs it and publish a snapshot."""
    from wenmai.office.figures import snapshots
    from wenmai.rooms.classification import services

    result = services.run(progress, actor, everything=bool(arguments.get("everything")))
    snapshot = snapshots.publish(actor, progress)
    return {**result, "snapshot": snapshot.pk}
