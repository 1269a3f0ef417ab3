from django.urls import path

from . import views

app_name = "accounts"
urlpatterns = [
    path("me/", views.settings, name="settings"),
    path("setup/<str:token>/", views.setup, name="setup"),
    path("torbox/connect/", views.connect, name="connect"),
    path("torbox/<int:pk>/", views.account, name="account"),
    path("torbox/<int:pk>/key/", views.replace_key, name="replace_key"),
    path("torbox/<int:pk>/disconnect/", views.disconnect, name="disconnect"),
]
