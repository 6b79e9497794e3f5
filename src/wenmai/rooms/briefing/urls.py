"""Addresses of the briefing room."""

from django.urls import path

from wenmai.rooms.briefing import views

app_name = "briefing"
urlpatterns = [
    path("briefing/", views.documents, name="documents"),
    path("briefing/draft", views.draft, name="draft"),
    path("briefing/passages", views.passages, name="passages"),
    path("briefing/passages/<slug:slot>", views.passage, name="passage"),
    path("briefing/<int:document_id>/<slug:part>", views.download, name="download"),
]
