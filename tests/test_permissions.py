"""The response of every URL to each kind of person. A URL that isn't in this table fails a test."""

from __future__ import annotations

from collections.abc import Iterator
from http.cookies import SimpleCookie

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.cache import cache
from django.core.handlers.base import BaseHandler
from django.db import transaction
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.converters import IntConverter

from accounts import services
from accounts.models import Invitation, Share, User
from api.models import Category
from links.models import LastingLink
from links.services import making
from notifications.events import Kind
from notifications.models import Delivery, Notification
from saving.models import Folder, Rule
from tests.api.factories import make_token
from tests.api.qbittorrent import rows as qbittorrent
from tests.api.v1.operations import rows_of_sessions
from tests.factories import make_account, make_key, make_passkey, make_torrent, make_user, sign_in
from tests.links.factories import make_share
from tests.notifications.factories import make_channel, make_delivery
from tests.notifications.notes import tell
from tests.saving.factories import make_folder, make_job
from torrents.models import SavedView, Torrent
from torrents.services.sync import refreshing

pytestmark = pytest.mark.django_db
# No one, a suspended person, a member without a share, a guest who may view, members who may view, add, and manage,
# the member who owns the TorBox account, and an owner of the household without access to that account.
PEOPLE = (
    "anonymous", "disabled", "outsider", "guest", "viewer", "adder", "manager", "account_owner", "instance_owner",
)  # fmt: skip
MAGNET = "magnet:?xt=urn:btih:" + "a" * 40
CONTROL = {"operation": "reannounce"}
FOLDER = {"name": "Films", "path": "films", "floor": "0", "who": "everyone", "after": "keep"}

# name: (method, responses, form). Columns in the order of PEOPLE. "in" redirects to sign-in (302),
# 405: no such method. The account's owner added the torrent. The role of guest outweighs a share to add.
TABLE: dict[str, list[tuple[str, str, dict[str, str]]]] = {
    "account_login": [
        ("get", "200 200 302 302 302 302 302 302 302", {}),
        ("post", "200 200 302 302 302 302 302 302 302", {}),
    ],
    "account_logout": [
        ("get", "302 302 200 200 200 200 200 200 200", {}),
        ("post", "302 302 302 302 302 302 302 302 302", {}),
    ],
    "account_change_password": [
        ("get", "in in 200 200 200 200 200 200 200", {}),
        ("post", "in in 200 200 200 200 200 200 200", {}),
    ],
    "account_reauthenticate": [
        ("get", "in in 200 200 200 200 200 200 200", {}),
        ("post", "in in 200 200 200 200 200 200 200", {}),
    ],
    "mfa_login_webauthn": [
        ("get", "302 302 302 302 302 302 302 302 302", {}),
        ("post", "302 302 302 302 302 302 302 302 302", {}),
    ],
    "mfa_authenticate": [
        ("get", "302 302 302 302 302 302 302 302 302", {}),
        ("post", "302 302 302 302 302 302 302 302 302", {}),
    ],
    "mfa_reauthenticate": [
        ("get", "in in 302 302 302 302 302 302 302", {}),
        ("post", "in in 302 302 302 302 302 302 302", {}),
    ],
    "mfa_reauthenticate_webauthn": [
        ("get", "in in 302 302 302 302 302 200 302", {}),
        ("post", "in in 302 302 302 302 302 302 302", {}),
    ],
    "mfa_index": [
        ("get", "in in 200 200 200 200 200 200 200", {}),
        ("post", "in in 405 405 405 405 405 405 405", {}),
    ],
    "usersessions_list": [
        ("get", "in in 200 200 200 200 200 200 200", {}),
        ("post", "in in 302 302 302 302 302 302 302", {}),
    ],
    "account_set_password": [
        ("get", "in in 302 302 302 302 302 302 302", {}),
        ("post", "in in 302 302 302 302 302 302 302", {}),
    ],
    "mfa_add_webauthn": [
        ("get", "in in 200 200 200 200 200 200 200", {}),
        ("post", "in in 200 200 200 200 200 200 200", {}),
    ],
    "mfa_edit_webauthn": [
        ("get", "in in 404 404 404 404 404 200 404", {}),
        ("post", "in in 404 404 404 404 404 200 404", {}),
    ],
    "mfa_remove_webauthn": [
        ("get", "in in 404 404 404 404 404 200 404", {}),
        ("post", "in in 404 404 404 404 404 302 404", {}),
    ],
    "mfa_activate_totp": [
        ("get", "in in 200 200 200 200 200 200 200", {}),
        ("post", "in in 200 200 200 200 200 200 200", {}),
    ],
    "mfa_deactivate_totp": [
        ("get", "in in 404 404 404 404 404 404 404", {}),
        ("post", "in in 404 404 404 404 404 404 404", {}),
    ],
    "mfa_view_recovery_codes": [
        ("get", "in in 404 404 404 404 404 404 404", {}),
        ("post", "in in 405 405 405 405 405 405 405", {}),
    ],
    "mfa_generate_recovery_codes": [
        ("get", "in in 200 200 200 200 200 200 200", {}),
        ("post", "in in 200 200 200 200 200 302 200", {}),
    ],
    "mfa_download_recovery_codes": [
        ("get", "in in 404 404 404 404 404 404 404", {}),
        ("post", "in in 404 404 404 404 404 404 404", {}),
    ],
    "accounts:join": [
        ("get", "404 404 404 404 404 404 404 404 404", {}),
        ("post", "404 404 404 404 404 404 404 404 404", {}),
    ],
    "accounts:join_passkey": [
        ("get", "404 404 404 404 404 404 404 404 404", {}),
        ("post", "404 404 404 404 404 404 404 404 404", {}),
    ],
    "accounts:people": [
        ("get", "in in 200 200 200 200 200 200 200", {}),
        ("post", "in in 405 405 405 405 405 405 405", {}),
    ],
    "accounts:invite": [
        ("get", "in in 404 404 404 404 404 404 200", {}),
        ("post", "in in 404 404 404 404 404 404 302", {"role": "guest", "days": "7"}),
    ],
    "accounts:invitation": [
        ("get", "in in 404 404 404 404 404 404 200", {}),
        ("post", "in in 405 405 405 405 405 405 405", {}),
    ],
    "accounts:revoke": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 404 404 404 404 404 404 302", {}),
    ],
    "accounts:person": [
        ("get", "in in 404 404 404 404 404 404 200", {}),
        ("post", "in in 404 404 404 404 404 404 302", {"role": "owner"}),
    ],
    "accounts:disable": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 404 404 404 404 404 404 302", {}),
    ],
    "accounts:enable": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 404 404 404 404 404 404 302", {}),
    ],
    "accounts:end_sessions": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 404 404 404 404 404 404 302", {}),
    ],
    "accounts:hand_over": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 404 404 404 404 404 404 302", {}),
    ],
    "accounts:invite_back": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 404 404 404 404 404 404 302", {}),
    ],
    "torrents:delete_person": [
        ("get", "in in 404 404 404 404 404 404 200", {}),
        ("post", "in in 404 404 404 404 404 404 302", {"what": "delete"}),
    ],
    "torrents:delete_me": [
        ("get", "in in 200 200 200 200 200 200 200", {}),
        ("post", "in in 302 302 302 302 302 302 422", {"what": "delete"}),
    ],
    "torrents:export_mine": [
        ("get", "in in 200 200 200 200 200 200 200", {}),
        ("post", "in in 405 405 405 405 405 405 405", {}),
    ],
    "torrents:export_magnets": [
        ("get", "in in 200 200 200 200 200 200 200", {}),
        ("post", "in in 405 405 405 405 405 405 405", {}),
    ],
    "accounts:settings": [
        ("get", "in in 200 200 200 200 200 200 200", {}),
        ("post", "in in 405 405 405 405 405 405 405", {}),
    ],
    "accounts:profile": [
        ("get", "in in 200 200 200 200 200 200 200", {}),
        ("post", "in in 302 302 302 302 302 302 302", {"appearance": "dark"}),
    ],
    "notifications:settings": [
        ("get", "in in 200 200 200 200 200 200 200", {}),
        ("post", "in in 302 302 302 302 302 302 302", {"stalled_hours": "6", "summary": "never"}),
    ],
    "accounts:torbox": [
        ("get", "in in 200 200 200 200 200 200 200", {}),
        ("post", "in in 405 405 405 405 405 405 405", {}),
    ],
    "accounts:browser": [
        ("get", "in in 200 200 200 200 200 200 200", {}),
        ("post", "in in 405 405 405 405 405 405 405", {}),
    ],
    "accounts:data": [
        ("get", "in in 200 200 200 200 200 200 200", {}),
        ("post", "in in 405 405 405 405 405 405 405", {}),
    ],
    # The channel is the account owner's own, and so is the test of it.
    "notifications:channel_add": [
        ("get", "in in 200 200 200 200 200 200 200", {}),
        ("post", "in in 302 302 302 302 302 302 302", {"kind": "pushbullet", "token": "o.abcdefghijkl"}),
    ],
    "notifications:channel": [
        ("get", "in in 404 404 404 404 404 200 404", {}),
        ("post", "in in 404 404 404 404 404 302 404", {"token": "o.abcdefghijkl"}),
    ],
    "notifications:channel_rename": [
        ("get", "in in 404 404 404 404 404 200 404", {}),
        ("post", "in in 404 404 404 404 404 302 404", {"label": "Mine"}),
    ],
    "notifications:channel_remove": [
        ("get", "in in 404 404 404 404 404 200 404", {}),
        ("post", "in in 404 404 404 404 404 302 404", {}),
    ],
    "notifications:channel_test": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 404 404 404 404 404 302 404", {}),
    ],
    "notifications:channel_test_result": [
        ("get", "in in 404 404 404 404 404 302 404", {}),
        ("post", "in in 405 405 405 405 405 405 405", {}),
    ],
    "accounts:setup": [
        ("get", "404 404 404 404 404 404 404 404 404", {}),
        ("post", "404 404 404 404 404 404 404 404 404", {}),
    ],
    "accounts:connect": [
        ("get", "in in 200 404 200 200 200 200 200", {}),
        ("post", "in in 422 404 422 422 422 422 422", {"api_key": "x"}),
    ],
    "accounts:account": [("get", "in in 404 404 404 404 404 200 404", {})],
    "torrents:usage": [
        ("get", "in in 404 404 404 404 404 200 404", {}),
        ("post", "in in 405 405 405 405 405 405 405", {}),
    ],
    "accounts:replace_key": [
        ("get", "in in 404 404 404 404 404 200 404", {}),
        ("post", "in in 404 404 404 404 404 422 404", {"api_key": "x"}),
    ],
    "accounts:disconnect": [
        ("get", "in in 404 404 404 404 404 200 404", {}),
        ("post", "in in 404 404 404 404 404 302 404", {}),
    ],
    "manifest": [
        ("get", "200 200 200 200 200 200 200 200 200", {}),
        ("post", "405 405 405 405 405 405 405 405 405", {}),
    ],
    "set_language": [
        ("get", "405 405 405 405 405 405 405 405 405", {}),
        ("post", "302 302 302 302 302 302 302 302 302", {"language": "en"}),
    ],
    "service_worker": [
        ("get", "200 200 200 200 200 200 200 200 200", {}),
        ("post", "405 405 405 405 405 405 405 405 405", {}),
    ],
    # There is no heartbeat of a worker here, so the instance is live and not ready.
    "care:live": [
        ("get", "200 200 200 200 200 200 200 200 200", {}),
        ("post", "405 405 405 405 405 405 405 405 405", {}),
    ],
    "care:ready": [
        ("get", "503 503 503 503 503 503 503 503 503", {}),
        ("post", "405 405 405 405 405 405 405 405 405", {}),
    ],
    # Off without METRICS_TOKEN. With it, only for requests with the token.
    "care:metrics": [
        ("get", "404 404 404 404 404 404 404 404 404", {}),
        ("post", "405 405 405 405 405 405 405 405 405", {}),
    ],
    "offline": [
        ("get", "200 200 200 200 200 200 200 200 200", {}),
        ("post", "405 405 405 405 405 405 405 405 405", {}),
    ],
    "torrents:preview_line": [
        ("get", "in in 404 200 200 200 200 200 404", {}),
        ("post", "in in 405 405 405 405 405 405 405", {}),
    ],
    "torrents:share": [
        ("get", "in in 302 302 302 302 302 302 302", {}),
        ("post", "in in 200 200 200 200 200 200 200", {"text": MAGNET}),
    ],
    "links:play": [
        ("get", "in in 404 200 200 200 200 200 404", {}),
        ("post", "in in 405 405 405 405 405 405 405", {}),
    ],
    "links:playlist": [
        ("get", "in in 404 200 200 200 200 200 404", {}),
        ("post", "in in 405 405 405 405 405 405 405", {}),
    ],
    "accounts:share": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 404 404 404 404 404 422 404", {"level": "add"}),
    ],
    "accounts:share_change": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 404 404 404 404 404 302 404", {"level": "manage"}),
    ],
    # The share is the viewer's, who may give it up.
    "accounts:share_end": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 404 404 302 404 404 302 404", {}),
    ],
    "torrents:list": [
        ("get", "in in 200 200 200 200 200 200 200", {}),
        ("post", "in in 405 405 405 405 405 405 405", {}),
    ],
    "torrents:changes": [
        ("get", "in in 200 200 200 200 200 200 200", {}),
        ("post", "in in 405 405 405 405 405 405 405", {}),
    ],
    # The view is that of the account's owner, and only they can reach it.
    "torrents:save_view": [
        ("get", "in in 200 200 200 200 200 200 200", {}),
        ("post", "in in 302 302 302 302 302 302 302", {"name": "Mine", "query": "tab=ready"}),
    ],
    "torrents:restore_view": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 404 404 404 404 404 404 404", {}),
    ],
    "torrents:rename_view": [
        ("get", "in in 404 404 404 404 404 200 404", {}),
        ("post", "in in 404 404 404 404 404 302 404", {"name": "Other"}),
    ],
    "torrents:default_view": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 404 404 404 404 404 302 404", {}),
    ],
    "torrents:delete_view": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 404 404 404 404 404 302 404", {}),
    ],
    "torrents:refresh": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 302 302 302 302 302 302 302", {}),
    ],
    "torrents:show_speed": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 302 302 302 302 302 302 302", {"shown": "1"}),
    ],
    "torrents:deleted": [
        ("get", "in in 200 200 200 200 200 200 200", {}),
        ("post", "in in 405 405 405 405 405 405 405", {}),
    ],
    "care:status": [
        ("get", "in in 404 404 404 404 404 200 200", {}),
        ("post", "in in 405 405 405 405 405 405 405", {}),
    ],
    "torrents:preview": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 200 200 200 200 200 200 200", {"text": MAGNET}),
    ],
    "torrents:add": [
        ("get", "in in 200 200 200 200 200 200 200", {}),
        ("post", "in in 302 302 302 302 302 302 302", {"text": MAGNET}),
    ],
    "torrents:lookup": [
        ("get", "in in 200 200 200 200 200 200 200", {}),
        ("post", "in in 200 200 200 200 200 200 200", {"hash": "b" * 40, "timeout": "1"}),
    ],
    "torrents:check": [
        ("get", "in in 200 200 200 200 200 200 200", {}),
        ("post", "in in 200 200 200 200 200 200 200", {"text": MAGNET}),
    ],
    "torrents:bulk": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 302 302 302 302 302 302 302", {"action": "reannounce"}),
    ],
    "torrents:everything": [
        ("get", "in in 302 302 302 302 200 200 302", {}),
        ("post", "in in 302 302 302 302 302 302 302", CONTROL),
    ],
    "torrents:detail": [
        ("get", "in in 404 200 200 200 200 200 404", {}),
        ("post", "in in 405 405 405 405 405 405 405", {}),
    ],
    "torrents:files": [
        ("get", "in in 404 200 200 200 200 200 404", {}),
        ("post", "in in 405 405 405 405 405 405 405", {}),
    ],
    "torrents:menu": [
        ("get", "in in 404 200 200 200 200 200 404", {}),
        ("post", "in in 405 405 405 405 405 405 405", {}),
    ],
    "torrents:refresh_one": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 404 302 302 302 302 302 404", {}),
    ],
    "torrents:control": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 404 404 404 404 302 302 404", {}),
    ],
    "torrents:remove": [
        ("get", "in in 404 404 404 404 200 200 404", {}),
        ("post", "in in 404 404 404 404 302 302 404", {}),
    ],
    "torrents:restore": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 404 404 404 404 302 302 404", {}),
    ],
    "torrents:restore_several": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 302 302 302 302 302 302 302", {}),
    ],
    "torrents:retry": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 404 404 404 404 302 302 404", {}),
    ],
    "torrents:clear": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 404 404 404 404 302 302 404", {}),
    ],
    "torrents:tag_several": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 302 302 302 302 302 302 302", {}),
    ],
    "torrents:change_tags": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 302 302 302 302 302 302 302", {"new": "Films"}),
    ],
    "torrents:rename_several": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 302 302 302 302 302 302 302", {"find": "Sintel", "replace": "Film", "apply": "1"}),
    ],
    "torrents:preview_names": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 200 200 200 200 200 200 200", {"find": "Sintel", "replace": "Film"}),
    ],
    "torrents:keep_several": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 302 302 302 302 302 302 302", {}),
    ],
    "torrents:undo_edit": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 302 302 302 302 302 302 302", {}),
    ],
    "torrents:tag": [
        ("get", "in in 404 404 404 404 200 200 404", {}),
        ("post", "in in 404 404 404 404 302 302 404", {"new": "Films"}),
    ],
    "torrents:rename": [
        ("get", "in in 404 404 404 404 200 200 404", {}),
        ("post", "in in 404 404 404 404 302 302 404", {"name": "Film"}),
    ],
    "torrents:keep": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 404 404 404 404 302 302 404", {}),
    ],
    "torrents:stop_keeping": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 404 404 404 404 302 302 404", {}),
    ],
    "torrents:hide": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 404 404 404 404 404 302 404", {}),
    ],
    "torrents:show": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 404 404 404 404 404 302 404", {}),
    ],
    "torrents:activity": [
        ("get", "in in 200 200 200 200 200 200 200", {}),
        ("post", "in in 405 405 405 405 405 405 405", {}),
    ],
    "torrents:activity_export": [
        ("get", "in in 200 200 200 200 200 200 200", {}),
        ("post", "in in 405 405 405 405 405 405 405", {}),
    ],
    "notifications:push_key": [
        ("get", "in in 200 200 200 200 200 200 200", {}),
        ("post", "in in 405 405 405 405 405 405 405", {}),
    ],
    "notifications:push_subscribe": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 400 400 400 400 400 400 400", {}),
    ],
    "notifications:push_unsubscribe": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 200 200 200 200 200 200 200", {}),
    ],
    "links:download_zip": [
        ("get", "in in 404 302 302 302 302 302 404", {}),
        ("post", "in in 405 405 405 405 405 405 405", {}),
    ],
    "links:download_file": [
        ("get", "in in 404 302 302 302 302 302 404", {}),
        ("post", "in in 405 405 405 405 405 405 405", {}),
    ],
    "links:link_zip": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 404 200 200 200 200 200 404", {}),
    ],
    "links:link_file": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 404 200 200 200 200 200 404", {}),
    ],
    "links:links": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 404 200 200 200 200 200 404", {}),
    ],
    "links:several": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 302 302 302 302 302 302 302", {"action": "links"}),
    ],
    # The account's owner saves the torrent already. There is one folder, for everyone.
    "saving:save_one": [
        ("get", "in in 404 200 200 200 200 200 404", {}),
        ("post", "in in 404 302 302 302 302 302 404", {}),
    ],
    "saving:save_files": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 404 302 302 302 302 302 404", {}),
    ],
    "saving:save_several": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 302 302 302 302 302 302 302", {}),
    ],
    "saving:undo": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 404 404 404 404 404 404 404", {}),
    ],
    "saving:pause_all": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 302 302 302 302 302 302 302", {}),
    ],
    "saving:resume_all": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 302 302 302 302 302 302 302", {}),
    ],
    "saving:control": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 404 404 404 404 404 302 404", {}),
    ],
    "saving:cancel": [
        ("get", "in in 404 404 404 404 404 200 404", {}),
        ("post", "in in 404 404 404 404 404 302 404", {}),
    ],
    "links:export_magnet": [
        ("get", "in in 404 200 200 200 200 200 404", {}),
        ("post", "in in 405 405 405 405 405 405 405", {}),
    ],
    "links:export_file": [
        ("get", "in in 404 200 200 200 200 200 404", {}),
        ("post", "in in 405 405 405 405 405 405 405", {}),
    ],
    # The link is one that the account's owner made to the torrent. Others are offered one of their own.
    "links:share": [
        ("get", "in in 404 200 200 200 200 200 404", {}),
        ("post", "in in 404 302 302 302 302 200 404", {"part": "all", "expires": "30", "limit": "none"}),
    ],
    "links:change": [
        ("get", "in in 404 404 404 404 404 200 404", {}),
        ("post", "in in 404 404 404 404 404 302 404", {"part": "all", "expires": "7", "limit": "5"}),
    ],
    "links:revoke": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 404 404 404 404 404 302 404", {}),
    ],
    "links:renew": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 404 404 404 404 404 302 404", {}),
    ],
    "links:manage": [
        ("get", "in in 200 200 200 200 200 200 200", {}),
        ("post", "in in 405 405 405 405 405 405 405", {}),
    ],
    "links:new_list": [
        ("get", "in in 200 200 200 200 200 200 200", {}),
        ("post", "in in 302 302 302 302 302 302 302", {"what": "all", "kind": "podcast", "expires": "30"}),
    ],
    "links:revoke_all": [
        ("get", "in in 200 200 200 200 200 200 200", {}),
        ("post", "in in 302 302 302 302 302 302 302", {}),
    ],
    "links:restore": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 404 404 404 404 404 404 404", {}),
    ],
    "links:set_policy": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 404 404 404 404 404 404 302", {"made_by": "members"}),
    ],
    # The first file of the torrent has no subtitles in it.
    "links:subtitles": [
        ("get", "in in 404 404 404 404 404 404 404", {}),
        ("post", "in in 405 405 405 405 405 405 405", {}),
    ],
    # Below /l/, no one needs an account, and a guessed token leads no one anywhere.
    "links:open": [
        ("get", "404 404 404 404 404 404 404 404 404", {}),
        ("post", "404 404 404 404 404 404 404 404 404", {}),
    ],
    "links:play_only": [
        ("get", "404 404 404 404 404 404 404 404 404", {}),
        ("post", "405 405 405 405 405 405 405 405 405", {}),
    ],
    "links:play_file": [
        ("get", "404 404 404 404 404 404 404 404 404", {}),
        ("post", "405 405 405 405 405 405 405 405 405", {}),
    ],
    "links:link_subtitles": [
        ("get", "404 404 404 404 404 404 404 404 404", {}),
        ("post", "405 405 405 405 405 405 405 405 405", {}),
    ],
    "links:media_playlist": [
        ("get", "404 404 404 404 404 404 404 404 404", {}),
        ("post", "405 405 405 405 405 405 405 405 405", {}),
    ],
    "links:feed": [
        ("get", "404 404 404 404 404 404 404 404 404", {}),
        ("post", "405 405 405 405 405 405 405 405 405", {}),
    ],
    "links:take_file": [
        ("get", "404 404 404 404 404 404 404 404 404", {}),
        ("post", "405 405 405 405 405 405 405 405 405", {}),
    ],
    "links:take": [
        ("get", "404 404 404 404 404 404 404 404 404", {}),
        ("post", "405 405 405 405 405 405 405 405 405", {}),
    ],
    "links:nothing": [
        ("get", "404 404 404 404 404 404 404 404 404", {}),
        ("post", "404 404 404 404 404 404 404 404 404", {}),
    ],
    # The notification is one of the account's owner, about the torrent.
    "notifications:page": [
        ("get", "in in 200 200 200 200 200 200 200", {}),
        ("post", "in in 405 405 405 405 405 405 405", {}),
    ],
    "notifications:panel": [
        ("get", "in in 200 200 200 200 200 200 200", {}),
        ("post", "in in 405 405 405 405 405 405 405", {}),
    ],
    "notifications:read_all": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 302 302 302 302 302 302 302", {}),
    ],
    "notifications:open": [
        ("get", "in in 404 404 404 404 404 302 404", {}),
        ("post", "in in 405 405 405 405 405 405 405", {}),
    ],
    "notifications:read": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 404 404 404 404 404 302 404", {}),
    ],
    "notifications:follow": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 404 302 302 302 302 302 404", {}),
    ],
    "notifications:mute": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 404 302 302 302 302 302 404", {}),
    ],
    "notifications:reset": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 404 302 302 302 302 302 404", {}),
    ],
    # The owners' pages about saving.
    "saving:settings": [
        ("get", "in in 404 404 404 404 404 404 200", {}),
        ("post", "in in 404 404 404 404 404 404 405", {}),
    ],
    "saving:folder_add": [
        ("get", "in in 404 404 404 404 404 404 200", {}),
        ("post", "in in 404 404 404 404 404 404 302", FOLDER | {"name": "Music", "path": "music"}),
    ],
    "saving:folder": [
        ("get", "in in 404 404 404 404 404 404 200", {}),
        ("post", "in in 404 404 404 404 404 404 302", FOLDER),
    ],
    "saving:folder_remove": [
        ("get", "in in 404 404 404 404 404 404 200", {}),
        ("post", "in in 404 404 404 404 404 404 302", {}),
    ],
    "saving:folder_cancel": [
        ("get", "in in 404 404 404 404 404 404 200", {}),
        ("post", "in in 404 404 404 404 404 404 302", {}),
    ],
    "saving:folder_test": [
        ("get", "in in 404 404 404 404 404 404 405", {}),
        ("post", "in in 404 404 404 404 404 404 302", {}),
    ],
    "saving:rule_add": [
        ("get", "in in 404 404 404 404 404 404 200", {}),
        ("post", "in in 404 404 404 404 404 404 422", {"kind": "tag", "tag": "Films"}),
    ],
    "saving:rule_remove": [
        ("get", "in in 404 404 404 404 404 404 405", {}),
        ("post", "in in 404 404 404 404 404 404 302", {}),
    ],
    "saving:schedule": [
        ("get", "in in 404 404 404 404 404 404 405", {}),
        (
            "post",
            "in in 404 404 404 404 404 404 302",
            {"limit": "0", "other": "pause", "files_at_a_time": "2"},
        ),
    ],
    # aria2 isn't configured.
    "saving:aria2_test": [
        ("get", "in in 404 404 404 404 404 404 405", {}),
        ("post", "in in 404 404 404 404 404 404 404", {}),
    ],
    # Programs that call these have tokens (tests/api/v1/test_access.py). Sessions count only for what people open.
    **rows_of_sessions(),
    # Likewise (tests/api/qbittorrent/test_access.py).
    **qbittorrent.rows_of_sessions(),
    # Likewise (tests/api/dav/test_access.py).
    "api:dav:top": [("get", "401 401 401 401 401 401 401 401 401", {})],
    "api:dav:resource": [("get", "401 401 401 401 401 401 401 401 401", {})],
    # The token is that of the account’s owner. Owners of the instance see and revoke all.
    "api:tokens": [
        ("get", "in in 200 200 200 200 200 200 200", {}),
        ("post", "in in 405 405 405 405 405 405 405", {}),
    ],
    "api:new_token": [
        ("get", "in in 200 200 200 200 200 200 200", {}),
        (
            "post",
            "in in 200 200 200 200 200 200 200",
            {"name": "Sonarr", "scopes": "read", "expires": "never"},
        ),
    ],
    "api:revoke_token": [
        ("get", "in in 404 404 404 404 404 200 200", {}),
        ("post", "in in 404 404 404 404 404 302 302", {}),
    ],
    # So is the category.
    "api:add_category": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 302 404 302 302 302 302 302", {"name": "radarr"}),
    ],
    "api:choose_folder": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 404 404 404 404 404 302 404", {"folder": ""}),
    ],
    "api:remove_category": [
        ("get", "in in 405 405 405 405 405 405 405", {}),
        ("post", "in in 404 404 404 404 404 302 404", {}),
    ],
    "api:v1:api-root": [
        ("get", "404 404 404 404 404 404 404 404 404", {}),
        ("post", "404 404 404 404 404 404 404 404 404", {}),
    ],
    "api:v1:documentation": [
        ("get", "in in 200 200 200 200 200 200 200", {}),
        ("post", "in in 405 405 405 405 405 405 405", {}),
    ],
    "api:v1:openapi": [
        ("get", "401 401 200 200 200 200 200 200 200", {}),
        ("post", "405 405 405 405 405 405 405 405 405", {}),
    ],
}
CASES = [
    (name, method, dict(zip(PEOPLE, statuses.split(), strict=True)), form)
    for name, rows in TABLE.items()
    for method, statuses, form in rows
]


def patterns(resolver: URLResolver | None = None, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Return every URL pattern of the project by its full name."""
    for part in (resolver or get_resolver()).url_patterns:
        if isinstance(part, URLResolver):
            yield from patterns(part, f"{space}{part.namespace}:" if part.namespace else space)
        else:
            yield f"{space}{part.name}", part


def known_of(torrent: Torrent) -> dict[str, object]:
    """Return everything a URL may name: a torrent, its first file, its account, another person, an operation."""
    return {
        "file_pk": torrent.files.values_list("pk", flat=True).first(),
        "operation": CONTROL["operation"],
        "act": "pause",
        "token": "guessed",
        "ref": "A" * 16,
        "name": "film.mkv",
        "rest": "nowhere",
        "path": "by-name/nowhere",
        "info_hash": torrent.info_hash,
        "torrent_id": torrent.pk,
        "account_id": torrent.account_id,
        "job_id": torrent.save_jobs.values_list("pk", flat=True).first(),
        "link_id": link_of(torrent.account.owner, torrent).pk,
        "folder_id": Folder.objects.values_list("pk", flat=True).first(),
        "delivery": delivery_of(torrent.account.owner).pk,
        "share_pk": torrent.account.shares.order_by("-user__username").values_list("pk", flat=True).first(),
        **named_rows(torrent),
    }


def arguments(pattern: URLPattern, known: dict[str, object]) -> dict[str, object]:
    """Return the values of `known` that the URL needs."""
    pk = next((row for part, row in known.items() if "/" in part and part in str(pattern.pattern)), None)
    return {name: pk if name == "pk" else known[name] for name in pattern.pattern.converters}


def named_rows(torrent: Torrent) -> dict[str, int]:
    """Return, by prefix of a URL, the id it names: rows of the torrent's account and its owner."""
    owner = torrent.account.owner
    invitation = Invitation.objects.filter(made_by=owner).first() or services.invite(
        owner=owner, role="guest"
    )
    passkey = Authenticator.objects.filter(user=owner).first() or make_passkey(owner)[0]
    view, _ = SavedView.objects.get_or_create(
        person=owner, name="Films", defaults={"query": {"tab": "ready"}}
    )
    note = Notification.objects.filter(person=owner).first() or tell(owner, Kind.READY, torrent)
    return {
        "torrents/": torrent.pk,
        "views/": view.pk,
        "torbox/": torrent.account_id,
        "people/invitations/": invitation.pk,
        "people/": owner.pk,
        "me/passkeys/": passkey.pk,
        "me/links/": link_of(owner, torrent).pk,
        "me/notifications/channels/": delivery_of(owner).channel_id,
        "me/api/categories/": Category.objects.get_or_create(person=owner, name="films")[0].pk,
        "me/api/": (owner.api_tokens.first() or make_token(owner).row).pk,
        "notifications/": note.pk,
        **saving_rows(torrent),
    }


def saving_rows(torrent: Torrent) -> dict[str, int]:
    """Return a folder to save to and a rule, which owners of the instance may change."""
    folder = Folder.objects.first() or make_folder()
    rule = Rule.objects.first() or Rule.objects.create(
        kind="tag", tag="Films", folder=folder, made_by=torrent.account.owner
    )
    return {"settings/saving/folders/": folder.pk, "settings/saving/rules/": rule.pk}


def delivery_of(person: User) -> Delivery:
    """Return a test message to a channel of a person."""
    known = Delivery.objects.filter(person=person, is_test=True).first()
    return known or make_delivery(make_channel(person, "pushbullet"), is_test=True)


def link_of(person: User, torrent: Torrent) -> LastingLink:
    """Return a share link of a person to a torrent."""
    return making.share_of(person, torrent) or make_share(person, torrent).link


@pytest.fixture
def household(cast, sim, key, save_dir):
    """Make a ready torrent that the simulator also has, and everyone who may open its pages."""
    sim.control.seed(
        torrents=[{"key": key, "name": "Sintel", "files": 2000, "state": "completed", "uploaded": True}]
    )
    assert refreshing.refresh(cast.account, fresh=True)
    Torrent.objects.update(added_by=cast.owner)
    User.objects.filter(pk=cast.owner.pk).update(role=User.Role.MEMBER)
    cast.people = everybody(cast)
    cast.torrent = Torrent.objects.get()
    make_job(cast.torrent, make_folder(), cast.owner)
    return cast


def everybody(cast) -> dict[str, User | None]:
    """Return people by their names in PEOPLE."""
    guest, manager, disabled = (
        make_user("guest", User.Role.GUEST),
        make_user("manager"),
        make_user("disabled"),
    )
    for person, level in {guest: "view", manager: "manage", disabled: "manage"}.items():
        Share.objects.create(account=cast.account, user=person, level=level)
    cast.owner.refresh_from_db()
    return {
        "anonymous": None,
        "disabled": disabled,
        "outsider": cast.outsider,
        "guest": guest,
        "viewer": cast.viewer,
        "adder": cast.member,
        "manager": manager,
        "account_owner": cast.owner,
        "instance_owner": make_user("house", User.Role.OWNER),
    }


def client_of(person: str, household) -> Client:
    """Return a browser in which a person is signed in. A suspended person was suspended while signed in."""
    client, user = Client(), household.people[person]
    if user:
        sign_in(client, user)
    if person == "disabled":
        User.objects.filter(pk=user.pk).update(is_active=False)
    return client


def ask(client: Client, method: str, path: str, form: dict[str, str], **headers: str) -> HttpResponse:
    """Return a response, and undo what it changed: rows, cookies, and counters."""
    cookies = client.cookies
    client.cookies = SimpleCookie()
    client.cookies.update(cookies)
    with transaction.atomic():
        response = getattr(client, method)(path, form, headers=headers)
        transaction.set_rollback(True)
    client.cookies = cookies
    if settings.REDIS_URL:
        cache.clear()  # counters, which a cache in the database has lost by now
    return response


def outcome(response: HttpResponse) -> str:
    """Return the status, or "in" if it redirects to sign-in."""
    led = response.status_code == 302 and response.url.startswith("/sign-in/?next=")
    return "in" if led else str(response.status_code)


def may_be_stored(name: str, response: HttpResponse) -> bool:
    """Return whether a browser may store what belongs to one person."""
    everyones = name in {"manifest", "offline"} or response.status_code == 302
    return not everyones and "no-store" not in response.headers.get("Cache-Control", "")


def test_every_address_is_in_the_table():
    assert {name for name, _ in patterns()} == set(TABLE)


@pytest.mark.parametrize("person", PEOPLE)
def test_everyone_gets_the_response_in_the_table_and_browsers_store_none(household, person):
    client, addresses = client_of(person, household), dict(patterns())
    known, got, stored = known_of(household.torrent), {}, set()
    for number, (name, method, _, form) in enumerate(CASES):
        path = reverse(name, kwargs=arguments(addresses[name], known))
        response = ask(client, method, path, form)
        got[number, name, method] = outcome(response)
        if may_be_stored(name, response):
            stored.add(name)
    assert got == {(number, *case[:2]): case[2][person] for number, case in enumerate(CASES)}
    assert not stored or person in ("anonymous", "disabled")


@pytest.mark.once
@pytest.mark.parametrize("person", ["account_owner", "instance_owner"])
def test_browsers_store_no_fragment(household, person):
    client, addresses = client_of(person, household), dict(patterns())
    known = known_of(household.torrent)
    for name, method, _, form in CASES:
        path = reverse(name, kwargs=arguments(addresses[name], known))
        response = ask(client, method, path, form, hx_request="true")
        assert (name, may_be_stored(name, response)) == (name, False)


def body_of_head(handler: BaseHandler, path: str, cookies: SimpleCookie) -> bytes:
    """Return what the server would send. The test client removes the body itself."""
    request = RequestFactory(headers={"cookie": cookies.output(header="", sep=";")}).head(path)
    with transaction.atomic():
        body = b"".join(handler.get_response(request))
        transaction.set_rollback(True)
    return body


@pytest.mark.once
@pytest.mark.parametrize("person", ["anonymous", "account_owner", "instance_owner"])
def test_head_answers_like_get_without_a_body(household, person):
    client, addresses = client_of(person, household), dict(patterns())
    known, handler = known_of(household.torrent), BaseHandler()
    handler.load_middleware()
    for name, method, expected, form in CASES:
        if method == "get":
            path = reverse(name, kwargs=arguments(addresses[name], known))
            assert (name, outcome(ask(client, "head", path, form))) == (name, expected[person])
            assert body_of_head(handler, path, client.cookies) == b""


EDITS = {"tags": {"new": "Films"}, "rename": {"name": "Film"}, "keep": {}, "keep/stop": {"keep": "off"}}
BULK = {"tags": "tags/change", "keep/stop": "keep"}


@pytest.mark.parametrize("person", ["disabled", "outsider", "viewer", "guest", "adder", "instance_owner"])
def test_refused_requests_change_nothing(household, sim, person):
    client = client_of(person, household)
    before = (Torrent.objects.values().get(), sim.control.state()["accounts"])
    pk = household.torrent.pk
    for verb in ("control/pause", "remove", "retry", "clear", "restore"):
        assert client.post(f"/torrents/{pk}/{verb}/").status_code == (302 if person == "disabled" else 404)
    for verb, form in EDITS.items():
        client.post(f"/torrents/{pk}/{verb}/", form)
        client.post(
            f"/bulk/{BULK.get(verb, verb)}/", form | {"ids": [pk], "find": "Sin", "replace": "", "apply": "1"}
        )
    for action in ("delete", "ask-delete", "pause"):
        client.post("/bulk/", {"action": action, "ids": [pk]})
    client.post("/everything/", {"operation": "delete", "account": household.account.pk, "confirm": "Family"})
    row, accounts = Torrent.objects.values().get(), sim.control.state()["accounts"]
    assert row == before[0] and accounts == before[1]


ADDS = {"adder": 1, "manager": 1, "account_owner": 1}


@pytest.mark.parametrize("person", PEOPLE)
def test_people_add_only_to_accounts_they_may_add_to(household, person):
    client_of(person, household).post("/add/", {"text": MAGNET, "account": household.account.pk})
    assert Torrent.objects.filter(info_hash="a" * 40).count() == ADDS.get(person, 0)


@pytest.mark.parametrize("level", [Share.Level.ADD, Share.Level.MANAGE])
def test_a_guest_cannot_add_even_with_a_share_that_allows_it(household, level):
    Share.objects.filter(user=household.people["guest"]).update(level=level)
    client = client_of("guest", household)
    client.post("/add/", {"text": MAGNET, "account": household.account.pk})
    assert client.post(f"/torrents/{household.torrent.pk}/control/pause/").status_code == 404
    assert Torrent.objects.count() == 1


def test_a_member_controls_what_they_added_and_a_manager_everything(household):
    client = client_of("adder", household)
    pause = f"/torrents/{household.torrent.pk}/control/pause/"
    assert client.post(pause).status_code == 404
    assert client_of("manager", household).post(pause).status_code == 302
    Torrent.objects.update(added_by=household.member)
    assert client.post(pause).status_code == 302


@pytest.mark.parametrize(
    "name",
    [
        name
        for name, pattern in patterns()
        if IntConverter in map(type, pattern.pattern.converters.values())
        and not name.startswith("api:v1:")  # tests/api/v1/test_access.py
    ],
)
def test_a_guessed_id_of_another_household_is_not_found(household, name):
    """It isn't found by the owner of another account either, and neither is a file under another torrent."""
    stranger = make_account(make_user("stranger", User.Role.OWNER), make_key("stranger"), "Theirs")
    theirs, mine = make_torrent(stranger, "Theirs", file_count=1), household.torrent
    Share.objects.create(account=stranger, user=household.people["outsider"])
    pattern = dict(patterns())[name]
    client = client_of("account_owner", household)
    method = TABLE[name][0][0] if status(name, "account_owner") != "405" else "post"
    kwargs = arguments(pattern, known_of(theirs))
    assert getattr(client, method)(reverse(name, kwargs=kwargs)).status_code == 404
    if "file_pk" in kwargs:
        mixed = reverse(name, kwargs=arguments(pattern, known_of(mine)) | {"file_pk": kwargs["file_pk"]})
        assert getattr(client, method)(mixed).status_code == 404


def status(name: str, person: str) -> str:
    """Return the response in the table for a person and the first method of a URL."""
    return TABLE[name][0][1].split()[PEOPLE.index(person)]


@pytest.mark.parametrize("person", ["account_owner", "instance_owner", "guest"])
def test_nothing_of_another_household_is_on_any_page(household, person):
    stranger = make_account(make_user("stranger"), make_key("stranger"), "Xanadu label")
    make_torrent(stranger, "Xanadu secret film")
    client, known = client_of(person, household), known_of(household.torrent)
    for name, pattern in patterns():
        if TABLE[name][0][0] == "get" and status(name, person) == "200" and name != "links:export_file":
            got = client.get(reverse(name, kwargs=arguments(pattern, known)))
            body = b"".join(got) if got.streaming else got.content
            page = body.decode()
            # An owner of the household sees on the Status page that an account exists, but not its contents.
            allowed = "Xanadu label" if name == "care:status" else ""
            assert "Xanadu" not in (page.replace(allowed, "") if allowed else page)
    assert "Xanadu" not in client.get("/?q=secret").content.decode()
