"""Addresses of people: login, logout, one's own page."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from wenmai.office.people import views

urlpatterns = [
    path("login", views.Login.as_view(), name="login"),
    path("logout", LogoutView.as_view(), name="logout"),
    path("me", views.Profile.as_view(), name="profile"),
]
