"""What the app asks TorBox for, and how each of it is prepared, done, done again and ended well."""

from __future__ import annotations

from collections.abc import Callable

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.urls import reverse

from accounts.models import TorBoxAccount
from simulator.catalogue import by_name
from tests.factories import make_hash, make_key
from tests.torrents.faults import tables_of_questions as questions
from tests.torrents.faults import tables_of_wishes as wishes
from tests.torrents.faults.world import HASH, Situation, World
from torrents.models import Torrent
from torrents.states import Status

SINTEL = by_name("Sintel").info_hash
LATER = make_hash("came later")
SPARE_KEY = make_key("another TorBox account")


# -- sending


def is_at_torbox_once(world: World, page: HttpResponse) -> bool:
    return world.sim.control.accepted() == {HASH: 1} and world.request == "done" and HASH in world.at_torbox


def is_there_after_one_call(world: World, page: HttpResponse) -> bool:
    return is_at_torbox_once(world, page) and world.asked("createtorrent") == 1


def tries_again(world: World) -> None:
    """A wish that failed is tried again by a person, any other by a worker, before any list was read."""
    if world.request == "failed":
        world.press("retry", world.row.pk)
    world.sends_adds()
    world.beats()


# -- controlling


def pauses(world: World) -> None:
    halfway(world)
    world.press("control", world.row.pk, "pause")


def starts(world: World) -> None:
    world.sim.control.options(queue_seconds=10**6)
    world.place("queued")
    world.press("control", world.row.pk, "start")


def deletes(world: World) -> None:
    world.place()
    world.press("remove", world.row.pk)
    world.pass_time(seconds=60)


def pauses_everything(world: World) -> HttpResponse:
    return world.send("everything", operation="pause", account=world.account.pk)


def presses_again(view: str, *operation: str) -> Callable[[World], None]:
    """What was refused is asked for again by a person, everything else by beat."""

    def press(world: World) -> None:
        if world.request == "failed":
            world.press(view, world.row.pk, *operation)
            world.pass_time(seconds=60)
        world.beats()

    return press


def is_paused(world: World, page: HttpResponse) -> bool:
    row = Torrent.objects.get()
    return world.at_torbox == {row.info_hash: "paused"} and (row.status, row.pending) == (Status.PAUSED, "")


def presses_all_again(world: World) -> None:
    if world.request == "-":
        pauses_everything(world)
    world.beats()


def is_started(world: World, page: HttpResponse) -> bool:
    row = Torrent.objects.get()
    return world.at_torbox[row.info_hash] != "queued" and row.remote_id is not None and not row.pending


def is_deleted(world: World, page: HttpResponse) -> bool:
    return not world.at_torbox and world.request == "done" and Torrent.objects.get().removed_at is not None


# -- reading


def halfway(world: World) -> None:
    """A torrent that goes on downloading, read a while ago."""
    world.place("downloading", download_seconds=10**5)
    world.pass_time(minutes=20)


def something_new(world: World) -> None:
    """The list is known, and TorBox has had one torrent more since."""
    halfway(world)
    world.sim.control.seed(torrents=[{"key": world.cast.key, "hash": LATER, "state": "completed"}])


def plan_is_due(world: World) -> None:
    halfway(world)
    TorBoxAccount.objects.update(plan_read_at=None, slots=None)


def refreshes_now(world: World) -> HttpResponse:
    world.press("refresh")
    world.reads_lists()
    return world.open("list")


def asks_by_id(world: World) -> HttpResponse:
    return world.send("refresh_one", world.row.pk)


def waits_a_day(world: World) -> None:
    world.pass_time(hours=25)
    world.beats()


def is_read_again(world: World, page: HttpResponse) -> bool:
    return is_well(world, page) and LATER in world.rows()


def shows_progress(world: World, page: HttpResponse) -> bool:
    return is_well(world, page) and Torrent.objects.get().progress > world.row.progress


def plan_is_known(world: World, page: HttpResponse) -> bool:
    return is_well(world, page) and world.account.slots == 10


def is_well(world: World, page: HttpResponse) -> bool:
    return world.health == "ok" and page.status_code in (200, 302)


# -- asking while somebody waits


def nothing(world: World) -> None:
    """There is nothing to prepare."""


def has_another_key(world: World) -> None:
    world.sim.control.seed(accounts=[{"key": SPARE_KEY}])
    world.keys.append(SPARE_KEY)


def connects(world: World) -> HttpResponse:
    world.confirm()
    return world.client.post(reverse("accounts:connect"), {"api_key": SPARE_KEY, "label": "Second"})


def is_connected(world: World, page: HttpResponse) -> bool:
    return page.status_code == 302 and TorBoxAccount.objects.filter(label="Second").exists()


def downloads(world: World) -> HttpResponse:
    return world.open("links:download_zip", world.row.pk)


def exports_magnet(world: World) -> HttpResponse:
    return world.open("links:export_magnet", world.row.pk)


def exports_file(world: World) -> HttpResponse:
    return world.open("links:export_file", world.row.pk)


def has_torboxs_magnet(world: World, page: HttpResponse) -> bool:
    return is_well(world, page) and "does not export" not in page.content.decode()


def has_the_file(world: World, page: HttpResponse) -> bool:
    return is_well(world, page) and page.content.startswith(b"d8:announce")


def previews(world: World) -> HttpResponse:
    return world.send("preview", text=SINTEL, seed="1")


def checks(world: World) -> HttpResponse:
    return world.send("check", text=SINTEL)


def looks_up(world: World) -> HttpResponse:
    return world.open("lookup", hash=SINTEL)


def looks_up_a_file(world: World) -> HttpResponse:
    work = world.sim.control.make_work("Uploaded", {"film.mkv": 40_000})
    return world.send("lookup", file=SimpleUploadedFile("a.torrent", work.torrent_bytes), timeout="1")


def shows(words: str) -> Callable[[World, HttpResponse], bool]:
    return lambda world, page: is_well(world, page) and words in page.content.decode()


SITUATIONS = {
    "createtorrent": Situation(
        "createtorrent", World.paste, World.sends_adds, wishes.ADD, tries_again, is_at_torbox_once
    ),
    "createtorrent that arrives": Situation(
        "createtorrent", World.paste, World.sends_adds, wishes.ADD, tries_again, is_there_after_one_call
    ),
    "checkcached before sending": Situation(
        "checkcached",
        World.paste,
        World.sends_adds,
        wishes.CACHE_CHECK_BEFORE_SENDING,
        World.beats,
        is_at_torbox_once,
    ),
    "controltorrent": Situation(
        "controltorrent",
        pauses,
        World.sends_controls,
        wishes.PAUSE,
        presses_again("control", "pause"),
        is_paused,
    ),
    "controltorrent delete": Situation(
        "controltorrent", deletes, World.sends_controls, wishes.DELETE, presses_again("remove"), is_deleted
    ),
    "controltorrent all": Situation(
        "controltorrent", halfway, pauses_everything, wishes.EVERYTHING, presses_all_again, is_paused
    ),
    "controlqueued": Situation(
        "controlqueued",
        starts,
        World.sends_controls,
        wishes.START,
        presses_again("control", "start"),
        is_started,
    ),
    "mylist in the background": Situation(
        "mylist", something_new, World.reads_lists, questions.LIST, World.beats, is_read_again
    ),
    "mylist refreshed now": Situation(
        "mylist", something_new, refreshes_now, questions.LIST, refreshes_now, is_read_again
    ),
    "mylist by id": Situation("mylist", halfway, asks_by_id, questions.ONE_BY_ID, asks_by_id, shows_progress),
    "getqueued in the background": Situation(
        "getqueued", something_new, World.reads_lists, questions.LIST, World.beats, is_read_again
    ),
    "user/me in the background": Situation(
        "me", plan_is_due, World.reads_lists, questions.PLAN, waits_a_day, plan_is_known
    ),
    "user/me on connecting": Situation(
        "me", has_another_key, connects, questions.CONNECT, connects, is_connected
    ),
    "requestdl": Situation("requestdl", World.place, downloads, questions.DOWNLOAD, downloads, is_well),
    "exportdata magnet": Situation(
        "exportdata", World.place, exports_magnet, questions.MAGNET, exports_magnet, has_torboxs_magnet
    ),
    "exportdata file": Situation(
        "exportdata", World.place, exports_file, questions.TORRENT_FILE, exports_file, has_the_file
    ),
    "checkcached in the preview": Situation(
        "checkcached", nothing, previews, questions.PREVIEW, previews, shows("Cached, instant")
    ),
    "checkcached on its page": Situation(
        "checkcached", nothing, checks, questions.LOOK_UP, checks, shows("Cached: 1 of 1 torrent")
    ),
    "torrentinfo of a hash": Situation(
        "torrentinfo", nothing, looks_up, questions.LOOK_UP, looks_up, shows("Sintel")
    ),
    "torrentinfo of a file": Situation(
        "torrentinfo", nothing, looks_up_a_file, questions.LOOK_UP, looks_up_a_file, shows("Uploaded")
    ),
}
