from allauth.account import views as sign_in
from django.urls import include, path

from . import installing

urlpatterns = [
    path("sign-in/", sign_in.login, name="account_login"),
    path("sign-out/", sign_in.logout, name="account_logout"),
    path("me/password/", sign_in.password_change, name="account_change_password"),
    path("me/confirm/", sign_in.reauthenticate, name="account_reauthenticate"),
    path("manifest.webmanifest", installing.manifest, name="manifest"),
    path("service-worker.js", installing.service_worker, name="service_worker"),
    path("offline/", installing.offline, name="offline"),
    path("", include("accounts.urls")),
    path("", include("torrents.urls")),
]
