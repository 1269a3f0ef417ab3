"""*Notify me* and *Mute* in the menu of a torrent and on its page."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from notifications.models import TorrentChoice
from tests.factories import make_torrent
from torrents.models import Torrent
from torrents.pages.list.row_actions import actions

HTMX = {"HX-Request": "true"}
OURS = ["notify", "stop_notifying", "mute", "unmute"]


def offered(person, torrent: Torrent) -> list[str]:
    row = Torrent.objects.for_display(person).get(pk=torrent.pk)
    return [action.key for action in actions(row, person) if action.key in OURS]


def url(name: str, torrent: Torrent) -> str:
    return reverse(f"notifications:{name}", args=[torrent.pk])


@pytest.fixture
def film(cast) -> Torrent:
    return make_torrent(cast.account, "Sintel", added_by=cast.member)


def test_my_torrents_can_be_muted_and_those_of_others_followed(cast, film):
    assert offered(cast.member, film) == ["mute"]
    assert offered(cast.owner, film) == offered(cast.viewer, film) == ["notify"]
    found = make_torrent(cast.account, "Found", remote_id=9)
    assert offered(cast.owner, found) == ["mute"]
    assert offered(cast.member, found) == ["notify"]


def test_each_choice_can_be_undone_in_the_same_menu(cast, film, sign_in):
    viewer = sign_in(cast.viewer)
    viewer.post(url("follow", film))
    assert offered(cast.viewer, film) == ["stop_notifying", "mute"]
    viewer.post(url("mute", film))
    assert offered(cast.viewer, film) == ["unmute"]
    viewer.post(url("reset", film))
    assert offered(cast.viewer, film) == ["notify"]
    assert not TorrentChoice.objects.exists()


def test_they_come_after_renaming_and_before_deleting(cast, film):
    row = Torrent.objects.for_display(cast.member).get()
    keys = [action.key for action in actions(row, cast.member)]
    assert keys.index("rename") < keys.index("mute") < keys.index("remove")


def test_the_menu_and_the_page_of_the_torrent_offer_them(cast, film, sign_in):
    viewer = sign_in(cast.viewer)
    for page in (reverse("torrents:menu", args=[film.pk]), reverse("torrents:detail", args=[film.pk])):
        html = viewer.get(page).content.decode()
        assert "Notify me" in html and url("follow", film) in html
    viewer.post(url("mute", film))
    html = viewer.get(reverse("torrents:menu", args=[film.pk])).content.decode()
    assert "Unmute" in html and url("reset", film) in html and "Notify me" not in html


def test_the_choice_of_one_person_is_not_that_of_another(cast, film, sign_in):
    sign_in(cast.viewer).post(url("mute", film))
    assert offered(cast.owner, film) == ["notify"]
    menu = sign_in(cast.owner).get(reverse("torrents:menu", args=[film.pk])).content.decode()
    assert "Notify me" in menu and "Unmute" not in menu


def test_the_page_hears_of_it_and_a_toast_offers_to_undo(cast, film, sign_in):
    answer = sign_in(cast.viewer).post(url("follow", film), headers=HTMX)
    assert answer.status_code == 204
    heard = json.loads(answer.headers["HX-Trigger"])
    assert {"menus-changed", "bell-changed"} <= set(heard)
    (toast,) = heard["toast"]["items"]
    assert toast["text"] == "We’ll notify you about “Sintel”." and toast["undo"] == url("reset", film)


def test_without_script_people_come_back_to_where_they_were(cast, film, sign_in):
    viewer, page = sign_in(cast.viewer), reverse("notifications:page")
    referers = {
        f"http://testserver{page}?muted=1": page,
        "http://testserver/?tab=ready": "/?tab=ready",
        f"http://elsewhere.example{page}": "/",
        "": "/",
    }
    for referer, back in referers.items():
        answer = viewer.post(url("mute", film), headers={"Referer": referer})
        assert answer.headers["Location"] == back


def test_what_a_person_may_not_see_is_not_found(cast, film, sign_in):
    Torrent.objects.update(hidden=True)
    for person in (cast.viewer, cast.outsider):
        for name in ("follow", "mute", "reset"):
            assert sign_in(person).post(url(name, film)).status_code == 404
    assert not TorrentChoice.objects.exists()
    assert sign_in(cast.member).get(url("mute", film)).status_code == 405
