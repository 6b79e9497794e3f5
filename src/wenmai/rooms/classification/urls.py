"""Addresses of the classification room."""

from django.urls import path

from wenmai.rooms.classification import views, views_bridge, views_scopes

app_name = "classification"
urlpatterns = [
    path("reviews/", views.queue, name="queue"),
    path("reviews/run", views.run, name="run"),
    path("reviews/decide", views.decide, name="decide"),
    path("reviews/withdraw", views.withdraw, name="withdraw"),
    path("reviews/export", views.export, name="export"),
    path("reviews/import", views.import_reviews, name="import"),
    *views_bridge.patterns,
    path("scopes/", views_scopes.scopes, name="scopes"),
    path("scopes/preview", views_scopes.preview, name="scope-preview"),
    path("scopes/add", views_scopes.add, name="scope-add"),
    path("scopes/example", views_scopes.example, name="scope-example"),
    path("scopes/<int:scope_id>/", views_scopes.scope, name="scope"),
    path("scopes/<int:scope_id>/file", views_scopes.download, name="scope-file"),
    path("scopes/<int:scope_id>/retire", views_scopes.retire, name="scope-retire"),
    path("scopes/<int:scope_id>/restore", views_scopes.restore, name="scope-restore"),
]
