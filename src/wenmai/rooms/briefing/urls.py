"""Addresses of the briefing room."""

from django.urls import path

from wenmai.rooms.briefing import views

app_name = "briefing"
urlpatterns = [
    path("briefing/", views.documents, name="documents"),
    path("briefing/draft", views.draft, name="draft"),
    path("briefing/passages", views.passages, name="passages"),
    path("briefing/passages/<slug:slot>", views.passage, name="passage"),
    path("briefing/figures", views.confirmations, name="confirmations"),
    path("briefing/confirm", views.confirm, name="confirm"),
    path("briefing/confirmations/<int:confirmation_id>/withdraw", views.withdraw, name="withdraw"),
    path("briefing/confirmations/<int:confirmation_id>/slip", views.slip, name="slip"),
    path("briefing/<int:document_id>/<slug:part>", views.download, name="download"),
]
