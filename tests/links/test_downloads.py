"""What a lasting link answers to browsers, players, download managers, and bots that only look at it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import quote, urlsplit

import pytest
import requests
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from links.link_urls import file_url, only_url
from links.models import KeptAddress, LastingLink, LinkUse
from links.preview_bots import is_preview_bot
from links.services import making
from links.services.opening import Opened
from tests.links.factories import file_named, make_export, make_list, make_share, set_link
from tests.refusals import locked, read_only
from tests.torrents.faults.kinds import FAULTS, begin, end
from torrents.models import Activity, Torrent
from torrents.states import Status

pytestmark = pytest.mark.django_db
HTML = "text/html,application/xhtml+xml"
BROWSER = {"Accept": HTML, "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}
PREVIEWS = [
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "Mozilla/5.0 (Macintosh) AppleWebKit/601.2.4 (KHTML, like Gecko) facebookexternalhit/1.1 Facebot Twitterbot/1.0",
    "Twitterbot/1.0",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "TelegramBot (like TwitterBot)",
    "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
    "WhatsApp/2.23.20.0",
    "LinkedInBot/1.0 (compatible; Mozilla/5.0)",
    "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5",
    "Mattermost-Bot/1.1",
    "Synapse (bot; +https://github.com/matrix-org/synapse)",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
]
PROGRAMS = [
    "",
    "Mozilla/5.0 (Linux; Android 13; CUBOT X70) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.5 Safari/605.1.15",
    "VLC/3.0.21 LibVLC/3.0.21",
    "Lavf/59.27.100",
    "libmpv",
    "aria2/1.36.0",
    "curl/7.88.1",
    "Wget/1.21.3",
    "Kodi/21.2 (Linux)",
    "AppleCoreMedia/1.0.0.21F79 (iPhone; U; CPU OS 17_5_1 like Mac OS X)",
    "Overcast/3.0 (+http://overcast.fm/; iOS podcast app)",
    "PodcastAddict/v5 (+https://podcastaddict.com/; Android podcast app)",
]


def path(url: str) -> str:
    return urlsplit(url).path


@pytest.fixture
def address(film: Opened) -> str:
    """Return where the only file of the link is."""
    return path(only_url(film.token, "film.mkv"))


@pytest.fixture
def several(cast, at_torbox) -> Opened:
    return make_share(cast.member, at_torbox({"a film.mkv": 50_000, "notes.txt": 300}))


def test_a_link_redirects_to_the_file(client, film, address, sim):
    answer = client.get(address)
    assert answer.status_code == 302 and not answer.content
    file = film.link.torrent.files.get()
    body = requests.get(answer["Location"], timeout=5).content
    assert body == sim.control.expected_bytes(film.link.torrent.info_hash, file.path)


def test_a_redirect_is_neither_kept_nor_told_to_others(client, address):
    answer = client.get(address)
    assert answer["Cache-Control"] == "no-store"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "noindex" in answer["X-Robots-Tag"]


def test_a_redirect_sets_no_cookie_even_for_someone_who_is_signed_in(cast, client, sign_in, address):
    assert not client.get(address).cookies
    assert not sign_in(cast.member).get(address).cookies


def test_any_name_leads_to_the_file(client, film):
    for name in ("film.mkv", "Ein Film – ü.mkv", "x", "~3"):
        answer = client.get(reverse("links:take", args=[film.token, name]))
        assert answer.status_code == 302


def test_a_link_to_several_files_leads_to_each_and_to_the_zip(client, several, sim):
    torrent = several.link.torrent
    for file in torrent.files.all():
        url = file_url(several.token, file_named(several, file.name))
        assert quote(file.name) in url
        body = requests.get(client.get(path(url))["Location"], timeout=5).content
        assert body == sim.control.expected_bytes(torrent.info_hash, file.path)
    answer = client.get(path(only_url(several.token, "An open film.zip")))
    assert requests.get(answer["Location"], timeout=5).content.startswith(b"PK")


def test_range_and_if_range_are_for_the_cdn(client, address, sim):
    """Programs send these headers again to where a redirect leads."""
    answer = client.get(address, headers={"Range": "bytes=100-", "If-Range": '"another version"'})
    assert answer.status_code == 302


def test_the_size_of_a_file_is_known_without_asking_torbox(client, address, sim):
    answer = client.head(address)
    assert answer.status_code == 200 and not answer.content
    assert answer["Content-Length"] == "6000000"
    assert answer["Accept-Ranges"] == "bytes"
    assert answer["Content-Type"] == "video/x-matroska"
    assert answer["Content-Disposition"] == 'inline; filename="film.mkv"'
    assert sim.control.count() == 0 and not LinkUse.objects.exists()


@pytest.mark.parametrize(
    ("mime_type", "expected"),
    [
        ("Video/MP4", "video/mp4"),
        ("text/html\r\nSet-Cookie: a=b", "video/x-matroska"),
        ("nonsense", "video/x-matroska"),
        ("", "video/x-matroska"),
    ],
)
def test_a_type_from_torbox_is_used_if_it_is_one(client, film, address, mime_type, expected):
    film.link.torrent.files.update(mime_type=mime_type)
    assert client.head(address)["Content-Type"] == expected


def test_a_hostile_name_stays_in_its_header(client, film, address):
    film.link.torrent.files.update(path='An open film/a"b\r\nSet-Cookie: x=y\u202egpj.mkv')
    answer = client.head(address)
    assert answer.status_code == 200 and not answer.cookies
    assert "\n" not in answer["Content-Disposition"] and "\u202e" not in answer["Content-Disposition"]


def test_looking_at_a_zip_and_taking_it_ask_torbox_once(client, several, sim):
    address = path(only_url(several.token, "An open film.zip"))
    looked = client.head(address)
    assert looked.status_code == 302
    assert client.get(address)["Location"] == looked["Location"]
    assert sim.control.count("requestdl") == 1
    assert LinkUse.objects.count() == LastingLink.objects.get().uses == 1


def test_no_request_gets_an_address_without_a_use(client, several):
    """The size of a zip is known to the CDN only, and whoever is led there can download."""
    set_link(several, max_uses=1)
    address = path(only_url(several.token, "An open film.zip"))
    assert "Location" in client.head(address, headers={"User-Agent": "one"})
    assert Activity.objects.filter(kind=Activity.Kind.LINK_USED).count() == 1
    for method in (client.head, client.get):
        answer = method(address, headers={"User-Agent": "another"})
        assert (answer.status_code, "Location" in answer) == (410, False)


@pytest.mark.parametrize("header", ["Sec-Purpose", "Purpose"])
def test_a_prefetch_gets_nothing_and_counts_as_no_use(client, address, sim, header):
    answer = client.get(address, headers={header: "prefetch;prerender"})
    assert answer.status_code == 204
    assert sim.control.count("requestdl") == 0 and not LinkUse.objects.exists()


@pytest.mark.parametrize("bot", PREVIEWS)
def test_a_preview_shows_name_and_size_and_counts_as_no_use(client, film, address, sim, bot):
    set_link(film, max_uses=1)
    answer = client.get(address, headers={"User-Agent": bot})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert '<meta property="og:title" content="film.mkv">' in page
    assert '<meta property="og:description" content="6.0 MB">' in page
    assert film.link.torrent.info_hash not in page
    assert sim.control.count("requestdl") == 0 and not LinkUse.objects.exists()


@pytest.mark.parametrize("program", PROGRAMS)
def test_programs_that_download_are_no_previews(program):
    assert not is_preview_bot(program)


def test_the_name_in_a_preview_is_escaped(client, film, address):
    film.link.torrent.files.update(path='An open film/"><script>alert(1)</script>')
    page = client.get(address, headers={"User-Agent": PREVIEWS[0]}).content.decode()
    assert "<script>alert" not in page


def test_seeking_counts_one_use_and_asks_torbox_once(client, film, address, sim):
    for _ in range(20):
        client.get(address, headers={"User-Agent": "VLC/3.0"})
    assert LastingLink.objects.get().uses == 1
    assert Activity.objects.filter(kind=Activity.Kind.LINK_USED).count() == 1
    assert sim.control.count("requestdl") == 1


def test_a_used_up_link_works_on_for_those_who_used_it(client, film, address):
    set_link(film, max_uses=1)
    for _ in range(2):
        assert client.get(address, headers={"User-Agent": "VLC/3.0"}).status_code == 302
    answer = client.get(address, headers={"User-Agent": "curl/8"})
    assert (answer.status_code, "Location" in answer) == (410, False)


def test_only_reading_is_allowed(client, address):
    for method in ("post", "put", "delete", "patch"):
        assert getattr(client, method)(address).status_code == 405


def test_a_download_postpones_removal(client, film, address):
    client.get(address)
    assert Torrent.objects.get().taken_at is not None


@pytest.mark.parametrize("accept", [HTML, "*/*"])
@pytest.mark.parametrize("method", ["get", "head"])
def test_unknown_links_and_files_are_not_there(client, several, method, accept):
    other = make_share(several.link.maker, several.link.torrent, part="file", path="An open film/notes.txt")
    wrong = [
        reverse("links:take", args=["A" * 22, "film.mkv"]),
        reverse("links:take", args=["x", "film.mkv"]),
        reverse("links:take", args=[several.token, "film\0.mkv"]),
        reverse("links:take_file", args=[several.token, "A" * 16, "film.mkv"]),
        reverse("links:take_file", args=[several.token, f"{several.link.torrent_id}.{'A' * 16}", "film.mkv"]),
        path(file_url(other.token, file_named(several, "a film.mkv"))),
    ]
    for url in wrong:
        answer = getattr(client, method)(url, headers={"Accept": accept})
        assert answer.status_code == 404
        assert "film" not in answer.content.decode()


def test_an_address_of_an_export_leads_to_no_other_file(cast, client, at_torbox):
    opened = make_export(cast.member, at_torbox({"a.mkv": 100, "b.mkv": 100}))
    assert client.get(path(file_url(opened.token, file_named(opened, "a.mkv")))).status_code == 302
    assert client.get(path(only_url(opened.token, "all.zip"))).status_code == 404


def test_a_file_of_a_list_is_found_by_its_torrent(cast, client, at_torbox, sim):
    from links.services.contents import media_of

    torrent = at_torbox({"a.mkv": 100, "notes.txt": 100})
    opened = make_list(cast.member)
    (file,) = media_of(opened)
    url = path(file_url(opened.token, file))
    assert f"/{torrent.pk}." in url
    body = requests.get(client.get(url)["Location"], timeout=5).content
    assert body == sim.control.expected_bytes(torrent.info_hash, file.path)


# Trouble. Download managers give up on 400, 429, and 500, and wait after 503.


@pytest.mark.parametrize("fault", FAULTS)
def test_trouble_at_torbox_is_503_and_ends_with_it(client, film, address, sim, settings, fault):
    settings.TORBOX_QUICK_TIMEOUT = (0.5, 0.5)
    begin(sim, "requestdl", fault)
    answer = client.get(address, headers=BROWSER)
    assert answer.status_code == 503 and int(answer["Retry-After"]) >= 1
    assert answer["Content-Type"] == "text/html; charset=utf-8" and "Location" not in answer
    page = answer.content.decode()
    assert "isn’t working right now" in page and "film" not in page and "TorBox" not in page
    assert not LinkUse.objects.exists()

    end(sim, fault)
    film.link.torrent.account.calls.all().delete()
    film.link.torrent.account.answered()
    type(film.link.torrent.account).objects.update(health="ok")
    assert client.get(address, headers=BROWSER).status_code == 302


@pytest.fixture
def impatient(transactional_db) -> Iterator[None]:
    """Wait for locks for a moment only."""
    is_sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 200" if is_sqlite else "SET lock_timeout = 200")
    yield
    connection.close()


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("refusal", ["read-only", "locked"])
@pytest.mark.parametrize("accept", [HTML, "*/*"])
def test_trouble_with_the_database_is_503_as_well(film, address, refusal, accept):
    client = Client(raise_request_exception=False, headers={"Accept": accept})
    with read_only() if refusal == "read-only" else locked("accounts_torboxaccount"):
        answer = client.get(address)
    assert answer.status_code == 503 and int(answer["Retry-After"]) >= 1
    page = answer.content.decode()
    assert "isn’t working right now" in page and "TorBox" not in page and "torrents" not in page.lower()
    assert ("<html" in page) == (accept == HTML)
    assert client.get(address).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_a_player_goes_on_while_nothing_can_be_stored(client, film, address):
    client.get(address)
    with read_only():
        assert client.get(address).status_code == 302


def test_programs_get_a_line_of_text(client, address, sim):
    sim.control.fail("requestdl", kind="html502")
    answer = client.get(address)
    assert answer.status_code == 503 and answer["Content-Type"].startswith("text/plain")


def test_the_seconds_that_torbox_names_are_passed_on(client, address, sim):
    sim.control.fail("requestdl", kind="429_headers")
    assert client.get(address)["Retry-After"] == "37"


@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize(
    ("status", "expected"),
    [(Status.DOWNLOADING, 503), (Status.WAITING, 503), (Status.FAILED, 404), (Status.GONE, 404)],
)
def test_a_torrent_that_is_not_ready_has_no_files_yet(client, film, address, sim, method, status, expected):
    Torrent.objects.update(status=status)
    answer = getattr(client, method)(address)
    assert (answer.status_code, "Retry-After" in answer) == (expected, expected == 503)
    assert sim.control.count("requestdl") == 0


def test_what_torbox_does_not_have_is_404(client, address, sim):
    body = {"success": False, "error": "ITEM_NOT_FOUND", "detail": "No such file.", "data": None}
    sim.control.fail("requestdl", kind="status", status=404, body=body)
    assert client.get(address).status_code == 404


def test_a_link_that_ended_is_410(client, film, address):
    set_link(film, expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get(address).status_code == client.head(address).status_code == 410
    set_link(film, expires_at=None)
    assert client.get(address).status_code == 302
    making.revoke(person=film.link.maker, links=[film.link])
    assert client.get(address).status_code == 410


# Passwords.


@pytest.fixture
def guarded(cast, film) -> str:
    opened = make_share(cast.member, film.link.torrent, password="open sesame")
    return path(only_url(opened.token, "film.mkv"))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Range": "bytes=0-0"},
        {"User-Agent": PREVIEWS[0]},
        {"Authorization": "Basic eDp3cm9uZw=="},
        {"Authorization": "Bearer x"},
    ],
)
@pytest.mark.parametrize("method", ["get", "head"])
def test_nothing_about_a_file_is_told_without_the_password(client, guarded, sim, method, headers):
    answer = getattr(client, method)(guarded, headers=headers)
    assert answer.status_code == 401 and answer["WWW-Authenticate"].startswith("Basic realm=")
    assert "film" not in f"{answer.headers} {answer.content.decode()}" and "Accept-Ranges" not in answer
    assert sim.control.count("requestdl") == 0


def test_a_program_sends_the_password(client, guarded):
    basic = {"Authorization": "Basic YW55b25lOm9wZW4gc2VzYW1l"}
    assert client.get(guarded, headers=basic).status_code == 302
    assert client.head(guarded, headers=basic)["Content-Length"] == "6000000"


def test_a_browser_is_sent_to_the_page(client, guarded):
    answer = client.get(guarded, headers=BROWSER)
    assert answer.status_code == 303 and answer["Location"] == guarded.rpartition("/")[0] + "/"


# aria2.


def test_aria2_gets_further_addresses_of_the_same_file(client, address):
    answer = client.get(address, headers={"User-Agent": "aria2/1.36.0"})
    links = [link.strip().split(">; ") for link in answer["Link"].split(",")]
    assert len(links) == 16 and {rel for _, rel in links} == {"rel=duplicate"}
    for url, _ in links:
        assert client.get(path(url[1:])).status_code == 302
    assert KeptAddress.objects.count() == 2
    assert "Link" not in client.get(address)
