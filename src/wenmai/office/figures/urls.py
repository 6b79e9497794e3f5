"""Addresses of reported facts: the dictionary, values, entering, files, frames, growth, disclosure."""

from django.urls import path

from wenmai.office.figures import views, views_checks, views_consistency, views_entry, views_facts, views_frames, views_import

app_name = "facts"
urlpatterns = [
    path("indicators/", views.indicators, name="indicators"),
    path("indicators/install", views.install, name="install"),
    path("indicators/<slug:code>/", views.indicator, name="indicator"),
    path("indicators/<slug:code>/propose", views.propose, name="propose"),
    path("indicators/<slug:code>/<int:number>/decide", views.decide, name="decide"),
    path("facts/", views_facts.facts, name="facts"),
    path("facts/export", views_facts.export, name="export"),
    path("facts/value", views_facts.value, name="value"),
    path("facts/<int:fact_id>/", views_facts.fact, name="fact"),
    path("facts/<int:fact_id>/retract", views_facts.retract, name="retract"),
    path("facts/consistency", views_consistency.consistency, name="consistency"),
    path("facts/enter/", views_entry.enter, name="enter"),
    path("facts/import/", views_import.index, name="import"),
    path("facts/import/template", views_import.template, name="import-template"),
    path("facts/import/map", views_import.map_columns, name="import-map"),
    path("facts/import/<int:intake_id>/", views_import.intake, name="intake"),
    path("fact-sources/<int:source_id>/", views_facts.source, name="source"),
    path("fact-sources/<int:source_id>/slip", views_facts.slip, name="slip"),
    path("fact-sources/<int:source_id>/file", views_facts.file, name="file"),
    path("frames/", views_frames.frames, name="frames"),
    path("frames/enter", views_frames.enter, name="frame-enter"),
    path("frames/leave", views_frames.leave, name="frame-leave"),
    path("frames/import", views_frames.import_list, name="frame-import"),
    path("frames/template", views_frames.template, name="frame-template"),
    path("growth/", views_checks.growth, name="growth"),
    path("disclosure/", views_checks.disclosure, name="disclosure"),
    path("disclosure/export", views_checks.export, name="disclosure-export"),
]
