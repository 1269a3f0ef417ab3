"""What each kind of link does when its maker loses and regains what it leads to: by the service, and over HTTP.

A link works whenever its conditions hold at the time of the request. The torrent is real for the simulated TorBox, so
that adding it again is, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum

import pytest
from django.test import Client

from accounts import services as accounts
from accounts.models import Share, User
from links.endings import Ending, LinkEnded, NoSuchItem, NoSuchLink, NotNow
from links.link_urls import file_path
from links.models import LastingLink
from links.services.contents import LinkFile, files_of, find_file, media_of
from links.services.opening import Opened, open_link
from links.services.policy import set_policy
from simulator.server import Running
from tests.factories import Cast, let_waiting_end, make_key, make_user
from tests.links.factories import make_export, make_list, make_share
from torbox.magnets import Magnet
from torrents.models import Activity, Torrent
from torrents.services.actions import controlling, hiding, offboarding
from torrents.services.actions.adding import NewTorrent, Options, add
from torrents.services.outbox import controls, sending
from torrents.services.sync import refreshing
from torrents.states import Status

pytestmark = pytest.mark.django_db
Kind, Part = LastingLink.Kind, LastingLink.Part
FILES = {"Season 1/one.mkv": 4000, "Season 1/two.mkv": 4000, "notes.txt": 300}
WATCHED = "Show/Season 1/one.mkv"
PROGRAM = {"user-agent": "a player"}


class Outcome(Enum):
    """What a visitor gets: the statuses of a file, of the share page, and of a playlist, and its entries."""

    WORKS = (302, 200, 200, 2)
    ENDED = (410, 410, 410, 0)
    WITHOUT_IT = (404, 404, 200, 0)  # a list of media that goes on without this torrent
    LATER = (503, 200, 200, 0)
    UNKNOWN = (404, 404, 404, 0)


WORKS, ENDED, WITHOUT_IT, LATER, UNKNOWN = Outcome


@dataclass
class Stage:
    """A torrent that the owner added to their account, links to it by one person, and the file that visitors take."""

    cast: Cast
    maker: User
    torrent: Torrent
    sim: Running
    links: dict[str, tuple[Opened, LinkFile]] = field(default_factory=dict)

    def make_links(self) -> None:
        maker, torrent = self.maker, self.torrent
        made = {
            "everything": make_share(maker, torrent),
            "a folder": make_share(maker, torrent, part=Part.FOLDER, path="Show/Season 1"),
            "a file": make_share(maker, torrent, part=Part.FILE, path=WATCHED),
            "an export": make_export(maker, torrent),
            "a playlist": make_list(maker, Kind.PLAYLIST),
            "a podcast": make_list(maker, Kind.PODCAST, {"q": "show"}),
        }
        for name, opened in made.items():
            files = files_of(opened) or media_of(opened)
            self.links[name] = opened, next(file for file in files if file.path == WATCHED)

    def read_list(self) -> None:
        self.cast.account.refresh_from_db()
        assert refreshing.refresh(self.cast.account, fresh=True)


@pytest.fixture
def torrent(cast, at_torbox) -> Torrent:
    torrent = at_torbox(FILES, "Show")
    Torrent.objects.update(added_by=cast.owner)
    torrent.refresh_from_db()
    return torrent


@pytest.fixture
def stage(cast, torrent, sim, settings) -> Stage:
    settings.UNDO_SECONDS = 0
    return Stage(cast, cast.member, torrent, sim)


# What happens, and what undoes it. Each takes the stage.


def end_share(stage) -> None:
    Share.objects.filter(account=stage.cast.account, user=stage.maker).delete()


def share_again(stage) -> None:
    Share.objects.create(account=stage.cast.account, user=stage.maker, level=Share.Level.VIEW)


def lower_level(stage) -> None:
    Share.objects.filter(user=stage.maker).update(level=Share.Level.VIEW)


def suspend(stage) -> None:
    accounts.disable(stage.maker)


def reactivate(stage) -> None:
    accounts.enable(stage.maker)


def remove_maker(stage) -> None:
    offboarding.leave(stage.maker, heir=None)


def hide(stage) -> None:
    hiding.hide(Torrent.objects.get())


def hide_as_maker(stage) -> None:
    Torrent.objects.update(added_by=stage.maker)
    hiding.hide(Torrent.objects.get())


def show(stage) -> None:
    hiding.show(Torrent.objects.get())


def delete(stage) -> None:
    controlling.remove(person=stage.cast.owner, torrents=[Torrent.objects.get()])


def undo_delete(stage) -> None:
    assert controlling.restore([Torrent.objects.get()]) == 1


def delete_at_torbox(stage) -> None:
    delete(stage)
    let_waiting_end(stage.cast.account)
    controls.send_due(stage.cast.account.pk)
    stage.read_list()


def add_again(stage) -> None:
    """Add the same hash, and send it. Its list of files isn't read yet."""
    stage.sim.control.cache([stage.torrent.info_hash], cached=False)
    stage.sim.control.options(meta_seconds=600, download_seconds=0)
    new = NewTorrent(Magnet(stage.torrent.info_hash, "Show"))
    add(person=stage.cast.owner, account=stage.cast.account, new_torrents=[new], options=Options())
    let_waiting_end(stage.cast.account)
    sending.send_due(stage.cast.account.pk)
    assert Torrent.objects.get().pk == stage.torrent.pk


def get_ready(stage) -> None:
    stage.sim.control.advance(900)
    stage.read_list()
    assert Torrent.objects.get().downloadable


def lose_at_torbox(stage) -> None:
    Torrent.objects.update(
        status=Status.GONE, list_digest="", row_digest=""
    )  # so that the next list is compared


def become_guest(stage) -> None:
    accounts.set_role(stage.maker, User.Role.GUEST)


def become_member(stage) -> None:
    accounts.set_role(stage.maker, User.Role.MEMBER)


def let(made_by: str) -> Callable[[Stage], None]:
    def set_it(stage) -> None:
        set_policy(made_by)

    return set_it


def disconnect(stage) -> None:
    accounts.disconnect(stage.cast.account)


def replace_key(stage) -> None:
    new = make_key(f"after {stage.cast.key}")
    stage.sim.control.rotate(stage.cast.key, new)
    accounts.replace_key(account=stage.cast.account, api_key=new)


def hand_over_account(stage) -> None:
    offboarding.leave(stage.cast.owner, heir=make_user("heir", User.Role.OWNER))


def rename(stage) -> None:
    row = Torrent.objects.get()
    row.set_name("Another show")  # which the podcast's search finds, too
    row.save()


# Steps: what happens, what links to the torrent do then, and what lists of media do.
SCENARIOS = {
    "share": [(end_share, ENDED, WITHOUT_IT), (share_again, WORKS, WORKS)],
    "level": [(lower_level, WORKS, WORKS)],
    "suspended": [(suspend, ENDED, ENDED), (reactivate, WORKS, WORKS)],
    "removed": [(remove_maker, UNKNOWN, UNKNOWN)],
    "hidden": [(hide, ENDED, WITHOUT_IT), (show, WORKS, WORKS)],
    "hidden by the maker": [(hide_as_maker, WORKS, WORKS), (show, WORKS, WORKS)],
    "deleted": [(delete, ENDED, WITHOUT_IT), (undo_delete, WORKS, WORKS)],
    "added again": [
        (delete_at_torbox, ENDED, WITHOUT_IT),
        (add_again, LATER, LATER),
        (get_ready, WORKS, WORKS),
    ],
    "policy": [
        (let("members"), WORKS, WORKS),
        (become_guest, ENDED, ENDED),
        (let("everyone"), WORKS, WORKS),
        (let("nobody"), ENDED, ENDED),
        (become_member, ENDED, ENDED),
        (let("members"), WORKS, WORKS),
    ],
    "disconnected": [(disconnect, UNKNOWN, WITHOUT_IT)],
    "new key": [(replace_key, WORKS, WORKS)],
    "another owner": [(hand_over_account, WORKS, WORKS)],
    "several reasons": [
        (suspend, ENDED, ENDED),
        (hide, ENDED, ENDED),
        (reactivate, ENDED, WITHOUT_IT),
        (end_share, ENDED, WITHOUT_IT),
        (show, ENDED, WITHOUT_IT),
        (share_again, WORKS, WORKS),
    ],
}


def outcome_of(opened: Opened, file: LinkFile) -> Outcome:
    """Return what the services do for a visitor who has the address of a file."""
    try:
        again = open_link(opened.token)
        found = find_file(again, file.ref)
    except LinkEnded as ended:
        assert ended.ending == Ending.UNAVAILABLE
        return ENDED
    except NoSuchLink:
        return UNKNOWN
    except NotNow:
        return LATER
    except NoSuchItem:
        assert opened.link.is_list
        assert media_of(again) == []
        return WITHOUT_IT
    assert found.path == file.path
    return WORKS if found.torrent.downloadable else LATER


def check_services(stage: Stage, of_torrent: Outcome, of_lists: Outcome) -> None:
    found = {name: outcome_of(opened, file) for name, (opened, file) in stage.links.items()}
    assert found == {
        name: of_lists if opened.link.is_list else of_torrent for name, (opened, _) in stage.links.items()
    }


def expected(stage: Stage, of_torrent: Outcome, of_lists: Outcome) -> Iterator[tuple[str, Opened, Outcome]]:
    for name, (opened, _) in stage.links.items():
        yield name, opened, of_lists if opened.link.is_list else of_torrent


def check_files(stage: Stage, *outcomes: Outcome) -> None:
    player = Client(headers=PROGRAM)
    for name, opened, outcome in expected(stage, *outcomes):
        status = outcome.value[0]
        address = file_path(opened.token, stage.links[name][1])
        assert player.get(address).status_code == status, name
        assert player.head(address).status_code == (200 if status == 302 else status), name


def check_pages(stage: Stage, *outcomes: Outcome) -> None:
    browser = Client(headers={"accept": "text/html"})
    for name, opened, outcome in expected(stage, *outcomes):
        status = outcome.value[1]
        has_page = opened.link.kind == Kind.SHARE or status == 410
        assert browser.get(f"/l/{opened.token}/").status_code == (status if has_page else 404), name


def check_playlists(stage: Stage, *outcomes: Outcome) -> None:
    player = Client(headers=PROGRAM)
    for name, opened, outcome in expected(stage, *outcomes):
        *_, status, entries = outcome.value
        if opened.link.kind == Kind.EXPORT and status == 200:
            status, entries = 404, 0  # none of its addresses leads to another file
        if opened.link.part == Part.FILE:
            entries = min(1, entries)
        answer = player.get(f"/l/{opened.token}/playlist.m3u8")
        assert answer.status_code == status, name
        assert answer.content.count(b"#EXTINF") == entries, name
        if opened.link.kind == Kind.PODCAST:
            feed = player.get(f"/l/{opened.token}/feed.xml")
            assert (feed.status_code, feed.content.count(b"<enclosure")) == (status, entries)


CHECKS = [
    pytest.param(check_services, id="services"),
    pytest.param(check_files, id="files", marks=pytest.mark.once),
    pytest.param(check_pages, id="pages", marks=pytest.mark.once),
    pytest.param(check_playlists, id="playlists", marks=pytest.mark.once),
]


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("steps", SCENARIOS.values(), ids=SCENARIOS)
def test_each_link_does_as_its_makers_rights_say(stage, steps, check):
    stage.make_links()
    check(stage, WORKS, WORKS)
    for happen, of_torrent, of_lists in steps:
        happen(stage)
        check(stage, of_torrent, of_lists)


def test_the_owner_of_the_account_has_nothing_hidden_from_their_links(stage):
    stage.maker = stage.cast.owner
    stage.make_links()
    Torrent.objects.update(added_by=stage.cast.member)
    hide(stage)
    check_services(stage, WORKS, WORKS)


def test_what_torbox_no_longer_has_is_not_found_while_the_link_stays(stage):
    stage.make_links()
    lose_at_torbox(stage)
    client = Client(headers=PROGRAM)
    for opened, file in stage.links.values():
        assert open_link(opened.token).link == opened.link
        assert client.get(file_path(opened.token, file)).status_code == 404
    get_ready(stage)
    check_files(stage, WORKS, WORKS)


def test_a_renamed_torrent_keeps_all_addresses(stage):
    stage.make_links()
    rename(stage)
    check_services(stage, WORKS, WORKS)


def test_no_visitor_is_counted_while_a_link_doesnt_work(stage):
    stage.make_links()
    suspend(stage)
    check_files(stage, ENDED, ENDED)
    assert not Activity.objects.filter(kind=Activity.Kind.LINK_USED).exists()
    assert not LastingLink.objects.exclude(uses=0).exists()


@pytest.mark.parametrize("person", ["owner", "viewer"])
def test_only_the_makers_rights_count(stage, person):
    """The rights of the account's owner, or of anyone else, end no link of the maker."""
    stage.make_links()
    someone = getattr(stage.cast, person)
    User.objects.filter(pk=someone.pk).update(is_active=False)
    Share.objects.filter(user=stage.cast.viewer).delete()
    check_services(stage, WORKS, WORKS)
