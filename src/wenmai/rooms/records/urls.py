"""Addresses of the ledgers. What the navigation names stands before the general form of the same address."""

from django.urls import path

from wenmai.rooms.records import views, views_pages

app_name = "records"
urlpatterns = [
    path("records/", views.index, name="index"),
    path("records/parks/", views.listing, {"kind": "parks"}, name="parks"),
    path("records/projects/", views.listing, {"kind": "projects"}, name="projects"),
    path("records/demands/", views.listing, {"kind": "demands"}, name="demands"),
    path("records/heritage/", views.listing, {"kind": "heritage"}, name="heritage"),
    path("records/clusters/", views.listing, {"kind": "clusters"}, name="clusters"),
    path("records/history/", views.changes, name="history"),
    path("records/history/export", views.changes_export, name="history-export"),
    path("records/alerts/", views_pages.alert_page, name="alerts"),
    path("records/nurture/", views_pages.nurture, name="nurture"),
    path("records/nurture/export", views_pages.nurture_export, name="nurture-export"),
    path("records/rules/install", views_pages.install_rules, name="install-rules"),
    path("records/intakes/<int:taken_id>/", views_pages.intake, name="intake"),
    path("records/parks/code/<slug:park_code>/", views_pages.park, name="park"),
    path("records/projects/code/<slug:project_code>/", views_pages.project, name="project"),
    path("records/demands/<int:demand_id>/close", views_pages.close, name="close"),
    path("records/demands/<int:demand_id>/hand-over", views_pages.hand_over, name="hand-over"),
    path("records/<slug:kind>/", views.listing, name="list"),
    path("records/<slug:kind>/export", views.export, name="export"),
    path("records/<slug:kind>/add", views.add, name="add"),
    path("records/<slug:kind>/import", views_pages.take_in, name="import"),
    path("records/<slug:kind>/template", views_pages.template, name="template"),
    path("records/<slug:kind>/<int:record_id>/", views.record, name="record"),
    path("records/<slug:kind>/<int:record_id>/edit", views.edit, name="edit"),
    path("records/<slug:kind>/<int:record_id>/withdraw", views.withdraw, name="withdraw"),
    path("records/<slug:kind>/<int:record_id>/restore", views.restore, name="restore"),
]
