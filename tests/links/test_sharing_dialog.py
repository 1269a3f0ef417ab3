"""*Share…*: the fields of a new link, the link itself, and what changes it."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from html import unescape

import pytest
from django.contrib.auth.hashers import check_password
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from links.link_urls import page_url
from links.models import LastingLink, LinkPolicy
from links.pages.parts import MAX_OFFERED
from tests.factories import give_files, make_torrent
from tests.links.factories import let_expire, make_export, make_list, make_share, set_link
from torrents.models import Torrent
from torrents.pages.list.row_actions import actions
from torrents.states import Status

HTMX = {"HX-Request": "true"}
IN_DIALOG = HTMX | {"HX-Target": "share-link"}
NEW = {"part": "all", "expires": "30", "limit": "none", "password": ""}
OPTION = re.compile(r'<option value="([^"]*)"( selected)?>([^<]*)</option>')


@pytest.fixture
def film(cast) -> Torrent:
    film = make_torrent(cast.account, "Sintel", file_count=4, size=4000)
    give_files(film, [f"Sintel/{name}" for name in ("Extras/a.mkv", "Extras/b.mkv", "film.mkv", "film.srt")])
    return film


def url(torrent: Torrent) -> str:
    return reverse("links:share", args=[torrent.pk])


def change_url(link: LastingLink) -> str:
    return reverse("links:change", args=[link.pk])


def page(client, address: str, **headers: str) -> str:
    answer = client.get(address, headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def field(html: str, name: str) -> str:
    """Return the markup of a select."""
    return re.search(rf'<select name="{name}".*?</select>', html, re.S)[0]


def options(html: str, name: str) -> dict[str, str]:
    """Return the values of a select by their words."""
    return {unescape(words): value for value, _, words in OPTION.findall(field(html, name))}


def chosen(html: str, name: str) -> str:
    """Return the words of the option that a select shows."""
    (words,) = [words for _, selected, words in OPTION.findall(field(html, name)) if selected]
    return unescape(words)


def change(client, link: LastingLink, **fields: str) -> str:
    """Change fields in the dialog, and return the answer."""
    html = page(client, change_url(link), **HTMX)
    sent = {name: options(html, name)[chosen(html, name)] for name in ("part", "expires", "limit")}
    answer = client.post(change_url(link), sent | {"password": ""} | fields, headers=HTMX)
    assert answer.status_code == 200
    link.refresh_from_db()
    return answer.content.decode()


def offered(person: User, torrent: Torrent) -> list[str]:
    row = Torrent.objects.for_display(person).get(pk=torrent.pk)
    return [action.key for action in actions(row, person)]


class TestTheMenu:
    """Where *Share…* is."""

    def test_it_comes_after_renaming_and_before_notifications(self, cast, film):
        keys = offered(cast.owner, film)
        assert keys.index("rename") < keys.index("share") < keys.index("mute" if "mute" in keys else "notify")

    def test_everyone_who_sees_a_torrent_can_share_it_ready_or_not(self, cast, film):
        assert all("share" in offered(person, film) for person in (cast.owner, cast.member, cast.viewer))
        moving = make_torrent(cast.account, "Moving", status=Status.DOWNLOADING, remote_id=9)
        assert "share" in offered(cast.viewer, moving)

    @pytest.mark.parametrize(
        "fields",
        [{"status": Status.WAITING, "remote_id": None}, {"status": Status.GONE}],
        ids=["waits", "gone"],
    )
    def test_a_torrent_that_torbox_does_not_have_cannot_be_shared(self, cast, fields, sign_in):
        torrent = make_torrent(cast.account, "Elsewhere", **fields)
        assert "share" not in offered(cast.owner, torrent)
        assert sign_in(cast.owner).get(url(torrent)).status_code == 404

    def test_the_menu_and_the_page_of_a_torrent_have_it(self, cast, film, sign_in):
        client = sign_in(cast.viewer)
        for name in ("torrents:menu", "torrents:detail"):
            html = page(client, reverse(name, args=[film.pk]))
            assert f'hx-get="{url(film)}"' in html and "Share…" in html

    def test_the_list_and_its_polls_ask_nothing_about_links(self, cast, film, sign_in):
        client = sign_in(cast.owner)
        with CaptureQueriesContext(connection) as asked:
            client.get("/")
            client.get("/changes/")
        about_links = [one["sql"] for one in asked if "links_" in one["sql"]]
        assert about_links and all("accounts_user" in sql for sql in about_links)

    def test_only_people_who_may_have_links_are_offered_it(self, cast, film, sign_in):
        LinkPolicy.objects.create(pk=1, made_by=LinkPolicy.MadeBy.MEMBERS)
        User.objects.filter(pk=cast.viewer.pk).update(role=User.Role.GUEST)
        cast.viewer.refresh_from_db()
        assert "share" in offered(cast.member, film) and "share" not in offered(cast.viewer, film)
        guest = sign_in(cast.viewer)
        answer = guest.post(url(film), NEW, headers=HTMX)
        assert answer.status_code == 204 and "turned off links" in answer.headers["HX-Trigger"]
        assert not LastingLink.objects.exists()


class TestANewLink:
    """The fields and what they make."""

    def test_the_fields_have_defaults_and_nothing_is_made_yet(self, cast, film, sign_in):
        html = page(sign_in(cast.owner), url(film), **HTMX)
        assert "<modal-dialog>" in html and "Share <bdi>Sintel</bdi>" in html
        assert [chosen(html, name) for name in ("part", "expires", "limit")] == [
            "All 4 files (4 kB)",
            "In 30 days",
            "No limit",
        ]
        assert list(options(html, "expires")) == [
            *("In 1 day", "In 7 days", "In 30 days", "In 90 days", "In 1 year", "Never"),
        ]
        assert list(options(html, "limit"))[:3] == ["No limit", "1 download", "5 downloads"]
        assert html.count("primary") == html.count("Create link") + html.count("find .primary") == 2
        assert not LastingLink.objects.exists()

    def test_create_shows_the_link_above_the_fields(self, cast, film, sign_in):
        answer = sign_in(cast.owner).post(url(film), NEW, headers=IN_DIALOG)
        link, html = LastingLink.objects.get(), answer.content.decode()
        (address,) = re.findall(r'id="share-address" value="([^"]+)"', html)
        assert address.startswith("http") and "/l/" in address
        assert html.index(address) < html.index('name="part"')
        assert "Created just now" in html and "no downloads yet" in html and "data:image/svg+xml" in html
        assert html.count("button primary") == 1 and "<modal-dialog>" not in html
        assert "links-changed" in answer.headers["HX-Trigger"]
        assert (link.kind, link.maker, link.torrent, link.part) == ("share", cast.owner, film, "all")
        assert link.password == "" and link.max_uses is None
        assert abs(link.expires_at - timezone.now() - timedelta(days=30)) < timedelta(minutes=1)

    def test_every_field_counts(self, cast, film, sign_in):
        client = sign_in(cast.viewer)
        parts = options(page(client, url(film)), "part")
        sent = {"part": parts["Extras (2 files, 2 kB)"], "expires": "never", "limit": "5", "password": "open"}
        client.post(url(film), sent, headers=IN_DIALOG)
        link = LastingLink.objects.get()
        assert (link.part, link.path) == ("folder", "Sintel/Extras")
        assert (link.expires_at, link.max_uses) == (None, 5)
        assert check_password("open", link.password)

    def test_a_link_of_mine_opens_in_place_of_the_fields_for_a_new_one(self, cast, film, sign_in):
        made = make_share(cast.owner, film)
        client = sign_in(cast.owner)
        assert page_url(made.token) in page(client, url(film), **HTMX)
        client.post(url(film), NEW, headers=IN_DIALOG)
        assert LastingLink.objects.count() == 1

    @pytest.mark.parametrize("end", ["revoke", "expire", "others"])
    def test_a_link_that_ended_or_is_anothers_does_not(self, cast, film, sign_in, end):
        made = make_share(cast.member if end == "others" else cast.owner, film)
        if end == "revoke":
            set_link(made, revoked_at=timezone.now())
        elif end == "expire":
            let_expire(made)
        html = page(sign_in(cast.owner), url(film), **HTMX)
        assert "Create link" in html and made.token not in html

    @pytest.mark.parametrize(
        "wrong",
        [
            {"part": "folder-" + "0" * 32},
            {"part": "file-"},
            {"expires": "31"},
            {"expires": "at-9999999999999"},
            {"expires": "at-999999999999"},
            {"expires": "soon"},
            {"limit": "0"},
            {"limit": "-1"},
            {"limit": "99999999999"},
            {"limit": "²"},
            {"password": "x" * 201},
            {"expires": ""},
        ],
        ids=str,
    )
    def test_what_is_not_offered_is_refused(self, cast, film, sign_in, wrong):
        answer = sign_in(cast.owner).post(url(film), NEW | wrong, headers=IN_DIALOG)
        assert answer.status_code == 422 and "errorlist" in answer.content.decode()
        assert not LastingLink.objects.exists()

    def test_without_script_it_is_a_page_that_leads_to_the_link(self, cast, film, sign_in):
        client = sign_in(cast.owner)
        html = page(client, url(film))
        assert (
            "<h1" in html
            and "<modal-dialog>" not in html
            and "hx-post" not in html.split('id="share-form"')[1]
        )
        answer = client.post(url(film), NEW)
        link = LastingLink.objects.get()
        assert answer.url == change_url(link)
        html = page(client, answer.url)
        assert "/l/" in html and "Revoke link" in html and ">Save<" in html
        assert client.post(answer.url, NEW | {"limit": "25"}).url == answer.url
        assert LastingLink.objects.get().max_uses == 25


class TestWhat:
    """The parts that a link can lead to."""

    def test_folders_come_before_files_and_both_have_their_size(self, cast, film, sign_in):
        html = page(sign_in(cast.owner), url(film))
        assert list(options(html, "part")) == [
            "All 4 files (4 kB)",
            "Extras (2 files, 2 kB)",
            *("Extras/a.mkv (1 kB)", "Extras/b.mkv (1 kB)", "film.mkv (1 kB)", "film.srt (1 kB)"),
        ]

    def test_a_single_file_is_all_there_is(self, cast, sign_in):
        html = page(sign_in(cast.owner), url(make_torrent(cast.account, "One", file_count=1)))
        assert list(options(html, "part")) == ["1 file (1 kB)"]

    def test_a_torrent_without_a_list_of_files_is_shared_as_it_will_be(self, cast, sign_in):
        waiting = make_torrent(cast.account, "New", file_count=0, status=Status.DOWNLOADING)
        assert list(options(page(sign_in(cast.owner), url(waiting)), "part")) == ["All files"]

    def test_of_very_many_the_first_are_offered_and_the_chosen_one(self, cast, sign_in):
        many = make_torrent(cast.account, "Many", file_count=0)
        give_files(many, [f"Many/{folder:03}/{name:03}.mkv" for folder in range(400) for name in range(2)])
        made = make_share(cast.owner, many, part="file", path="Many/399/001.mkv")
        html = page(sign_in(cast.owner), change_url(made.link))
        found = options(html, "part")
        assert len(found) == 1 + MAX_OFFERED + 1
        assert "000 (2 files, 2 kB)" in found and "000/000.mkv (1 kB)" not in found
        assert chosen(html, "part") == "399/001.mkv (1 kB)"

    def test_a_file_that_is_gone_stays_chosen(self, cast, film, sign_in):
        made = make_share(cast.owner, film, part="file", path="Sintel/film.mkv")
        give_files(film, ["Sintel/other.mkv", "Sintel/more.mkv"])
        client = sign_in(cast.owner)
        html = page(client, change_url(made.link))
        assert chosen(html, "part").startswith(("film.mkv", "Sintel/film.mkv"))
        change(client, made.link, limit="5")
        assert (made.link.path, made.link.max_uses) == ("Sintel/film.mkv", 5)

    @pytest.mark.parametrize(
        "name",
        ['<img src=x onerror="alert(1)">', "a\u202egnp", "x" * 2000, "a\nb", "<script>"],
        ids=["markup", "direction", "long", "line break", "script"],
    )
    def test_hostile_names_are_escaped_and_bounded_and_can_be_shared(self, cast, sign_in, name):
        torrent = make_torrent(cast.account, name, file_count=0)
        give_files(torrent, [f"{name}/1.mkv", "2.mkv"])
        client = sign_in(cast.owner)
        html = page(client, url(torrent), **HTMX)
        assert "<img src=x" not in html and "<script>" not in html and "\u202e" not in html
        assert max(map(len, options(html, "part"))) < 140
        value = next(value for words, value in options(html, "part").items() if "1.mkv (" in words)
        client.post(url(torrent), NEW | {"part": value}, headers=IN_DIALOG)
        assert LastingLink.objects.get().path == f"{name}/1.mkv"


class TestChanging:
    """A field that changes is saved for the same link."""

    def test_it_says_saved_and_the_address_stays(self, cast, film, sign_in):
        made = make_share(cast.owner, film)
        client = sign_in(cast.owner)
        assert change(client, made.link, limit="10").strip().startswith("Saved")
        assert made.link.max_uses == 10
        change(client, made.link, expires="7")
        assert made.link.expires_at < timezone.now() + timedelta(days=8)
        parts = options(page(client, change_url(made.link)), "part")
        change(client, made.link, part=parts["film.mkv (1 kB)"])
        assert (made.link.part, made.link.path, made.link.max_uses) == ("file", "Sintel/film.mkv", 10)
        assert page_url(made.token) in page(client, url(film), **HTMX)

    def test_what_is_none_of_the_options_is_an_option_of_its_own(self, cast, film, sign_in):
        made = make_share(
            cast.owner, film, expires_at=timezone.now() + timedelta(days=12, hours=1), max_uses=3
        )
        html = page(sign_in(cast.owner), change_url(made.link))
        assert chosen(html, "expires") == "In 12 days" and chosen(html, "limit") == "3 downloads"
        assert list(options(html, "limit"))[1:4] == ["1 download", "3 downloads", "5 downloads"]

    def test_changing_one_field_leaves_the_others_as_they_are(self, cast, film, sign_in):
        until = timezone.now() + timedelta(days=12, hours=1)
        made = make_share(cast.owner, film, expires_at=until, max_uses=3, password="open")
        before = made.link.password
        change(sign_in(cast.owner), made.link, limit="5")
        assert (made.link.expires_at, made.link.password, made.link.max_uses) == (until, before, 5)

    def test_a_date_can_be_chosen_again_after_another_one(self, cast, film, sign_in):
        until = (timezone.now() + timedelta(days=12)).replace(microsecond=0)
        made = make_share(cast.owner, film, expires_at=until)
        client = sign_in(cast.owner)
        earlier = options(page(client, change_url(made.link)), "expires")["In 12 days"]
        change(client, made.link, expires="never")
        assert made.link.expires_at is None
        change(client, made.link, expires=earlier)
        assert made.link.expires_at == until

    def test_a_password_is_set_kept_replaced_and_removed(self, cast, film, sign_in):
        made = make_share(cast.owner, film)
        client = sign_in(cast.owner)
        answer = change(client, made.link, password="first one")
        assert check_password("first one", made.link.password) and "Remove the password" in answer
        stored = made.link.password
        change(client, made.link, password="first one", limit="5")
        assert made.link.password == stored  # so that who has entered it stays in
        change(client, made.link)
        assert made.link.password == stored
        html = page(client, change_url(made.link))
        assert "first one" not in html and stored not in html and 'placeholder="Set"' in html
        change(client, made.link, password=" other ")
        assert check_password(" other ", made.link.password)
        answer = change(client, made.link, forget="1", password=" other ")
        assert made.link.password == "" and 'placeholder="None"' in answer and "Remove" not in answer

    def test_an_error_is_said_where_saved_would_be(self, cast, film, sign_in):
        made = make_share(cast.owner, film)
        answer = sign_in(cast.owner).post(change_url(made.link), NEW | {"limit": "0"}, headers=HTMX)
        assert answer.status_code == 422 and "Choose one of the options" in answer.content.decode()

    def test_a_list_of_media_has_no_parts_and_no_limit(self, cast, film, sign_in):
        made = make_list(cast.owner, "podcast", name="Books")
        client = sign_in(cast.owner)
        html = page(client, change_url(made.link), **HTMX)
        assert "Books" in html and "feed.xml" in html and "podcast app" in html
        assert 'name="part"' not in html and 'name="limit"' not in html
        answer = client.post(change_url(made.link), {"expires": "never", "password": "x"}, headers=HTMX)
        made.link.refresh_from_db()
        assert answer.status_code == 200 and made.link.expires_at is None and made.link.password

    def test_when_secret_key_has_changed_it_says_why_there_is_no_address(self, cast, film, sign_in):
        made = make_share(cast.owner, film)
        set_link(made, nonce="made with another key")
        html = page(sign_in(cast.owner), url(film), **HTMX)
        assert "SECRET_KEY has changed" in html and "share-address" not in html and "/l/" not in html
        assert "Revoke link" in html

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_only_its_maker_can_see_and_change_it(self, cast, film, sign_in, method):
        made = make_share(cast.member, film)
        for person in (cast.owner, cast.viewer, cast.outsider):
            answer = getattr(sign_in(person), method)(change_url(made.link), NEW | {"limit": "1"})
            assert answer.status_code == 404
        made.link.refresh_from_db()
        assert made.link.max_uses is None

    @pytest.mark.parametrize("end", ["hidden", "share ended", "deleted", "revoked"])
    def test_a_link_whose_torrent_i_do_not_see_has_no_page(self, cast, film, sign_in, end):
        made = make_share(cast.member, film)
        if end == "hidden":
            Torrent.objects.filter(pk=film.pk).update(hidden=True, added_by=cast.owner)
        elif end == "share ended":
            cast.account.shares.filter(user=cast.member).delete()
        elif end == "deleted":
            Torrent.objects.filter(pk=film.pk).update(removed_at=timezone.now())
        else:
            set_link(made, revoked_at=timezone.now())
        assert sign_in(cast.member).get(change_url(made.link)).status_code == 404

    def test_exports_have_no_page(self, cast, film, sign_in):
        made = make_export(cast.owner, film)
        assert sign_in(cast.owner).get(change_url(made.link)).status_code == 404


def test_revoking_in_the_dialog_offers_to_undo_it(cast, film, sign_in):
    made = make_share(cast.owner, film)
    client = sign_in(cast.owner)
    answer = client.post(reverse("links:revoke", args=[made.link.pk]), headers=HTMX)
    heard = json.loads(answer.headers["HX-Trigger"])
    (toast,) = heard["toast"]["items"]
    assert "links-changed" in heard and toast["text"] == "Revoked the link." and toast["undo"]
    assert "Create link" in page(client, url(film), **HTMX)
    client.post(toast["undo"], headers=HTMX)
    assert page_url(made.token) in page(client, url(film), **HTMX)
