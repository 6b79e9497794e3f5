"""Django app configuration."""

from django.apps import AppConfig


class Config(AppConfig):
    name = "wenmai.office.figures"
    label = "figures"
    verbose_name = "数字"

    def ready(self) -> None:
        from wenmai.office.figures import fact_lists, grouping
        from wenmai.office.kit import exports

        exports.source(fact_lists.FACTS, fact_lists.export)
        grouping.register("在库", grouping.in_frame)
