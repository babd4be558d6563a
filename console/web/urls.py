"""Addresses of the web console."""

from __future__ import annotations

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from console.web import pages

urlpatterns = [
    path("", pages.leads, name="leads"),
    path("vu-viec/<str:code>/", pages.lead, name="lead"),
    path("tim-kiem/", pages.search, name="search"),
    path("dinh-danh/", pages.entity, name="entity"),
    path("bai/<str:identifier>/", pages.document, name="document"),
    path("ban-tin/", pages.digests, name="digests"),
    path("thu/<str:identifier>/", pages.message, name="message"),
    path("thu/<str:identifier>/noi-dung", pages.message_body, name="message-body"),
    path("hop-thu/", pages.inbox, name="inbox"),
    path("hop-thu/<str:name>/", pages.received, name="received"),
    path("hop-thu/<str:name>/noi-dung", pages.received_body, name="received-body"),
    path("nguon/", pages.sources, name="sources"),
    path("healthz", pages.health, name="health"),
    path("dang-nhap/", LoginView.as_view(template_name="console/login.html"), name="login"),
    path("dang-xuat/", LogoutView.as_view(), name="logout"),
]
