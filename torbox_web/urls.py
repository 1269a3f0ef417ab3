from allauth.account import views as sign_in
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from allauth.usersessions import views as sessions
from django.urls import include, path, reverse_lazy

from accounts.reauthentication import reauthentication_required
from localization import views as languages

from .assets import pwa

security = reverse_lazy("mfa_index")
signing_in = [
    path("sign-in/", sign_in.login, name="account_login"),
    path("sign-in/passkey/", passkeys.login_webauthn, name="mfa_login_webauthn"),
    path("sign-in/code/", mfa.authenticate, name="mfa_authenticate"),
    path("sign-out/", sign_in.logout, name="account_logout"),
]
confirming = [
    path("me/confirm/", sign_in.reauthenticate, name="account_reauthenticate"),
    path("me/confirm/passkey/", passkeys.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("me/confirm/code/", mfa.reauthenticate, name="mfa_reauthenticate"),
]
securing = [
    path("me/security/", mfa.index, name="mfa_index"),
    path("me/sessions/", sessions.list_usersessions, name="usersessions_list"),
    path("me/password/", sign_in.password_change, name="account_change_password"),
    path("me/password/first/", reauthentication_required(sign_in.password_set), name="account_set_password"),
    path("me/passkeys/add/", passkeys.add_webauthn, name="mfa_add_webauthn"),
    path(
        "me/passkeys/<int:pk>/rename/",
        passkeys.EditWebAuthnView.as_view(success_url=security),
        name="mfa_edit_webauthn",
    ),
    path(
        "me/passkeys/<int:pk>/remove/",
        passkeys.RemoveWebAuthnView.as_view(success_url=security),
        name="mfa_remove_webauthn",
    ),
    path("me/app/", totp.activate_totp, name="mfa_activate_totp"),
    path("me/app/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("me/recovery-codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("me/recovery-codes/new/", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("me/recovery-codes/download/", codes.download_recovery_codes, name="mfa_download_recovery_codes"),
]
installed = [
    path("manifest.webmanifest", pwa.manifest, name="manifest"),
    path("service-worker.js", pwa.service_worker, name="service_worker"),
    path("offline/", pwa.offline, name="offline"),
    path("language/", languages.choose, name="set_language"),
]
handler500 = "torbox_web.http.unavailable.server_error"
urlpatterns = [
    *signing_in,
    *confirming,
    *securing,
    *installed,
    path("", include("care.urls")),
    path("", include("accounts.urls")),
    path("", include("api.urls")),
    path("", include("links.urls")),
    path("", include("notifications.urls")),
    path("", include("saving.urls")),
    path("", include("torrents.urls")),
]
