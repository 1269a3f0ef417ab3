from django.urls import URLPattern, path

from .pages import settings as settings_page

app_name = "notifications"
bell: list[URLPattern] = []
settings: list[URLPattern] = [
    path("me/notifications/", settings_page.settings, name="settings"),
]
push: list[URLPattern] = []
urlpatterns = [*bell, *settings, *push]
