"""What people are told, and what Activity, the data export, and the bell say, about saving to disk."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from notifications.events import Event, Kind
from notifications.models import Notification
from notifications.pages import matrix
from notifications.services.event_reader import read_events
from notifications.words import facts, plain_sentence
from saving.models import Folder, Job
from saving.services import claims, ending, rules
from saving.services.data_export import export_of
from tests.factories import make_torrent
from tests.notifications.drafts import start_cursor
from tests.saving.factories import make_folder, make_job
from torrents.models import Activity, Torrent
from torrents.pages.activity.event_words import EVENTS
from torrents.pages.activity.lines import detail, line
from torrents.saving_text import NOT_UNPACKED, saving_trouble

pytestmark = pytest.mark.django_db
PANEL = reverse("notifications:panel")
Cause = Job.Cause
HOSTILE = "Films <b>%s\u202e"


@pytest.fixture(autouse=True)
def _begin(cast, save_dir):
    start_cursor(cast.account)


@pytest.fixture
def film(cast) -> Torrent:
    return make_torrent(cast.account, "Film", added_by=cast.member, file_count=2)


def end(
    torrent: Torrent, cause: str = "", *, fails: bool = False, folder: Folder | None = None, **more
) -> Activity:
    """Let a job end as the saver does, and return the event."""
    params = more.pop("params", {})
    job = make_job(torrent, folder or make_folder(), **more)
    taken = claims.claim(job.pk, "saver")
    assert taken and claims.begin(taken)
    if fails:
        ending.failed(taken, cause, params, "TorBox's words")
    else:
        ending.saved(taken, cause=cause, params=params)
    return Activity.objects.for_display(torrent.account.owner).filter(torrent=torrent).latest("pk")


def told() -> dict[str, tuple[str, str]]:
    """Return what people are told by name: the sentence and the facts below it."""
    read_events()
    notes = Notification.objects.select_related("person", "torrent")
    return {note.person.username: (plain(plain_sentence(note)), plain(facts(note))) for note in notes}


def plain(text: str) -> str:
    return "".join(char for char in text if char not in "\u2068\u2069")


def test_activity_says_who_saved_what_and_where(cast, film):
    event = end(film, person=cast.member)
    assert event.kind == Activity.Kind.SAVED and event.params == {"folder": "Films", "files": 2, "size": 2000}
    sentence = line(event, several=False).sentence
    assert "saved" in sentence and "Films" in sentence and cast.member.display_name in sentence
    assert plain(detail(event.kind, event.code, event.params, "")) == "Films"


def test_what_a_rule_saved_names_no_person(cast, film):
    folder = make_folder()
    rule, _ = rules.add(owner=cast.owner, folder=folder, tag="Films")
    event = end(film, folder=folder, person=cast.owner, rule=rule)
    assert event.person is None
    assert cast.owner.display_name not in line(event, several=False).sentence


def test_a_failure_says_why(cast, film):
    event = end(film, Cause.NAME, fails=True, person=cast.member, params={"file": "a/b.mkv"})
    assert (event.kind, event.code) == (Activity.Kind.NOT_SAVED, "name")
    assert line(event, several=False).tone == "failed"
    assert "doesn’t accept a file’s name" in plain(line(event, several=False).sentence)


def test_names_of_folders_are_escaped(cast, film):
    event = end(film, folder=make_folder(HOSTILE, path="films"), person=cast.member)
    sentence = line(event, several=False).sentence
    assert "<b>" not in sentence and "&lt;b&gt;" in sentence and "\u202e" not in sentence


def test_the_person_who_saves_and_the_one_who_added_it_are_told(cast, film):
    end(film, person=cast.viewer)
    said = ("Film was saved to Films", "2 files · 2 kB")
    assert told() == {cast.member.username: said, cast.viewer.username: said}


def test_what_a_rule_saves_is_told_to_the_person_who_added_it_only(cast, film):
    folder = make_folder()
    rule, _ = rules.add(owner=cast.owner, folder=folder, tag="Films")
    end(film, folder=folder, person=cast.owner, rule=rule)
    assert told().keys() == {cast.member.username}


def test_a_failure_is_told_with_its_reason(cast, film):
    end(film, Cause.GONE, fails=True, person=cast.member)
    sentence, reason = told()[cast.member.username]
    assert sentence == "Film couldn’t be saved to Films"
    assert reason == "TorBox no longer has these files. Add the torrent again, then save it."


def test_an_archive_that_was_not_unpacked_is_told_with_the_saved_files(cast, film):
    end(film, Cause.UNPACK, person=cast.member, params={"reason": "encrypted", "file": "extras.zip"})
    sentence, reason = told()[cast.member.username]
    assert sentence == "Film was saved to Films"
    assert reason == "All files are saved, but extras.zip needs a password and couldn’t be unpacked."


def test_someone_from_whom_it_was_hidden_since_is_told_nothing(cast, film):
    event = end(film, person=cast.viewer)
    Torrent.objects.filter(pk=film.pk).update(hidden=True)
    Activity.objects.filter(pk=event.pk).update(hidden=True)
    assert cast.viewer.username not in told()


@pytest.mark.parametrize("cause", [cause for cause in Cause.values if cause])
def test_every_cause_has_words(cause):
    words = saving_trouble(cause, {"folder": "Films", "free": 4_100_000_000, "floor": 10_000_000_000})
    assert words.endswith(".") and "%(" not in words
    assert saving_trouble(cause, {}) and saving_trouble(cause, {"free": "x", "reason": 3, "file": None})


@pytest.mark.parametrize("reason", ["damaged", "encrypted", "unsafe", "too_large", "too_many", "no_program"])
def test_every_reason_of_an_archive_has_words(reason):
    assert reason in NOT_UNPACKED
    assert "a.zip" in saving_trouble("unpack", {"reason": reason, "file": "a.zip"})


def test_what_is_no_cause_has_no_words():
    assert saving_trouble("", {}) == "" and saving_trouble("odd", {}) == ""


def test_all_events_have_words():
    assert {Activity.Kind.SAVED, Activity.Kind.NOT_SAVED} <= EVENTS.keys()
    assert {Event.SAVED, Event.NOT_SAVED} <= matrix.EVENT_NAMES.keys()


def test_settings_offer_the_events_only_where_saving_is_on(cast, sign_in, settings):
    member = sign_in(cast.member)
    page = reverse("notifications:settings")
    assert "saved-bell" in member.get(page).content.decode()
    settings.SAVE_DIR = None
    assert "saved-bell" not in member.get(page).content.decode()


def test_activity_can_be_filtered_by_them_only_where_saving_is_on(cast, film, sign_in, settings):
    Activity.record(film, Activity.Kind.READY)
    client = sign_in(cast.owner)
    assert "kind=not_saved" in client.get(reverse("torrents:activity")).content.decode()
    settings.SAVE_DIR = None
    page = client.get(reverse("torrents:activity")).content.decode()
    assert "kind=ready" in page and "kind=not_saved" not in page and "kind=saved" not in page


def test_what_expires_can_be_saved_from_the_bell(cast, sign_in):
    member = sign_in(cast.member)
    film = make_torrent(
        cast.account, "Film", added_by=cast.member, removal_at=timezone.now() + timedelta(days=3)
    )
    Notification.objects.create(
        person=cast.member, kind=Kind.EXPIRING, source="x", torrent=film, account=cast.account, name="Film"
    )
    save = reverse("saving:save_one", args=[film.pk])
    assert save not in member.get(PANEL).content.decode()  # there is no folder yet
    folder = make_folder(for_everyone=False)
    assert save not in member.get(PANEL).content.decode()
    folder.people.add(cast.member)
    panel = member.get(PANEL).content.decode()
    assert f'hx-get="{save}"' in panel and "Save to…" in panel


def test_the_data_export_has_what_a_person_saved_and_their_rules(cast, film):
    folder = make_folder()
    end(film, folder=folder, person=cast.member)
    rules.add(owner=cast.owner, folder=folder, adder=cast.member)
    found = export_of(cast.member)
    (job,) = found["jobs"]
    assert (job["torrent"], job["folder"], job["state"], job["bytes_total"]) == (
        "Film",
        "Films",
        "saved",
        2000,
    )
    assert [rule["folder"] for rule in found["rules"]] == ["Films"]
    assert export_of(cast.viewer) == {"jobs": [], "rules": []}
    Torrent.objects.update(hidden=True, added_by=cast.owner)
    assert export_of(cast.member)["jobs"][0]["torrent"] == ""
