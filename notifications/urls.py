from django.urls import URLPattern

app_name = "notifications"
bell: list[URLPattern] = []
settings: list[URLPattern] = []
push: list[URLPattern] = []
urlpatterns = [*bell, *settings, *push]
