"""Addresses of the office site: the shell's own, then each room's."""

from django.urls import include, path

from wenmai.web import errors, figures, views
from wenmai.web.rooms import rooms

urlpatterns = [
    path("", views.dashboard, name="dashboard"),
    path("", include("wenmai.office.people.urls")),
    path("", include("wenmai.web.access_urls")),
    path("", include("wenmai.web.leader.urls")),
    path("jobs/", views.jobs, name="jobs"),
    path("jobs/<int:job_id>/", views.job, name="job"),
    path("jobs/<int:job_id>/cancel", views.cancel, name="job-cancel"),
    path("jobs/<int:job_id>/file", views.job_file, name="job-file"),
    path("events/", views.events, name="events"),
    path("figures/", figures.index, name="figures"),
    path("figures/publish", figures.publish, name="publish"),
    path("figures/<int:snapshot_id>/<path:figure_id>", figures.detail, name="figure"),
    path("figures-export/<int:snapshot_id>/<path:figure_id>", figures.export, name="figure-export"),
    *(path("", include(room.urls)) for room in rooms()),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.fault
