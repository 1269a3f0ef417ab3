from django.urls import path

from .views import joining, keys, people, settings, sharing

app_name = "accounts"

coming_in = [
    path("setup/<str:token>/", joining.setup, name="setup"),
    path("join/<str:token>/", joining.join, name="join"),
    path("join/<str:token>/passkey/", joining.join_passkey, name="join_passkey"),
]
household = [
    path("people/", people.people, name="people"),
    path("people/invite/", people.invite, name="invite"),
    path("people/invitations/<int:pk>/", people.invitation, name="invitation"),
    path("people/invitations/<int:pk>/revoke/", people.revoke, name="revoke"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/disable/", people.disable, name="disable"),
    path("people/<int:pk>/enable/", people.enable, name="enable"),
    path("people/<int:pk>/sign-out/", people.end_sessions, name="end_sessions"),
    path("people/<int:pk>/hand-over/", people.hand_over, name="hand_over"),
    path("people/<int:pk>/invite-back/", people.invite_back, name="invite_back"),
]
mine = [
    path("me/", settings.settings, name="settings"),
    path("me/profile/", settings.profile, name="profile"),
    path("me/torbox/", settings.torbox_accounts, name="torbox"),
    path("me/browser/", settings.this_browser, name="browser"),
    path("me/data/", settings.your_data, name="data"),
    path("torbox/connect/", keys.connect, name="connect"),
    path("torbox/<int:pk>/", keys.account, name="account"),
    path("torbox/<int:pk>/key/", keys.replace_key, name="replace_key"),
    path("torbox/<int:pk>/disconnect/", keys.disconnect, name="disconnect"),
]
shares = [
    path("torbox/<int:pk>/shares/", sharing.share, name="share"),
    path("torbox/<int:pk>/shares/<int:share_pk>/", sharing.change, name="share_change"),
    path("torbox/<int:pk>/shares/<int:share_pk>/end/", sharing.end, name="share_end"),
]
urlpatterns = coming_in + household + mine + shares
