"""qbittorrent-api, the client library for Python, reads from ours over a socket as from qBittorrent."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import qbittorrentapi
from qbittorrentapi import Client

from api.models import Category
from api.services import tokens
from tests.api.factories import MadeToken, make_token
from tests.factories import make_torrent, tag
from torrents.models import Torrent
from torrents.states import Status

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def token(cast) -> MadeToken:
    return make_token(cast.member)


@pytest.fixture
def connect(live_server, token) -> Callable[..., Client]:
    """Return a client of the library, which checks that it knows our version."""

    def connected(**options: object) -> Client:
        given = {"username": "member", "password": token.text} | options
        return Client(
            host=f"{live_server.url}/qbittorrent",
            RAISE_ERROR_FOR_UNSUPPORTED_QBITTORRENT_VERSIONS=True,
            RAISE_NOTIMPLEMENTEDERROR_FOR_UNIMPLEMENTED_API_ENDPOINTS=True,
            **given,
        )

    return connected


@pytest.fixture
def torrent(cast) -> Torrent:
    Category.objects.create(person=cast.member, name="tv")
    made = make_torrent(cast.account, "Sintel", file_count=2, tracker="udp://tracker.example")
    return tag(made, "tv", "4K")


class TestSignIn:
    def test_works_and_ends(self, connect):
        client = connect()
        client.auth_log_in()
        assert client.is_logged_in
        client.auth_log_out()
        assert not client.is_logged_in

    def test_fails_with_anything_but_a_token(self, connect):
        with pytest.raises(qbittorrentapi.LoginFailed):
            connect(password="wrong").auth_log_in()

    def test_is_repeated_when_the_session_is_lost(self, connect):
        client = connect()
        client.auth_log_in()
        client._session.cookies.set("SID", "lost", path="/qbittorrent/")
        client._session.cookies.clear()
        assert client.app.version == "v5.1.4"

    def test_does_not_help_when_the_token_was_revoked(self, connect, token):
        client = connect()
        client.auth_log_in()
        tokens.revoke(token.row)
        with pytest.raises(qbittorrentapi.LoginFailed):  # It gets a 403, and tries to sign in again.
            client.app_version()

    def test_is_not_needed_with_a_token_as_api_key(self, connect, token):
        client = connect(username="", password="", api_key=token.text)
        client.auth_log_in()
        assert client.app_web_api_version() == "2.11.4"


class TestReading:
    @pytest.fixture
    def client(self, connect) -> Client:
        return connect()

    def test_the_app(self, client):
        assert client.app.build_info.platform == "linux"
        assert client.app.preferences.dht is True
        assert client.app.default_save_path == client.app.preferences.save_path == "/torbox"
        assert client.app_network_interface_list() == [] and client.app_cookies() == []

    def test_lists(self, client, cast, torrent):
        make_torrent(cast.account, "Other", status=Status.DOWNLOADING, progress=0.5)
        (row,) = client.torrents_info(category="tv")
        assert (row.hash, row.name, row.tags) == (torrent.info_hash, "Sintel", "4K")
        assert row.state_enum.is_complete and not row.state_enum.is_errored
        assert [row.name for row in client.torrents_info(status_filter="downloading")] == ["Other"]
        assert [row.name for row in client.torrents_info(sort="name", reverse=True, limit=1)] == ["Sintel"]
        assert [row.name for row in client.torrents_info(torrent_hashes=[torrent.info_hash])] == ["Sintel"]
        assert [row.name for row in client.torrents_info(tag="4K")] == ["Sintel"]
        assert client.torrents_count() == 2

    def test_a_torrent(self, client, torrent):
        (row,) = client.torrents_info(tag="4K")
        assert row.properties.save_path == "/torbox" and row.properties.total_size == torrent.size
        assert [file.name for file in row.files] == ["Sintel/part 0.mkv", "Sintel/part 1.mkv"]
        assert row.trackers[-1].url == "udp://tracker.example"
        assert row.webseeds == row.piece_states == row.piece_hashes == []
        with pytest.raises(qbittorrentapi.NotFound404Error):
            client.torrents_properties(torrent_hash="f" * 40)

    def test_categories_and_tags(self, client, torrent):
        assert client.torrents_categories()["tv"].name == "tv" and client.torrents_tags() == ["4K"]

    def test_transfer(self, client, torrent):
        assert client.transfer.info.connection_status == "connected"
        assert client.transfer.speed_limits_mode == "0"
        assert client.transfer.download_limit == client.transfer.upload_limit == 0

    def test_changes(self, client, cast, torrent):
        client.auth_log_in()  # which forgets numbers of answers
        first = client.sync.maindata.delta()
        assert first.full_update and first.torrents[torrent.info_hash].name == "Sintel"
        assert first.categories.tv.name == "tv"
        assert "torrents" not in client.sync.maindata.delta()
        cast.account.write(Torrent.objects.all(), status=Status.STALLED)
        assert client.sync.maindata.delta().torrents[torrent.info_hash].state == "stalledDL"
        assert client.sync_torrent_peers(torrent_hash=torrent.info_hash).peers == {}

    def test_what_is_not_here(self, client):
        assert client.log_main() == [] and client.log_peers() == []
        assert client.rss_items() == {} and client.rss_rules() == {}
        assert client.search_status() == [] and client.search_plugins() == []
        with pytest.raises(qbittorrentapi.NotFound404Error):
            client.search_start(pattern="sintel", plugins="all", category="all")
