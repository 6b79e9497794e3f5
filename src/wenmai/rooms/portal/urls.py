"""Addresses of the office's side."""

from django.urls import path

from wenmai.rooms.portal import views_office as views

app_name = "portal"
urlpatterns = [
    path("publications/", views.publications, name="publications"),
    path("publications/draft", views.draft, name="draft"),
    path("publications/<int:publication_id>/", views.publication, name="publication"),
    path("publications/<int:publication_id>/approve", views.approve, name="approve"),
    path("publications/<int:publication_id>/drop", views.drop, name="drop"),
    path("publications/<int:publication_id>/withdraw", views.withdraw, name="withdraw"),
    path("publications/<int:publication_id>/file", views.publication_file, name="publication-file"),
    path("inbox/", views.inbox, name="inbox"),
    path("inbox/<int:item_id>/", views.item, name="item"),
    path("inbox/<int:item_id>/handle", views.handle, name="handle"),
    path("inbox/<int:item_id>/file", views.item_file, name="item-file"),
]
