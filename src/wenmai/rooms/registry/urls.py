"""Addresses of the registry. Keys may hold any character but NUL, so they come last and as a path."""

from django.urls import path

from wenmai.rooms.registry import views

app_name = "registry"
urlpatterns = [
    path("enterprises/", views.enterprises, name="enterprises"),
    path("enterprises/export", views.export, name="export"),
    path("enterprises/k/<path:key>", views.enterprise, name="enterprise"),
    path("batches/", views.batches, name="batches"),
    path("batches/upload", views.upload, name="upload"),
    path("batches/<int:batch_id>/", views.batch, name="batch"),
    path("batches/<int:batch_id>/read", views.read_again, name="read"),
    path("batches/<int:batch_id>/confirm", views.confirm, name="confirm"),
    path("batches/<int:batch_id>/abandon", views.abandon, name="abandon"),
    path("batches/<int:batch_id>/undo", views.undo, name="undo"),
    path("batches/<int:batch_id>/rows", views.rows, name="rows"),
    path("batches/<int:batch_id>/download/<slug:part>", views.download, name="download"),
]
