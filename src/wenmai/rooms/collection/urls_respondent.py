"""Addresses of whoever fills in; the outside site includes this module under the same namespace."""

from django.urls import path

from wenmai.rooms.collection import views_respondent as views

app_name = "returns"
urlpatterns = [
    path("returns/", views.mine, name="mine"),
    path("returns/<int:return_id>/", views.fill, name="fill"),
    path("returns/<int:return_id>/template", views.template, name="template"),
    path("returns/<int:return_id>/upload", views.upload, name="upload"),
    path("returns/asked/", views.asked, name="asked"),
    path("returns/asked/<int:ask_id>/", views.answer, name="answer"),
]
