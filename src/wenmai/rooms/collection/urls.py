"""Addresses of the collection room: the office's own, and the respondents' (for filling on their behalf)."""

from django.urls import include, path

from wenmai.rooms.collection import views, views_more

_office = [
    path("collection/", views.index, name="index"),
    path("collection/forms/", views.forms, name="forms"),
    path("collection/forms/<slug:slug>/", views.form, name="form"),
    path("collection/forms/<slug:slug>/issue", views.issue, name="issue"),
    path("collection/rounds/<int:round_id>/", views.round_, name="round"),
    path("collection/rounds/<int:round_id>/remind", views.remind, name="remind"),
    path("collection/rounds/<int:round_id>/upload", views.upload_many, name="upload"),
    path("collection/rounds/<int:round_id>/merge", views.merge, name="merge"),
    path("collection/returns/<int:return_id>/", views.return_, name="return"),
    path("collection/returns/<int:return_id>/accept", views.accept, name="accept"),
    path("collection/returns/<int:return_id>/send-back", views.send_back, name="send-back"),
    path("collection/returns/<int:return_id>/exempt", views.exempt, name="exempt"),
    path("collection/returns/<int:return_id>/resume", views.resume, name="resume"),
    path("asks/", views_more.asks, name="asks"),
    path("asks/<int:ask_id>/", views_more.ask, name="ask"),
    path("asks/<int:ask_id>/chase", views_more.chase, name="chase"),
    path("asks/<int:ask_id>/cancel", views_more.cancel, name="cancel"),
    path("asks/<int:ask_id>/sign", views_more.sign, name="sign"),
    path("asks/<int:ask_id>/slip", views_more.slip, name="slip"),
    path("layouts/", views_more.templates, name="templates"),
    path("layouts/<int:template_id>/", views_more.template, name="template"),
    path("layouts/<int:template_id>/file", views_more.template_file, name="template-file"),
    path("old-reports/", views_more.reports, name="reports"),
    path("old-reports/<int:report_id>/", views_more.report, name="report"),
    path("cards/", views_more.card_list, name="cards"),
    path("cards/<int:card_id>/", views_more.card, name="card"),
    path("cards/<int:card_id>/file", views_more.card_file, name="card-file"),
]
urlpatterns = [
    path("", include((_office, "collection"))),
    path("", include("wenmai.rooms.collection.urls_respondent")),
]
