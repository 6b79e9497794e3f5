"""Addresses of the outside site's own pages. The first is called as the office's first page is, so that shared pages (errors,
password) lead home on either site."""

from django.urls import path

from wenmai.rooms.portal import views_outside as views

urlpatterns = [
    path("", views.home, name="dashboard"),
    path("notices/<int:publication_id>/", views.notice, name="notice"),
    path("notices/<int:publication_id>/file", views.notice_file, name="notice-file"),
    path("mine/", views.mine, name="mine"),
    path("consents/", views.consents, name="consents"),
    path("consents/give", views.consent_give, name="consent-give"),
    path("consents/<int:consent_id>/withdraw", views.consent_withdraw, name="consent-withdraw"),
    path("sent/", views.sent, name="sent"),
    path("sent/send", views.send, name="send"),
    path("sent/<int:item_id>/", views.sent_item, name="sent-item"),
    path("sent/<int:item_id>/file", views.sent_file, name="sent-file"),
]
