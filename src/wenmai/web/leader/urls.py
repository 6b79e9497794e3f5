"""Addresses of the leader's pages, saved views, tokens and the API."""

from django.urls import include, path

from wenmai.web import map_page, saved
from wenmai.web.api import pages
from wenmai.web.leader import views, views_compare

urlpatterns = [
    path("ten/", views.ten, name="ten"),
    path("ten/export", views.export, name="ten-export"),
    path("ten/<int:number>/", views.one, name="ten-one"),
    path("compare/", views_compare.compare, name="compare"),
    path("compare/svg", views_compare.compare_svg, name="compare-svg"),
    path("compare/xlsx", views_compare.compare_xlsx, name="compare-xlsx"),
    path("map/", map_page.page, name="map"),
    path("map/upload", map_page.upload, name="map-upload"),
    path("saved/", saved.index, name="saved"),
    path("saved/add", saved.add, name="saved-add"),
    path("saved/<int:view_id>/", saved.change, name="saved-change"),
    path("tokens/", pages.index, name="tokens"),
    path("tokens/add", pages.add, name="token-add"),
    path("tokens/<int:token_id>/revoke", pages.revoke, name="token-revoke"),
    path("", include("wenmai.web.api.urls")),
]
