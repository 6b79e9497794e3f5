"""Django app configuration."""

from django.apps import AppConfig


class Config(AppConfig):
    name = "wenmai.web"
    label = "web"
    verbose_name = "工作台"

    def ready(self) -> None:
        from wenmai.office.events import services as events
        from wenmai.office.kit import exports
        from wenmai.web import figures, warm
        from wenmai.web.leader import views, views_compare

        events.on("figures.snapshot.published", warm.follow)
        exports.source(figures.ROWS_OF_FIGURE, figures.rows_of_figure)
        views.declare()
        views_compare.declare()
