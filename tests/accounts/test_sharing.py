"""The owner of a TorBox account decides who else can use it, and how. People need no API key of their own."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.models import Share, User
from tests.factories import make_account, make_hash, make_key, make_torrent, make_user
from torrents.models import Torrent


def share(client, account, person, level: str = "add"):
    form = {"person": person.pk, "level": level}
    return client.post(reverse("accounts:share", args=[account.pk]), form)


@pytest.fixture
def theirs(cast) -> Share:
    return Share.objects.get(user=cast.viewer)


def test_a_person_without_a_key_sees_adds_and_downloads_with_a_share(cast, sim, sign_in):
    make_torrent(cast.account, "A film")
    assert share(sign_in(cast.owner), cast.account, cast.outsider).status_code == 302
    client = sign_in(cast.outsider)
    page = client.get(reverse("torrents:list")).content.decode()
    assert "A film" in page and 'id="add-form"' in page and "Connect your TorBox" not in page
    client.post(reverse("torrents:add"), {"text": make_hash("another"), "seed": "1"})
    added = Torrent.objects.get(info_hash=make_hash("another"))
    assert (added.account, added.added_by) == (cast.account, cast.outsider)


@pytest.mark.parametrize(
    ("level", "adds", "controls"), [("view", 0, 404), ("add", 1, 404), ("manage", 1, 302)]
)
def test_each_level_allows_what_it_says(cast, sim, sign_in, level, adds, controls):
    row = make_torrent(cast.account, "A film", added_by=cast.owner)
    share(sign_in(cast.owner), cast.account, cast.outsider, level)
    client = sign_in(cast.outsider)
    assert client.get(reverse("torrents:detail", args=[row.pk])).status_code == 200
    client.post(reverse("torrents:add"), {"text": make_hash("another"), "seed": "1"})
    assert Torrent.objects.count() == 1 + adds
    assert client.post(reverse("torrents:remove", args=[row.pk])).status_code == controls


def test_the_page_of_the_account_lists_the_shares_and_offers_who_is_left(cast, sign_in):
    make_user("gone", is_active=False)
    answer = sign_in(cast.owner).get(reverse("accounts:account", args=[cast.account.pk]))
    page = answer.content.decode()
    assert [one.user for one in answer.context["shares"]] == [cast.member, cast.viewer]
    assert list(answer.context["form"].people) == [cast.outsider]
    assert "Outsider · Member" in page and "Gone" not in page


def test_a_level_is_changed_and_a_share_ended_with_plain_forms(cast, sign_in, theirs):
    client = sign_in(cast.owner)
    client.post(reverse("accounts:share_change", args=[cast.account.pk, theirs.pk]), {"level": "manage"})
    theirs.refresh_from_db()
    assert theirs.level == Share.Level.MANAGE
    client.post(reverse("accounts:share_end", args=[cast.account.pk, theirs.pk]))
    assert not Share.objects.filter(pk=theirs.pk).exists()
    assert (
        "Viewer no longer has access to Family" in client.get(reverse("accounts:settings")).content.decode()
    )


def test_an_open_page_notices_that_a_share_began_or_ended(cast, sign_in, theirs):
    make_torrent(cast.account, "A film")
    client = sign_in(cast.viewer)
    url = client.get(reverse("torrents:list")).context["listing"].changes_url
    assert client.get(url).status_code == 204
    theirs.delete()
    answer = client.get(url)
    assert answer.status_code == 200 and "A film" not in answer.content.decode()


def test_the_person_with_a_share_may_end_it_but_not_change_it(cast, sign_in, theirs):
    client = sign_in(cast.viewer)
    change = reverse("accounts:share_change", args=[cast.account.pk, theirs.pk])
    assert client.post(change, {"level": "manage"}).status_code == 404
    assert client.post(reverse("accounts:share_end", args=[cast.account.pk, theirs.pk])).status_code == 302
    assert not Share.objects.filter(user=cast.viewer).exists()


@pytest.mark.parametrize("person", ["member", "viewer", "outsider"])
def test_no_one_else_shares_changes_or_ends(cast, sign_in, person):
    other = make_user("other")
    Share.objects.create(account=cast.account, user=other, level="view")
    client = sign_in(getattr(cast, person))
    mine = Share.objects.get(user=other)
    assert share(client, cast.account, getattr(cast, person), "manage").status_code == 404
    for verb in ("accounts:share_change", "accounts:share_end"):
        assert (
            client.post(reverse(verb, args=[cast.account.pk, mine.pk]), {"level": "add"}).status_code == 404
        )
    mine.refresh_from_db()
    assert mine.level == "view"


def test_a_share_is_not_found_under_another_account_of_the_same_owner(cast, sign_in, theirs):
    second = make_account(cast.owner, make_key("second"), "Second")
    for verb in ("accounts:share_change", "accounts:share_end"):
        path = reverse(verb, args=[second.pk, theirs.pk])
        assert sign_in(cast.owner).post(path, {"level": "add"}).status_code == 404


def test_a_guest_is_shared_with_to_look_and_nothing_more(cast, sign_in):
    guest = make_user("guest", User.Role.GUEST)
    client = sign_in(cast.owner)
    answer = share(client, cast.account, guest, "add")
    assert answer.status_code == 422 and "guests can only view and download" in answer.content.decode()
    assert share(client, cast.account, guest, "view").status_code == 302
    mine = Share.objects.get(user=guest)
    client.post(reverse("accounts:share_change", args=[cast.account.pk, mine.pk]), {"level": "manage"})
    mine.refresh_from_db()
    assert mine.level == "view"


@pytest.mark.parametrize("who", ["owner", "disabled", "missing"])
def test_an_account_is_not_shared_with_its_owner_or_with_people_who_cannot_sign_in(cast, sign_in, who):
    disabled = make_user("disabled", is_active=False)
    person = {"owner": cast.owner.pk, "disabled": disabled.pk, "missing": 10**9}[who]
    form = {"person": person, "level": "add"}
    path = reverse("accounts:share", args=[cast.account.pk])
    assert sign_in(cast.owner).post(path, form).status_code == 422
    assert Share.objects.count() == 2


def test_a_level_that_does_not_exist_changes_nothing(cast, sign_in, theirs):
    change = reverse("accounts:share_change", args=[cast.account.pk, theirs.pk])
    sign_in(cast.owner).post(change, {"level": "owner"})
    theirs.refresh_from_db()
    assert theirs.level == Share.Level.VIEW


def test_what_was_added_with_a_share_stays_when_it_ends(cast, sim, sign_in):
    sign_in(cast.member).post(reverse("torrents:add"), {"text": make_hash("a wish"), "seed": "1"})
    mine = Share.objects.get(user=cast.member)
    sign_in(cast.owner).post(reverse("accounts:share_end", args=[cast.account.pk, mine.pk]))
    row = Torrent.objects.get()
    assert row.added_by == cast.member and row.request.state == "waiting"
    assert sign_in(cast.member).get(reverse("torrents:detail", args=[row.pk])).status_code == 404


def test_a_guest_without_a_share_is_told_to_wait_and_one_who_adds_by_hand_is_told_why_not(cast, sim, sign_in):
    client = sign_in(make_user("guest", User.Role.GUEST))
    assert "Nothing shared with you yet" in client.get(reverse("torrents:list")).content.decode()
    answer = client.post(reverse("torrents:add"), {"text": make_hash("a"), "seed": "1"}, follow=True)
    assert "Guests can only view and download" in answer.content.decode() and not Torrent.objects.exists()
