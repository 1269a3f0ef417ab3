from django.urls import URLPattern, path

from .pages import bell as the_bell
from .pages import channels, follow, read, trying
from .pages import push as devices
from .pages import settings as settings_page

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
settings: list[URLPattern] = [
    path("me/notifications/", settings_page.settings, name="settings"),
    path("me/notifications/channels/add/", channels.add, name="channel_add"),
    path("me/notifications/channels/<int:pk>/", channels.replace, name="channel"),
    path("me/notifications/channels/<int:pk>/rename/", channels.rename, name="channel_rename"),
    path("me/notifications/channels/<int:pk>/remove/", channels.remove, name="channel_remove"),
    path("me/notifications/channels/<int:pk>/test/", trying.test, name="channel_test"),
    path(
        "me/notifications/channels/<int:pk>/test/<int:delivery>/",
        trying.test_result,
        name="channel_test_result",
    ),
]
push: list[URLPattern] = [
    path("me/notifications/push/key/", devices.push_key, name="push_key"),
    path("me/notifications/push/subscribe/", devices.push_subscribe, name="push_subscribe"),
    path("me/notifications/push/unsubscribe/", devices.push_unsubscribe, name="push_unsubscribe"),
]
urlpatterns = [*bell, *settings, *push]
