"""Addresses of the outside site. Respondents' forms are mounted when the room of collection has them."""

from importlib.util import find_spec

from django.urls import include, path

from wenmai.web import errors, outside_errors


def _respondents() -> list[object]:
    parent = "wenmai.rooms.collection"
    if find_spec(parent) is None or find_spec(f"{parent}.urls_respondent") is None:
        return []
    return [path("", include(f"{parent}.urls_respondent"))]


urlpatterns = [
    path("", include("wenmai.rooms.portal.urls_outside")),
    path("", include("wenmai.office.people.urls")),
    *_respondents(),
]

handler400 = outside_errors.bad_request
handler403 = outside_errors.forbidden
handler404 = outside_errors.not_found
handler500 = errors.fault
