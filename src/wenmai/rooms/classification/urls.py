"""Addresses of the classification room."""

from django.urls import path

from wenmai.rooms.classification import views

app_name = "classification"
urlpatterns = [
    path("reviews/", views.queue, name="queue"),
    path("reviews/run", views.run, name="run"),
    path("reviews/decide", views.decide, name="decide"),
    path("reviews/withdraw", views.withdraw, name="withdraw"),
    path("reviews/export", views.export, name="export"),
    path("reviews/import", views.import_reviews, name="import"),
]
