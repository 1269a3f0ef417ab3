from django.urls import URLPattern, path

from .pages import push as devices

app_name = "notifications"
bell: list[URLPattern] = []
settings: list[URLPattern] = []
push: list[URLPattern] = [
    path("me/notifications/push/key/", devices.push_key, name="push_key"),
    path("me/notifications/push/subscribe/", devices.push_subscribe, name="push_subscribe"),
    path("me/notifications/push/unsubscribe/", devices.push_unsubscribe, name="push_unsubscribe"),
]
urlpatterns = [*bell, *settings, *push]
