"""A lasting link opens while its conditions hold, with few queries, and says why it doesn't."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from links.endings import Ending, LinkEnded, NoSuchLink
from links.models import LastingLink
from links.services import making
from links.services.opening import Opened, open_link, reopened
from links.tokens import TOKEN, hash_of, token_of
from tests.factories import make_torrent
from tests.links.factories import let_expire, make_export, make_list, make_share, set_link

pytestmark = pytest.mark.django_db


@pytest.fixture
def opened(cast) -> Opened:
    return make_share(cast.member, make_torrent(cast.account))


def ending_of(opened: Opened, visitor: str = "") -> Ending | None:
    """Return why a link doesn't open, or None if it does."""
    try:
        open_link(opened.token, visitor)
    except LinkEnded as ended:
        return ended.ending
    return None


@pytest.mark.parametrize("make", [make_share, make_export])
def test_a_link_opens_with_its_maker_torrent_and_account_in_two_queries(
    cast, make, django_assert_num_queries
):
    torrent = make_torrent(cast.account, magnet="magnet:?xt=urn:btih:0")
    made = make(cast.member, torrent)
    with django_assert_num_queries(2):
        opened = open_link(made.token)
        assert opened.link == made.link
        assert opened.link.maker == cast.member
        assert opened.link.torrent == torrent
        assert opened.link.torrent.account.label == cast.account.label
        assert opened.token == made.token


def test_a_list_opens_in_one_query(cast, django_assert_num_queries):
    made = make_list(cast.member)
    with django_assert_num_queries(1):
        assert open_link(made.token).link.maker == cast.member


@pytest.mark.parametrize(
    "change",
    [
        str.swapcase,
        lambda token: token[:-1],
        lambda token: f"{token}A",
        lambda token: f"{token}\n",
        lambda _: "",
    ],
)
def test_no_other_token_opens_a_link(opened, change):
    with pytest.raises(NoSuchLink):
        open_link(change(opened.token))


@pytest.mark.parametrize(
    "token", ["A" * 21, "A" * 23, "A" * 21 + "%", "Ä" * 22, "A" * 21 + "\0", "../" * 7 + "a"]
)
def test_what_cant_be_a_token_isnt_looked_up(db, token, django_assert_num_queries):
    with django_assert_num_queries(0), pytest.raises(NoSuchLink):
        open_link(token)


def test_the_hash_in_the_database_opens_nothing(opened):
    for text in (
        opened.link.token_hash,
        opened.link.nonce,
        opened.link.token_hash[:22],
        opened.link.nonce[:22],
    ):
        with pytest.raises(NoSuchLink):
            open_link(text)


def test_a_link_opens_until_it_expires(opened):
    set_link(opened, expires_at=timezone.now() + timedelta(seconds=60))
    assert ending_of(opened) is None
    let_expire(opened)
    assert ending_of(opened) == Ending.EXPIRED


def test_a_link_without_an_end_stays_open(opened):
    set_link(opened, expires_at=None, created_at=timezone.now() - timedelta(days=4000))
    assert ending_of(opened) is None


def test_a_used_up_link_is_closed(opened):
    set_link(opened, max_uses=2, uses=1)
    assert ending_of(opened) is None
    set_link(opened, uses=2)
    assert ending_of(opened) == Ending.USED_UP


def test_a_revoked_link_is_closed_whatever_else_ended_it(opened, cast):
    set_link(opened, max_uses=1, uses=1)
    let_expire(opened)
    LastingLink.objects.update(revoked_at=timezone.now())
    assert ending_of(opened) == Ending.REVOKED


def test_a_maker_sees_the_link_again(opened):
    again = reopened(LastingLink.objects.get())
    assert again == opened
    assert open_link(again.token).link == opened.link


def test_the_link_works_after_secret_key_changed_but_cant_be_seen_again(opened, settings):
    settings.SECRET_KEY = "another secret"
    assert reopened(LastingLink.objects.get()) is None
    assert ending_of(opened) is None


def test_a_token_has_128_bits_and_only_its_hash_is_stored(opened):
    assert TOKEN.fullmatch(opened.token)
    row = LastingLink.objects.values().get()
    assert row["token_hash"] == hash_of(opened.token)
    assert opened.token not in str(row)
    assert token_of(row["nonce"]) == opened.token


def test_the_token_is_no_part_of_what_is_printed(opened):
    assert opened.token not in f"{opened!r} {opened.link!r} {opened.link}"


def test_every_link_has_a_token_of_its_own(cast):
    torrent = make_torrent(cast.account)
    tokens = {make_share(cast.member, torrent).token for _ in range(20)}
    assert len(tokens) == 20


def test_the_making_functions_return_links_that_open(cast):
    torrents = [make_torrent(cast.account, name) for name in ("One", "Two")]
    exports = making.export_links(person=cast.member, torrents=torrents)
    assert {open_link(opened.token).link.torrent_id for opened in exports.values()} == set(exports)
