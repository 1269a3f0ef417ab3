from django.urls import URLPattern, path

from .pages import bell as the_bell
from .pages import follow, read

app_name = "notifications"
bell: list[URLPattern] = [
    path("notifications/", the_bell.page, name="page"),
    path("notifications/panel/", the_bell.panel, name="panel"),
    path("notifications/read/", read.read_all, name="read_all"),
    path("notifications/<int:pk>/", read.open_, name="open"),
    path("notifications/<int:pk>/read/", read.read, name="read"),
    path("torrents/<int:pk>/notify/", follow.follow, name="follow"),
    path("torrents/<int:pk>/mute/", follow.mute, name="mute"),
    path("torrents/<int:pk>/unmute/", follow.reset, name="reset"),
]
settings: list[URLPattern] = []
push: list[URLPattern] = []
urlpatterns = [*bell, *settings, *push]
