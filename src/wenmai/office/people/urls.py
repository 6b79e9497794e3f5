"""Addresses of people, the same on both sites: login, logout, one's own page, the second factor, single sign-on."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from wenmai.office.people import sso, views

urlpatterns = [
    path("login", views.Login.as_view(), name="login"),
    path("login/code", views.login_code, name="login-code"),
    path("logout", LogoutView.as_view(), name="logout"),
    path("me", views.Profile.as_view(), name="profile"),
    path("me/confirm", views.reauth, name="reauth"),
    path("me/factor", views.factor, name="factor"),
    path("me/factor/off", views.factor_off, name="factor-off"),
    path("sso/", sso.start, name="sso"),
    path("sso/back", sso.back, name="sso-back"),
]
