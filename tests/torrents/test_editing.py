"""Tags, names, and AirLock: shown at once, recorded as requests, and undone."""

from __future__ import annotations

import pytest

from tests.factories import make_torrent
from torrents.models import Activity, EditRequest, RequestState, Torrent, TorrentTag
from torrents.services.actions import editing, keeping, renaming, tagging
from torrents.states import Status


def tags_of(row: Torrent) -> set[str]:
    """Return the tags of a row as filters find them."""
    return set(TorrentTag.objects.filter(torrent=row, account=row.account).values_list("name", flat=True))


@pytest.fixture
def row(cast) -> Torrent:
    return make_torrent(cast.account, "A film", remote_id=None, status=Status.WAITING)


def test_a_tag_shows_at_once_and_is_recorded_for_torbox(cast, row):
    before = row.account.revision
    batch = tagging.tag(person=cast.owner, torrents=[row], add=["film", "night"])
    row.refresh_from_db()
    assert row.tags == ["film", "night"] and row.edit_pending and tags_of(row) == {"film", "night"}
    assert row.revision > before, "open pages learn of it"
    made = EditRequest.objects.get()
    assert (made.added_tags, made.removed_tags, made.name, made.airlocked) == (
        ["film", "night"],
        [],
        None,
        None,
    )
    assert made.before == {"name": "A film", "tags": [], "airlocked": False}
    assert made.batch == batch and batch.operation == "tag"


def test_only_what_changes_is_recorded(cast, row):
    tagging.tag(person=cast.owner, torrents=[row], add=["film"])
    assert tagging.tag(person=cast.owner, torrents=[row], add=["film"], remove=["other"]) is None
    assert renaming.rename(person=cast.owner, names={row.pk: "A film"}) is None
    assert renaming.rename(person=cast.owner, names={row.pk: " \u200b "}) is None
    assert keeping.keep(person=cast.owner, torrents=[row], kept=False) is None
    assert EditRequest.objects.count() == 1


def test_edits_add_up_in_their_order(cast, row):
    tagging.tag(person=cast.owner, torrents=[row], add=["film", "night"])
    tagging.tag(person=cast.owner, torrents=[row], add=["kids"], remove=["night"])
    renaming.rename(person=cast.owner, names={row.pk: "Another film"})
    keeping.keep(person=cast.owner, torrents=[row], kept=True)
    row.refresh_from_db()
    assert (row.tags, row.name, row.airlocked) == (["film", "kids"], "Another film", True)
    assert row.sort_name == row.folded_name == "another film"
    assert tags_of(row) == {"film", "kids"}


def test_torrents_that_the_person_may_not_control_are_left_out(cast, row):
    mine = make_torrent(cast.account, "mine", remote_id=8, added_by=cast.member)
    assert tagging.tag(person=cast.viewer, torrents=[row, mine], add=["film"]) is None
    tagging.tag(person=cast.member, torrents=[row, mine], add=["film"])
    assert [made.torrent for made in EditRequest.objects.all()] == [mine]
    assert renaming.rename(person=cast.outsider, names={row.pk: "Taken over"}) is None
    assert keeping.keep(person=cast.viewer, torrents=[row], kept=True) is None


def test_each_edit_is_an_event(cast, row):
    tagging.tag(person=cast.owner, torrents=[row], add=["film"])
    renaming.rename(person=cast.owner, names={row.pk: "Another film"})
    keeping.keep(person=cast.owner, torrents=[row], kept=True)
    keeping.keep(person=cast.owner, torrents=[row], kept=False)
    events = Activity.objects.order_by("pk").values_list("kind", "name", "person")
    names = ["A film", "Another film", "Another film", "Another film"]
    kinds = ["tagged", "renamed", "kept", "unkept"]
    assert list(events) == [(kind, name, cast.owner.pk) for kind, name in zip(kinds, names, strict=True)]


def test_undo_of_an_unsent_edit_cancels_it(cast, row):
    tagging.tag(person=cast.owner, torrents=[row], add=["film"])
    batch = renaming.rename(person=cast.owner, names={row.pk: "Another film"})
    assert editing.undo(person=cast.owner, batch_id=batch.pk) == 1
    row.refresh_from_db()
    assert row.name == "A film" and row.tags == ["film"] and row.edit_pending
    assert [made.added_tags for made in EditRequest.objects.all()] == [["film"]]
    assert list(Activity.objects.values_list("kind", flat=True)) == ["tagged"]
    assert editing.undo(person=cast.owner, batch_id=batch.pk) == 0


def test_undo_of_the_last_edit_leaves_nothing_pending(cast, row):
    batch = keeping.keep(person=cast.owner, torrents=[row], kept=True)
    editing.undo(person=cast.owner, batch_id=batch.pk)
    row.refresh_from_db()
    assert not row.airlocked and not row.edit_pending


def test_only_the_person_who_made_a_batch_undoes_it(cast, row):
    batch = tagging.tag(person=cast.owner, torrents=[row], add=["film"])
    assert editing.undo(person=cast.member, batch_id=batch.pk) == 0
    assert editing.undo(person=cast.owner, batch_id=batch.pk + 1) == 0
    row.refresh_from_db()
    assert row.tags == ["film"]


def test_undo_leaves_what_was_changed_later(cast, row):
    first = renaming.rename(person=cast.owner, names={row.pk: "Second name"})
    renaming.rename(person=cast.owner, names={row.pk: "Third name"})
    editing.undo(person=cast.owner, batch_id=first.pk)
    row.refresh_from_db()
    assert row.name == "Third name"


def test_a_torrent_that_is_gone_from_torbox_cannot_be_edited(cast):
    row = make_torrent(cast.account, status=Status.GONE, remote_id=None)
    tagging.tag(person=cast.owner, torrents=[row], add=["film"])
    row.refresh_from_db()
    made = EditRequest.objects.get()
    assert not row.tags and not row.edit_pending
    assert (made.state, made.reason) == (RequestState.FAILED, "not_found")


def test_typed_tags_are_separated_by_commas_and_bounded():
    assert tagging.clean(" film,  film night ,,film,\u200b,a\nb") == ["film", "film night", "a b"]
    assert len(tagging.clean(",".join(map(str, range(99))))) == 20
    assert tagging.clean("x" * 300) == ["x" * 100]


def test_the_preview_of_a_rename_shows_what_changes(cast):
    rows = [make_torrent(cast.account, name, remote_id=None) for name in ("A.film.2020", "A film", "...")]
    found = renaming.preview(rows, ".", " ")
    assert [(one.torrent, one.before, one.after) for one in found] == [
        (rows[0], "A.film.2020", "A film 2020")
    ]
    assert renaming.preview(rows, "", "x") == []
    assert renaming.preview(rows, "a.FILM", "x") == []


def test_find_and_replace_does_not_shorten_names_that_it_does_not_match(cast):
    row = make_torrent(cast.account, "A film " + "x" * 600, remote_id=None)
    assert renaming.preview([row], "book", "paper") == []
