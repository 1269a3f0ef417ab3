"""Only its adder and the owner of the account see a hidden torrent. It is on no page of others, and in no count."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

import torbox
from accounts.models import Share, User
from tests.factories import make_hash, make_torrent, make_user
from tests.test_permissions import TABLE, patterns
from torbox.magnets import Magnet
from torrents.models import Activity, EditRequest, Torrent
from torrents.pages.list.page import TorrentListing
from torrents.pages.list.row_actions import actions
from torrents.services.actions import controlling, hiding, offboarding, renaming, tagging
from torrents.services.actions.adding import NewTorrent, Options, add
from torrents.services.outbox import due
from torrents.services.sync import reconcile
from torrents.states import Status

SECRET = "A surprise for Grandma"


def paste(cast, person, name: str = SECRET, **options):
    new_torrent = NewTorrent(Magnet(make_hash(name), name))
    return add(person=person, account=cast.account, new_torrents=[new_torrent], options=Options(**options))


@pytest.fixture
def sign_in():
    """Everyone with their own browser."""

    def as_person(person) -> Client:
        client = Client()
        client.force_login(person)
        return client

    return as_person


@pytest.fixture
def manager(cast) -> User:
    person = make_user("manager")
    Share.objects.create(account=cast.account, user=person, level=Share.Level.MANAGE)
    return person


@pytest.fixture
def secret(cast) -> Torrent:
    """A hidden torrent of the member, ready, with events that happened while it was hidden."""
    row = make_torrent(cast.account, SECRET, added_by=cast.member, hidden=True)
    Activity.about(row, Activity.Kind.ADDED, person=cast.member).save()
    return row


def arguments(pattern, row: Torrent) -> dict[str, object]:
    known = {"pk": row.pk, "file_pk": row.files.first().pk, "operation": "pause"}
    return {name: known[name] for name in pattern.pattern.converters}


OF_ONE = [
    name
    for name, pattern in patterns()
    if name.startswith("torrents:") and str(pattern.pattern).startswith("torrents/<int:pk>/")
]


@pytest.mark.parametrize("name", OF_ONE)
@pytest.mark.parametrize("method", ["get", "post"])
def test_others_get_404_for_all_its_urls_even_with_manage_access(
    cast, secret, manager, sign_in, name, method
):
    path = reverse(name, kwargs=arguments(dict(patterns())[name], secret))
    for person in (cast.viewer, manager, cast.outsider):
        assert getattr(sign_in(person), method)(path).status_code in (404, 405)
    secret.refresh_from_db()
    assert secret.hidden and secret.removed_at is None


@pytest.mark.parametrize("query", ["", "?q=surprise", "?tab=ready", "?q=part 0"])
def test_it_is_not_in_the_list_of_others_nor_in_search_or_counts(cast, secret, manager, sign_in, query):
    for person, seen in [(cast.viewer, 0), (manager, 0), (cast.member, 1), (cast.owner, 1)]:
        answer = sign_in(person).get(reverse("torrents:list") + query)
        listing = answer.context["listing"]
        assert [row.name for row in listing.rows] == [SECRET] * seen
        assert {tab.key: tab.count for tab in listing.tabs}["ready"] == seen
        if query in ("", "?tab=ready"):
            assert (SECRET in answer.content.decode()) is bool(seen)


def test_it_is_on_no_page_that_others_open(cast, secret, manager, sign_in):
    Torrent.objects.create(
        account=cast.account, info_hash="d" * 40, name=SECRET, hidden=True, added_by=cast.member
    )
    Torrent.objects.filter(info_hash="d" * 40).update(removed_at=secret.added_at)
    shown = make_torrent(cast.account, "A film", added_by=cast.member)
    client = sign_in(manager)
    for name, pattern in patterns():
        if TABLE[name][0][0] != "get" or set(pattern.pattern.converters) - {"info_hash"}:
            continue
        answer = client.get(reverse(name, kwargs=dict.fromkeys(pattern.pattern.converters, "d" * 40)))
        body = b"".join(answer) if answer.streaming else answer.content
        assert SECRET not in body.decode(), name
    for name in ("torrents:detail", "torrents:files"):
        assert SECRET not in client.get(reverse(name, args=[shown.pk])).content.decode()


def test_it_is_not_in_the_polls_of_others(cast, secret, sign_in):
    client = sign_in(cast.viewer)
    url = client.get(reverse("torrents:list")).context["listing"].changes_url
    cast.account.touch()
    assert SECRET not in client.get(url).content.decode()


@pytest.mark.parametrize("action", ["pause", "delete", "ask-delete"])
def test_bulk_actions_of_others_skip_it(cast, secret, manager, sign_in, action):
    answer = sign_in(manager).post(reverse("torrents:bulk"), {"action": action, "ids": [secret.pk]})
    secret.refresh_from_db()
    assert SECRET not in answer.content.decode() and not secret.removed_at and not secret.pending


def test_a_preview_does_not_reveal_it(cast, secret, sim, sign_in):
    text = {"text": make_hash(SECRET), "seed": "1"}
    for person, chip in [(cast.viewer, "Not checked"), (cast.member, "Already in your list")]:
        page = sign_in(person).post(reverse("torrents:preview"), text).context["preview"]
        assert [row.chip_label for row in page.rows] == [chip]


def test_deleting_it_leaves_no_trace_for_others(cast, secret, manager, sign_in):
    sign_in(cast.member).post(reverse("torrents:remove", args=[secret.pk]))
    for page in ("torrents:deleted", "torrents:activity"):
        assert SECRET not in sign_in(manager).get(reverse(page)).content.decode()
        assert SECRET in sign_in(cast.member).get(reverse(page)).content.decode()
    Torrent.objects.all().delete()
    assert SECRET not in sign_in(manager).get(reverse("torrents:activity")).content.decode()
    assert SECRET in sign_in(cast.owner).get(reverse("torrents:activity")).content.decode()


def test_its_adder_and_the_owner_have_full_access(cast, secret, sign_in):
    for person in (cast.member, cast.owner):
        client = sign_in(person)
        page = client.get(reverse("torrents:detail", args=[secret.pk])).content.decode()
        assert "hidden from others" in page and "Added by <bdi>Member</bdi>" in page
        assert client.post(reverse("torrents:control", args=[secret.pk, "pause"])).status_code == 302


def test_its_adder_loses_access_with_the_share(cast, secret, sign_in):
    Share.objects.filter(user=cast.member).delete()
    assert sign_in(cast.member).get(reverse("torrents:detail", args=[secret.pk])).status_code == 404
    assert SECRET not in sign_in(cast.member).get(reverse("torrents:activity")).content.decode()


def test_hiding_and_showing_include_earlier_events(cast, manager, sign_in):
    paste(cast, cast.member)
    row = Torrent.objects.get()
    sign_in(cast.member).post(reverse("torrents:hide", args=[row.pk]))
    for page in ("torrents:list", "torrents:activity"):
        assert SECRET not in sign_in(manager).get(reverse(page)).content.decode()
    sign_in(cast.owner).post(reverse("torrents:show", args=[row.pk]))
    for page in ("torrents:list", "torrents:activity"):
        assert SECRET in sign_in(manager).get(reverse(page)).content.decode()


def test_only_the_adder_and_the_owner_can_hide_it(cast, manager, sign_in):
    paste(cast, cast.member)
    row = Torrent.objects.get()
    for person, status in [(manager, 404), (cast.viewer, 404), (cast.outsider, 404), (cast.member, 302)]:
        assert sign_in(person).post(reverse("torrents:hide", args=[row.pk])).status_code == status
    row.refresh_from_db()
    assert row.hidden


def test_an_open_page_learns_that_a_torrent_was_hidden(cast, sign_in):
    paste(cast, cast.member)
    client = sign_in(cast.viewer)
    url = client.get(reverse("torrents:list")).context["listing"].changes_url
    hiding.hide(Torrent.objects.select_related("account").get())
    answer = client.get(url)
    assert answer.status_code == 200 and SECRET not in answer.content.decode()


def test_it_can_be_hidden_when_added(cast, sim, sign_in):
    form = {"text": make_hash(SECRET), "seed": "1", "hidden": "on"}
    sign_in(cast.member).post(reverse("torrents:add"), form)
    row = Torrent.objects.get()
    assert row.hidden and Activity.objects.get().hidden
    assert not Torrent.objects.visible_to(cast.viewer).exists()


def test_adding_a_torrent_hidden_by_another_adds_it_as_new(cast, sim, secret, sign_in):
    second = make_user("second")
    Share.objects.create(account=cast.account, user=second, level=Share.Level.ADD)
    client = sign_in(second)
    client.post(reverse("torrents:add"), {"text": make_hash(SECRET), "seed": "1"})
    assert "Added 1 torrent" in client.get(reverse("torrents:list")).content.decode()
    page = client.get(reverse("torrents:detail", args=[secret.pk])).content.decode()
    assert "Added by <bdi>Second</bdi>" in page and "Member" not in page
    assert "Member" not in client.get(reverse("torrents:activity")).content.decode()
    assert Torrent.objects.visible_to(cast.member).exists(), "and nobody loses sight of it"


def test_two_people_cannot_hide_the_same_torrent(cast, secret):
    second = make_user("second")
    Share.objects.create(account=cast.account, user=second, level=Share.Level.ADD)
    result = paste(cast, second, hidden=True)
    secret.refresh_from_db()
    assert (result.added, result.existing, result.not_alone) == ([], [], 1)
    assert secret.hidden and secret.added_by == cast.member


def test_a_retry_keeps_it_hidden(cast, secret, sign_in):
    for person in (cast.member, cast.owner):
        Torrent.objects.update(status=Status.FAILED, remote_id=None)
        sign_in(person).post(reverse("torrents:retry", args=[secret.pk]))
        secret.refresh_from_db()
        assert (secret.status, secret.hidden, secret.added_by) == (Status.WAITING, True, cast.member)
        secret.request.delete()


def test_a_guest_and_a_viewer_are_not_offered_to_hide(cast, sign_in):
    make_torrent(cast.account, "A film", added_by=cast.member)
    for person, offered in [(cast.viewer, False), (cast.member, True), (cast.owner, True)]:
        row = sign_in(person).get(reverse("torrents:list")).context["listing"].rows[0]
        assert ("hide" in [action.key for action in actions(row, person)]) is offered


def test_hiding_is_not_offered_on_accounts_that_are_not_shared(cast, sign_in):
    Share.objects.all().delete()
    make_torrent(cast.account, "A film", added_by=cast.owner)
    answer = sign_in(cast.owner).get(reverse("torrents:list"))
    assert "hide" not in [action.key for action in actions(answer.context["listing"].rows[0], cast.owner)]
    assert "Hide from others" not in answer.content.decode()


def test_an_heir_does_not_get_hidden_torrents(cast, secret):
    make_torrent(cast.account, "A film", added_by=cast.member)
    offboarding.leave(cast.member, heir=cast.viewer)
    secret.refresh_from_db()
    assert secret.added_by is None and secret.hidden
    assert [row.name for row in Torrent.objects.visible_to(cast.viewer)] == ["A film"]
    assert Torrent.objects.visible_to(cast.owner).count() == 2


def test_torrents_hidden_later_are_not_in_exports_of_others(cast, secret):
    Activity.about(secret, Activity.Kind.LINK_TAKEN, person=cast.viewer).save()
    assert offboarding.everything_of(cast.viewer)["activity"] == []
    assert len(offboarding.everything_of(cast.member)["activity"]) == 1


@pytest.mark.parametrize("action", ["delete", "pause", "export-magnets", "export-text", "links", "zips"])
def test_matching_skips_it_for_others(cast, secret, manager, sign_in, action):
    form = {"action": action, "matching": "tab=all&q=&sort=newest"}
    answer = sign_in(manager).post(reverse("torrents:bulk"), form)
    secret.refresh_from_db()
    assert SECRET not in answer.content.decode() and secret.info_hash not in answer.content.decode()
    assert not secret.removed_at and not secret.pending
    assert not Activity.objects.filter(person=manager).exists()


def test_adding_a_torrent_hidden_from_oneself_shows_no_edits_that_its_adder_just_made(cast, secret, manager):
    tagging.tag(person=cast.member, torrents=[secret], add=["A gift"])
    renaming.rename(person=cast.member, names={secret.pk: "For the manager"})
    paste(cast, manager, tags=("Mine",))
    row = Torrent.objects.visible_to(manager).get(pk=secret.pk)
    assert (row.name, row.tags, row.edit_pending) == (SECRET, ["Mine"], True)
    assert [edit.person for edit in EditRequest.objects.all()] == [manager]


def test_adding_a_torrent_hidden_from_oneself_resets_its_dates(cast, secret, manager, time_machine):
    """Its old dates would reveal that it was there before."""
    old = timezone.now() - timedelta(days=20)
    Torrent.objects.update(added_at=old, status_since=old, sent_at=old)
    visible = make_torrent(
        cast.account, "Seen by all", remote_id=8, added_at=timezone.now() - timedelta(days=1)
    )
    time_machine.move_to(timezone.now(), tick=False)
    paste(cast, manager)
    row = Torrent.objects.get(pk=secret.pk)
    assert row.added_at == row.status_since == row.sent_at == timezone.now()
    order = TorrentListing(manager, {}).matching.values_list("pk", flat=True)
    assert list(order) == [secret.pk, visible.pk]
    (mine,) = (row for row in offboarding.everything_of(manager)["torrents"] if row["name"] == SECRET)
    assert mine["added_at"] == timezone.now()


def cursor(person) -> str:
    return TorrentListing(person, {}).cursor


@pytest.mark.parametrize("act", ["pause", "delete", "restore", "clear", "read", "wait"])
def test_changes_of_hidden_torrents_do_not_change_the_pages_of_others(cast, secret, act):
    others, theirs = [cast.viewer], [cast.owner, cast.member]
    before = {person: cursor(person) for person in others + theirs}
    if act in ("delete", "restore"):
        controlling.remove(person=cast.member, torrents=[secret])
    if act == "restore":
        controlling.restore([secret])
    if act == "pause":
        controlling.control(person=cast.member, torrents=[secret], operation="pause")
    if act == "clear":
        controlling.clear([secret])
    if act == "read":
        item = torbox.Torrent(7, secret.info_hash, name="Another name", download_present=True)
        reconcile.apply_one(cast.account, item, timezone.now())
    if act == "wait":
        due.write(cast.account, secret, reason="throttled")
    for person in others:
        assert cursor(person) == before[person]
    for person in theirs:
        assert cursor(person) != before[person]


def test_the_pages_of_others_change_when_a_torrent_is_hidden_or_shown(cast):
    row = make_torrent(cast.account, SECRET, added_by=cast.member)
    before = cursor(cast.viewer)
    hiding.hide(row)
    hidden = cursor(cast.viewer)
    hiding.show(Torrent.objects.get())
    assert len({before, hidden, cursor(cast.viewer)}) == 3


def test_polls_of_others_do_not_reveal_a_hidden_torrent(cast, secret, sign_in):
    client = sign_in(cast.viewer)
    since = client.get(reverse("torrents:list")).context["listing"].cursor
    controlling.control(person=cast.member, torrents=[secret], operation="pause")
    assert client.get(reverse("torrents:changes"), {"since": since}).status_code == 204


@pytest.mark.parametrize("name", ["סרט הפתעה (2024)", "فيلم <b>مفاجأة</b>"])
def test_the_toast_keeps_a_right_to_left_name_from_reordering_its_sentence(cast, sign_in, name):
    row = make_torrent(cast.account, name, added_by=cast.owner)
    client, url = sign_in(cast.owner), reverse("torrents:hide", args=[row.pk])
    answer = client.post(url, headers={"HX-Request": "true"})
    (toast,) = json.loads(answer.headers["HX-Trigger"])["toast"]["items"]
    assert toast["text"] == f"Only you can see “\u2068{name}\u2069” now."
    page = client.post(url, follow=True).content.decode()
    assert escape(f"\u2068{name}\u2069") in page and "<b>" not in page
