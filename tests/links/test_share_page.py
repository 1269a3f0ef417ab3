"""The page of a share link, as people without an account see it."""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import timedelta
from html import unescape

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from links.link_urls import file_path
from links.models import LastingLink
from links.views import shared_files
from localization import locales, pseudo
from tests.factories import give_files, make_torrent
from tests.links.factories import file_named, make_export, make_list, make_share, set_link
from torrents.models import TorrentFile
from torrents.states import Status

FILES = [
    "Sintel (2010)/Sintel.2010.mkv",
    "Sintel (2010)/Subtitles/Sintel.2010.en.srt",
    "Sintel (2010)/Subtitles/Sintel.2010.de.srt",
    "Sintel (2010)/poster.jpg",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The pseudo-languages, compiled from the sentences there are."""
    return pseudo.compile_all(settings.BASE_DIR, tmp_path_factory.mktemp("locale"))


@pytest.fixture
def torrent(cast):
    torrent = make_torrent(cast.account, "Sintel (2010) 1080p", files_digest="a" * 32)
    give_files(torrent, FILES)
    return torrent


@pytest.fixture
def visitor() -> Client:
    return Client(headers={"accept": "text/html,*/*;q=0.8"})


def address(opened, rest: str = "") -> str:
    return f"/l/{opened.token}/{rest}"


@contextmanager
def refusing(error: Exception):
    """Make every query raise an error."""

    def refuse(*query):
        raise error

    with connection.execute_wrapper(refuse):
        yield


def show(visitor, opened, rest: str = "", **headers) -> str:
    return visitor.get(address(opened, rest), headers=headers).content.decode()


def texts(page: str) -> str:
    """Return what people read on a page."""
    body = re.sub(r"<head>.*</head>|<script.*?</script>|<style.*?</style>", "", page, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


class TestWhatItSays:
    def test_it_names_the_torrent_counts_its_files_and_lists_them_as_a_tree(self, cast, torrent, visitor):
        page = show(visitor, make_share(cast.owner, torrent))
        assert "<title>Sintel (2010) 1080p</title>" in page
        words = texts(page)
        assert words.startswith("Sintel (2010) 1080p 4 files · 4 kB Download all Sintel.2010.mkv 1 kB")
        assert "Subtitles 2 kB Sintel.2010.de.srt 1 kB Sintel.2010.en.srt 1 kB poster.jpg 1 kB" in words
        assert page.count("<details open>") == 1

    def test_each_file_can_be_downloaded_and_media_played(self, cast, torrent, visitor):
        opened = make_share(cast.owner, torrent)
        page = show(visitor, opened)
        film, poster = (file_named(opened, name) for name in ("Sintel.2010.mkv", "poster.jpg"))
        assert f'href="{file_path(opened.token, film)}"' in page
        assert f'href="{file_path(opened.token, poster)}"' in page
        assert f'href="{address(opened, f"play/{film.ref}/")}"' in page
        assert page.count("/play/") == 1
        assert f'href="{address(opened, "Sintel%20(2010)%201080p.zip")}"' in page

    def test_one_file_needs_no_list_and_has_play_beside_download(self, cast, torrent, visitor):
        opened = make_share(cast.owner, torrent, part=LastingLink.Part.FILE, path=FILES[0])
        page = show(visitor, opened)
        assert texts(page).startswith("Sintel.2010.mkv 1 kB Play Download Available until")
        assert f'href="{address(opened, "play/")}"' in page
        assert f'href="{address(opened, "Sintel.2010.mkv")}"' in page
        assert "<ul" not in page

    def test_a_folder_has_its_own_name_and_no_zip_which_torbox_does_not_make(self, cast, torrent, visitor):
        opened = make_share(cast.owner, torrent, part=LastingLink.Part.FOLDER, path="Sintel (2010)/Subtitles")
        words = texts(show(visitor, opened))
        assert words.startswith("Subtitles 2 files · 2 kB Sintel.2010.de.srt")
        assert "mkv" not in words and "Download all" not in words

    def test_it_says_until_when_it_works(self, cast, torrent, visitor, settings):
        day = timezone.now().replace(hour=12) + timedelta(days=20)
        opened = make_share(cast.owner, torrent, expires_at=day)
        assert f"Available until {day:%B} {day.day}, {day.year}" in texts(show(visitor, opened))
        set_link(opened, expires_at=timezone.now() + timedelta(hours=5, minutes=2))
        assert "Expires in 5 hours" in texts(show(visitor, opened))
        set_link(opened, expires_at=None)
        words = texts(show(visitor, opened))
        assert "Available" not in words and "Expires" not in words

    def test_the_qr_code_opens_in_place_without_a_request(self, cast, torrent, visitor):
        page = show(visitor, make_share(cast.owner, torrent))
        assert re.search(
            r'<details[^>]*><summary>.*Show QR code</summary><img class="qr" src="data:image/svg', page
        )

    def test_a_torrent_that_is_not_ready_says_so_and_offers_nothing(self, cast, torrent, visitor):
        opened = make_share(cast.owner, torrent)
        type(torrent).objects.filter(pk=torrent.pk).update(status=Status.DOWNLOADING)
        page = show(visitor, opened)
        assert "These files aren’t ready yet. Come back later to download them." in texts(page)
        assert "poster.jpg" in page
        assert "Download" not in texts(page).replace("download them", "")
        TorrentFile.objects.all().delete()
        assert "0 files These files aren’t ready yet." in texts(show(visitor, opened))

    def test_the_page_of_a_folder_names_no_folder_around_it(self, cast, visitor, monkeypatch):
        monkeypatch.setattr(shared_files, "MAX_WHOLE", 2)
        torrent = make_torrent(cast.account, "Holidays", file_count=0)
        give_files(torrent, [f"Private/Films/{year}/{part}.mkv" for year in (2024, 2025) for part in "ab"])
        opened = make_share(cast.owner, torrent, part="folder", path="Private/Films")
        page = show(visitor, opened)
        assert "Private" not in page
        inside = re.findall(r'href="[^"]*(\?folder=[^"]*)"', page)
        assert inside == ["?folder=2024", "?folder=2025"]
        assert "All files / 2025 a.mkv" in texts(show(visitor, opened, inside[1]))

    @pytest.mark.parametrize("status", [Status.FAILED, Status.GONE])
    def test_no_one_is_asked_to_come_back_for_what_torbox_does_not_have(self, cast, torrent, visitor, status):
        opened = make_share(cast.owner, torrent)
        type(torrent).objects.filter(pk=torrent.pk).update(status=status)
        for rest in ("", f"play/{file_named(opened, 'Sintel.2010.mkv').ref}/"):
            answer = visitor.get(address(opened, rest))
            assert answer.status_code == 404
            assert "This link doesn’t work" in texts(answer.content.decode())

    def test_a_torrent_without_a_name_does_not_show_its_info_hash(self, cast, visitor):
        torrent = make_torrent(cast.account, "", file_count=0)
        give_files(torrent, ["one.txt", "two.txt"])
        page = show(visitor, make_share(cast.owner, torrent))
        assert "<title>Files</title>" in page
        assert torrent.info_hash not in page

    def test_hostile_names_are_text(self, cast, visitor):
        name = "<script>alert(1)</script>\u202egnp\n" + "W" * 2000
        torrent = make_torrent(cast.account, name, file_count=0)
        give_files(torrent, [f"{name[:80]}/{{{{ 7*7 }}}}", 'b" onclick="x'])
        page = show(visitor, make_share(cast.owner, torrent))
        assert "<script>alert" not in page and "\u202e" not in page and "W" * 400 not in page
        assert "&lt;script&gt;" in page and "b&quot; onclick=&quot;x" in page


class TestVeryManyFiles:
    def test_up_to_500_files_are_all_on_the_page_in_folders_that_are_closed(self, cast, torrent, visitor):
        give_files(torrent, [f"Pack/Folder {n // 100}/{n}.txt" for n in range(500)])
        page = show(visitor, make_share(cast.owner, torrent))
        assert page.count("<details>") == 5
        assert "499.txt" in page

    def test_of_more_each_folder_is_a_page_of_its_own_in_pieces(self, cast, torrent, visitor):
        give_files(torrent, [f"Pack/{folder}/{n:05}.txt" for folder in ("A & B", "C") for n in range(900)])
        opened = make_share(cast.owner, torrent)
        page = show(visitor, opened)
        assert "1,800 files" in texts(page) and "00000.txt" not in page
        folder = address(opened, "?folder=Pack%2FA+%26+B")
        assert f'href="{folder}"' in page
        inside = visitor.get(folder).content.decode()
        assert "All files / A & B" in texts(inside)
        assert "00499.txt" in inside and "00500.txt" not in inside
        assert "Show 200 more of 400" in texts(inside)
        more = visitor.get(f"{folder}&start=500").content.decode()
        assert "00500.txt" in more and "00699.txt" in more and "00700.txt" not in more

    def test_a_page_of_20000_files_is_small_and_costs_as_few_queries(
        self, cast, torrent, visitor, django_assert_max_num_queries
    ):
        give_files(torrent, [f"Pack/{n // 1000}/{n:05}.flac" for n in range(20_000)])
        opened = make_share(cast.owner, torrent)
        for query in ("", "?folder=Pack%2F7", "?folder=Pack%2F7&start=500"):
            with django_assert_max_num_queries(4):
                page = show(visitor, opened, query)
            assert "20,000 files" in page
            assert len(page) < 700_000

    @pytest.mark.parametrize(
        "query", ["?folder=nowhere", "?start=99999999", "?start=-1&folder=..%2F", "?start=9e9"]
    )
    def test_an_invalid_place_is_the_beginning(self, cast, torrent, visitor, query):
        opened = make_share(cast.owner, torrent)
        assert "poster.jpg" in show(visitor, opened, query)


class TestTraces:
    def test_nothing_names_the_app_the_household_or_the_torrent_s_origin(self, cast, torrent, visitor):
        opened = make_share(cast.owner, torrent)
        film = file_named(opened, "Sintel.2010.mkv")
        for rest in ("", f"play/{film.ref}/", "nowhere/at/all"):
            response = visitor.get(address(opened, rest))
            seen = response.content.decode() + str(response.headers) + str(response.cookies)
            seen = re.sub(r"<style.*?</style>", "", seen, flags=re.DOTALL)
            traces = (
                "torbox web",
                "torbox-web",
                "webmanifest",
                "owner",
                "family",
                "sign-in",
                torrent.info_hash,
            )
            assert not [word for word in traces if word in seen.lower()]

    def test_it_is_kept_by_no_cache_no_search_engine_and_no_referrer(self, cast, torrent, visitor):
        opened = make_share(cast.owner, torrent)
        for path in (
            address(opened),
            address(opened, "nothing/like/it"),
            "/l/",
            "/l/guessed/",
            "/l/guessed/\0/",
        ):
            response = visitor.get(path)
            assert response["Cache-Control"] == "no-store"
            assert response["Referrer-Policy"] == "no-referrer"
            assert "noindex" in response["X-Robots-Tag"]
            assert '<meta name="robots" content="noindex' in response.content.decode()

    def test_chats_get_the_name_and_the_size_for_their_preview_but_not_behind_a_password(
        self, cast, torrent, visitor
    ):
        page = show(visitor, make_share(cast.owner, torrent))
        assert '<meta property="og:title" content="Sintel (2010) 1080p">' in page
        assert '<meta property="og:description" content="4 files · 4 kB">' in page
        assert '<meta property="og:type" content="website">' in page
        assert "og:" not in show(visitor, make_share(cast.owner, torrent, password="popcorn and salt"))

    def test_looking_at_the_page_is_no_use(self, cast, torrent, visitor):
        opened = make_share(cast.owner, torrent, max_uses=1)
        for _ in range(3):
            assert visitor.get(address(opened)).status_code == 200
        assert LastingLink.objects.get().uses == 0

    def test_the_page_costs_few_queries(self, cast, torrent, visitor, django_assert_max_num_queries):
        opened = make_share(cast.owner, torrent)
        with django_assert_max_num_queries(4):
            visitor.get(address(opened))


class TestLanguages:
    @pytest.fixture(autouse=True)
    def _languages(self, settings, folder):
        settings.LOCALE_PATHS = [folder]
        settings.LANGUAGES = [("en", "English"), ("en-xa", "Accents"), ("ar-xb", "Mirror")]
        yield
        locales.activate("en")

    def test_it_speaks_the_language_of_the_visitor_s_browser(self, cast, torrent, visitor):
        page = show(visitor, make_share(cast.owner, torrent), **{"accept-language": "en-XA"})
        assert '<html lang="en-xa" dir="ltr">' in page
        assert pseudo.accented("Download all") in page
        card = show(
            visitor, make_share(cast.owner, torrent, password="popcorn"), **{"accept-language": "en-XA"}
        )
        assert pseudo.accented("Password required") in card

    def test_a_language_that_runs_from_right_to_left_turns_the_page_around(self, cast, torrent, visitor):
        page = show(visitor, make_share(cast.owner, torrent), **{"accept-language": "ar-XB"})
        assert '<html lang="ar-xb" dir="rtl">' in page


class TestOtherLinks:
    def test_links_of_exports_and_lists_have_no_page(self, cast, torrent, visitor):
        for opened in (make_export(cast.owner, torrent), make_list(cast.owner)):
            response = visitor.get(address(opened))
            assert response.status_code == 404
            assert "This link doesn’t work" in texts(response.content.decode())

    @pytest.mark.parametrize(
        "path", ["/l/", "/l/guessed", "/l/guessed/", "/l/a/b/c/d", f"/l/{'A' * 22}/film.mkv"]
    )
    def test_an_unknown_address_is_a_card_without_sign_in(self, db, visitor, path):
        response = visitor.get(path, follow=True)
        assert response.status_code == 404
        assert texts(response.content.decode()) == (
            "This link doesn’t work Check that it’s complete, or ask the person who sent it."
        )

    def test_an_address_that_lost_its_slash_leads_to_the_page(self, cast, torrent, visitor):
        opened = make_share(cast.owner, torrent)
        response = visitor.get(f"/l/{opened.token}")
        assert (response.status_code, response["Location"]) == (302, address(opened))
        assert response["Referrer-Policy"] == "no-referrer"

    @pytest.mark.parametrize(
        ("fields", "title"),
        [
            ({"expires_at": timezone.now() - timedelta(days=1)}, "This link has expired"),
            ({"revoked_at": timezone.now()}, "This link has been revoked"),
            ({"max_uses": 2, "uses": 2}, "This link has reached its download limit"),
        ],
    )
    def test_an_ended_link_is_a_card_that_names_nothing(self, cast, torrent, visitor, fields, title):
        opened = make_share(cast.owner, torrent)
        set_link(opened, **fields)
        for rest in ("", "play/", "film.mkv"):
            response = visitor.get(address(opened, rest))
            assert response.status_code == 410
            words = texts(response.content.decode())
            assert words == f"{title} Ask the person who sent it for a new one."
            assert "Sintel" not in response.content.decode()

    def test_other_programs_get_the_same_as_a_line_of_text(self, cast, torrent, client):
        opened = make_share(cast.owner, torrent)
        set_link(opened, revoked_at=timezone.now())
        response = client.get(address(opened), headers={"accept": "*/*"})
        assert response["Content-Type"] == "text/plain; charset=utf-8"
        assert response.content.decode() == "This link has been revoked\n"

    def test_a_suspended_maker_s_link_is_not_available(self, cast, torrent, visitor):
        opened = make_share(cast.member, torrent)
        cast.member.is_active = False
        cast.member.save()
        response = visitor.get(address(opened))
        assert response.status_code == 410
        assert texts(response.content.decode()).startswith("This link isn’t available")


class TestErrors:
    def test_a_method_that_is_not_allowed_is_a_card(self, cast, torrent, visitor):
        response = visitor.post(address(make_share(cast.owner, torrent), "play/"))
        assert response.status_code == 405
        assert texts(response.content.decode()).startswith("This link doesn’t work")

    def test_an_unreadable_request_is_a_card(self, cast, torrent, visitor):
        response = visitor.get(address(make_share(cast.owner, torrent), "?folder=%00"))
        assert response.status_code == 400
        assert texts(response.content.decode()).startswith("This link doesn’t work")

    def test_an_error_of_ours_is_a_card_that_says_to_try_again(self, cast, torrent):
        opened = make_share(cast.owner, torrent)
        with refusing(ValueError("a defect")):
            response = Client(raise_request_exception=False, headers={"accept": "text/html"}).get(
                address(opened)
            )
        assert response.status_code == 500
        assert texts(response.content.decode()) == "This link isn’t working right now Try again in a minute."

    def test_a_database_that_refuses_is_a_card_with_a_time_to_try_again(self, cast, torrent):
        opened = make_share(cast.owner, torrent)
        with refusing(OperationalError("database is locked")):
            response = Client(raise_request_exception=False, headers={"accept": "text/html"}).get(
                address(opened)
            )
        assert (response.status_code, response["Retry-After"]) == (503, "30")
        assert texts(response.content.decode()) == "This link isn’t working right now Try again in a minute."


class TestThePlayer:
    def test_it_plays_a_file_from_its_own_address_with_a_playlist_beside_it(self, cast, torrent, visitor):
        opened = make_share(cast.owner, torrent)
        film = file_named(opened, "Sintel.2010.mkv")
        response = visitor.get(address(opened, f"play/{film.ref}/"))
        page = response.content.decode()
        assert f'src="{file_path(opened.token, film)}"' in page
        assert f'href="{address(opened, "playlist.m3u8")}"' in page
        assert "media-src 'self' https:" in response["Content-Security-Policy"]
        assert "<title>Sintel.2010.mkv</title>" in page

    def test_it_offers_the_subtitles_beside_the_film(self, cast, torrent, visitor):
        opened = make_share(cast.owner, torrent)
        film = file_named(opened, "Sintel.2010.mkv")
        german = file_named(opened, "Sintel.2010.de.srt")
        page = show(visitor, opened, f"play/{film.ref}/")
        address_of_track = address(opened, f"subtitles/{german.ref}/")
        assert f'<track kind="subtitles" src="{address_of_track}" srclang="de" label="German">' in page

    def test_the_only_file_of_a_link_plays_without_naming_it(self, cast, torrent, visitor):
        opened = make_share(cast.owner, torrent, part=LastingLink.Part.FILE, path=FILES[0])
        assert f'src="{address(opened, "Sintel.2010.mkv")}"' in show(visitor, opened, "play/")

    def test_what_is_no_media_or_several_files_can_not_be_played(self, cast, torrent, visitor):
        opened = make_share(cast.owner, torrent)
        poster = file_named(opened, "poster.jpg")
        for rest in ("play/", f"play/{poster.ref}/", f"play/{'A' * 16}/"):
            assert visitor.get(address(opened, rest)).status_code == 404

    def test_a_file_of_another_link_can_not_be_played(self, cast, torrent, visitor):
        one, other = make_share(cast.owner, torrent), make_share(cast.owner, torrent)
        assert (
            visitor.get(address(one, f"play/{file_named(other, 'Sintel.2010.mkv').ref}/")).status_code == 404
        )
