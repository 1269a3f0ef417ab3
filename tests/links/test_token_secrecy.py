"""The token, the password, and TorBox's addresses of a lasting link are nowhere but where they are meant to be."""

from __future__ import annotations

import base64
import io
import json
import logging
import re
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit
from zipfile import ZipFile

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from care.backups import write_backup
from links.endings import NoSuchLink
from links.link_urls import file_path, list_url, only_path
from links.models import KeptAddress, LastingLink, LinkUse
from links.services import making
from links.services.contents import files_of, media_of
from links.services.opening import Opened, open_link, reopened
from links.tokens import TOKEN, hash_of, token_of
from links.visitors import visitor_of
from notifications.services.event_reader import read_events
from tests import factories
from tests.evidence import Evidence, listening
from tests.links.factories import let_expire, make_export, make_list, make_share
from tests.notifications.drafts import start_cursor
from torrents import tasks
from torrents.models import Activity, Torrent
from torrents.services.sync import refreshing

PASSWORD = "swordfish & 12 ünusual Wörter"
NETWORK, PROGRAM = "203.0.113.77", "An Unusual Player/3.7"
HTML = {"Accept": "text/html"}
FAULTS = [
    "drop",
    "429",
    *(
        pytest.param(kind, marks=pytest.mark.once)
        for kind in (
            "truncate",
            "html502",
            "500",
            "500_envelope",
            "403_key",
            "403_plan",
            "wrong_types",
            "empty",
        )
    ),
]


@dataclass
class Links:
    """A link of each kind, made by the member of the cast, and one with a password."""

    share: Opened
    locked: Opened
    export: Opened
    playlist: Opened
    podcast: Opened

    def __iter__(self) -> Iterator[Opened]:
        return iter(vars(self).values())

    @property
    def secrets(self) -> list[str]:
        return [*(opened.token for opened in self), PASSWORD, quote(PASSWORD)]


class Visitor:
    """Someone without an account who has links, and the responses they got, by address."""

    def __init__(self, client: Client) -> None:
        self.client = client
        client.raise_request_exception = False
        self.got: list[tuple[str, object]] = []

    def get(self, path: str, method: str = "get", **headers: str):
        kept = {"User-Agent": PROGRAM, **{name.replace("_", "-"): value for name, value in headers.items()}}
        response = getattr(self.client, method)(path, headers=kept, REMOTE_ADDR=NETWORK)
        self.got.append((path, response))
        return response

    def enter(self, opened: Opened, password: str):
        path = reverse("links:open", args=[opened.token])
        response = self.client.post(path, {"password": password}, headers=HTML, REMOTE_ADDR=NETWORK)
        self.got.append((path, response))
        return response

    def uses(self, opened: Opened, **headers: str) -> None:
        """Open everything that a link has, as browsers and other programs do."""
        paths = paths_of(opened)
        for path in paths:
            self.get(path, **HTML, **headers)
            self.get(path, Range="bytes=1-", **headers)
        for path in (paths[0], paths[-4]):
            self.get(path, method="head", **headers)
            self.get(path, Sec_Purpose="prefetch", **headers)
            self.get(path, method="put", **headers)

    def uses_everything(self, links: Links) -> None:
        for opened in links:
            self.uses(opened)
        self.uses(links.locked, Authorization=basic(PASSWORD))
        self.enter(links.locked, PASSWORD)
        self.uses(links.locked)
        self.client.cookies.clear()
        self.enter(links.locked, "swordfish")
        self.get(paths_of(links.locked)[4], Authorization=basic("swordfish"))

    @property
    def addresses(self) -> set[str]:
        """Return the addresses at the CDN that the visitor was sent to."""
        found = {response.get("Location", "") for _, response in self.got}
        return {address for address in found if "/cdn/" in address}


def basic(password: str) -> str:
    return "Basic " + base64.b64encode(f"anyone:{password}".encode()).decode()


def paths_of(opened: Opened) -> list[str]:
    """Return the addresses of a link, and some that look like them."""
    token = opened.token
    files = files_of(opened) or media_of(opened)
    views = ("open", "play_only", "media_playlist", "feed")
    paths = [reverse(f"links:{view}", args=[token]) for view in views]
    paths += [file_path(token, file) for file in files]
    for view in ("play_file", "link_subtitles"):
        paths += [reverse(f"links:{view}", args=[token, file.ref]) for file in files[:2]]
    paths += [only_path(token, "Film.zip"), f"/l/{token}", f"/l/{token}/a/b/c", f"/l/{token}/%00"]
    return paths


@pytest.fixture
def evidence() -> Iterator[Evidence]:
    with listening(Evidence(redacted=True)) as evidence:
        yield evidence


@pytest.fixture
def film(sim, cast) -> Torrent:
    """A torrent with a film, its subtitles, and a picture."""
    files = {"Film/film.mkv": 900, "Film/film.en.srt": 40, "Film/cover.jpg": 7}
    seeded = {"key": cast.key, "name": "Film", "files": files, "state": "completed"}
    sim.control.seed(torrents=[seeded])
    refreshing.refresh(cast.account, fresh=True)
    return Torrent.objects.get()


@pytest.fixture
def links(cast, film) -> Links:
    return Links(
        share=make_share(cast.member, film),
        locked=make_share(cast.member, film, password=PASSWORD),
        export=make_export(cast.member, film),
        playlist=make_list(cast.member),
        podcast=make_list(cast.member, LastingLink.Kind.PODCAST),
    )


@pytest.fixture
def visitor(client) -> Visitor:
    return Visitor(client)


def leaks(evidence: Evidence, secrets: list[str]) -> list[str]:
    evidence.look_around()
    return [found[:300] for secret in secrets for found in evidence.holds(secret)]


def without_host(address: str) -> str:
    return urlsplit(address).path


def test_the_search_finds_what_is_written_down(cast, links, evidence):
    tokens = [opened.token for opened in links]
    logging.getLogger("anything").info("opening %s", tokens[0])
    tasks.refresh_account.delay(tokens[1])
    factories.make_user("careless", email=tokens[2])
    evidence.look_around()
    assert [bool(evidence.holds(token)) for token in tokens] == [True, True, True, False, False]


def test_using_links_leaves_no_token_password_or_address_behind(links, visitor, evidence):
    visitor.uses_everything(links)
    read_events()
    for task in ("refresh_account", "send_adds"):
        getattr(tasks, task).delay(links.share.link.torrent.account_id)
    addresses = visitor.addresses
    assert len(addresses) >= 4 and KeptAddress.objects.exclude(encrypted_address="").count() >= 4
    assert Activity.objects.filter(kind=Activity.Kind.LINK_USED).count() == len(list(links))
    assert len(evidence.said) > 100
    assert not leaks(evidence, links.secrets)
    assert not leaks(evidence, [without_host(address) for address in addresses])


@pytest.mark.parametrize("kind", FAULTS)
def test_faults_of_torbox_leave_no_token_password_or_address_behind(sim, links, visitor, evidence, kind):
    visitor.uses(links.share)  # so that there are addresses
    addresses = [without_host(address) for address in visitor.addresses]
    sim.control.every(1, [kind])
    for opened in (links.share, links.playlist):
        visitor.uses(opened)
    visitor.uses(links.locked, Authorization=basic(PASSWORD))
    sim.control.every(0)
    assert addresses and not leaks(evidence, [*links.secrets, *addresses])


def test_a_fault_of_ours_leaves_no_token_or_password_behind(links, visitor, evidence, settings):
    settings.TORBOX_API_URL = "nonsense"
    visitor.uses(links.share)
    visitor.uses(links.locked, Authorization=basic(PASSWORD))
    assert {response.status_code for _, response in visitor.got} >= {500}
    assert any("Traceback" in said for said in evidence.said)
    assert not leaks(evidence, links.secrets)


def test_a_fault_while_debugging_shows_no_password(links, visitor, settings):
    settings.DEBUG, settings.TORBOX_API_URL = True, "nonsense"
    visitor.enter(links.locked, PASSWORD)
    visitor.uses(links.locked, Authorization=basic(PASSWORD))
    pages = [response.content.decode() for _, response in visitor.got if response.status_code == 500]
    assert pages and not [page for page in pages if PASSWORD in page or basic(PASSWORD) in page]


@pytest.mark.once
def test_every_answer_keeps_its_address_from_other_sites_caches_and_search_engines(sim, links, visitor):
    visitor.uses_everything(links)
    KeptAddress.objects.all().delete()
    sim.control.every(1, ["429"])
    visitor.uses(links.podcast)
    let_expire(links.share)
    visitor.uses(links.share)
    visitor.get("/l/" + "x" * 22 + "/", **HTML)
    visitor.get("/l/")
    visitor.get("/l")
    assert {200, 204, 302, 303, 401, 404, 405, 410, 503} <= {
        response.status_code for _, response in visitor.got
    }
    for path, response in visitor.got:
        if not path.startswith("/l/"):
            continue
        about = (path, response.status_code)
        assert response["Referrer-Policy"] == "no-referrer", about
        assert "no-store" in response["Cache-Control"], about
        assert "noindex" in response["X-Robots-Tag"], about


@pytest.mark.once
def test_only_redirects_name_an_address_at_the_cdn(links, visitor):
    visitor.uses_everything(links)
    for address in visitor.addresses:
        path = without_host(address).encode()
        shown = [where for where, response in visitor.got if path in response.content]
        assert not shown
    sent = {response.status_code for _, response in visitor.got if "/cdn/" in response.get("Location", "")}
    assert sent == {302}


@pytest.mark.once
def test_no_answer_to_a_visitor_sets_a_session_or_names_the_maker(cast, links, visitor):
    cast.member.shown_name = "Someone Recognizable"
    cast.member.save()
    visitor.uses_everything(links)
    for path, response in visitor.got:
        assert set(response.cookies) <= {"link"}, (path, response.status_code)
        assert b"Recognizable" not in response.content and cast.account.label.encode() not in response.content


def pages_of(client: Client, torrent: Torrent) -> dict[str, bytes]:
    """Return what a signed-in person's pages say, apart from those that show a link to its maker."""
    names = {
        "torrents": "list changes activity activity_export export_mine deleted",
        "notifications": "page panel settings",
        "accounts": "people settings torbox data",
        "care": "status metrics ready",
    }
    paths = [reverse(f"{app}:{name}") for app, words in names.items() for name in words.split()]
    paths += [reverse(f"torrents:{name}", args=[torrent.pk]) for name in ("detail", "menu", "files")]
    return {path: b"".join(client.get(path, headers={"Authorization": "Bearer metrics"})) for path in paths}


@pytest.mark.once
@pytest.mark.parametrize("who", ["owner", "member", "viewer"])
def test_no_page_beside_those_for_links_shows_a_token(cast, film, links, visitor, who, settings):
    settings.METRICS_TOKEN = "metrics"
    start_cursor(cast.account)
    visitor.uses_everything(links)
    assert read_events()
    client = factories.sign_in(Client(), getattr(cast, who))
    pages = pages_of(client, film)
    assert b"link" in pages[reverse("torrents:activity")] and all(pages.values())
    for secret in [*links.secrets, *(hash_of(opened.token) for opened in links)]:
        assert not [path for path, content in pages.items() if secret.encode() in content]


def test_the_owner_of_an_account_sees_links_of_others_but_not_their_addresses(cast, film, links):
    page = factories.sign_in(Client(), cast.owner).get(reverse("links:manage")).content.decode()
    assert "Member" in page and "Film" in page
    assert not [secret for secret in links.secrets if secret in page]


def test_the_export_of_my_data_has_my_links_but_nothing_that_opens_them(cast, film, links, visitor):
    visitor.uses(links.share)
    export = factories.sign_in(Client(), cast.member).get("/me/export/").content.decode()
    mine = json.loads(export)["links"]
    assert [link["kind"] for link in mine] == ["share", "share", "export", "playlist", "podcast"]
    assert [link["has_password"] for link in mine] == [False, True, False, False, False]
    assert mine[0]["torrent"] == "Film" and mine[0]["uses"] == 1 and mine[0]["last_used_at"]
    rows = LastingLink.objects.values_list("nonce", "token_hash", "password")
    kept = [*links.secrets, *(text for row in rows for text in row if text)]
    assert not [secret for secret in kept if secret in export]


def test_the_export_names_no_torrent_that_i_may_no_longer_see(cast, film, links):
    path = film.files.values_list("path", flat=True)[0]
    making.share(person=cast.member, torrent=film, part="file", path=path, expires_at=None)
    film.account.shares.filter(user=cast.member).delete()
    export = factories.sign_in(Client(), cast.member).get("/me/export/").content
    mine = json.loads(export)["links"]
    assert len(mine) == 6 and {link["torrent"] for link in mine} == {link["path"] for link in mine} == {""}


def test_objects_and_tracebacks_show_no_token(links):
    for opened in links:
        link = LastingLink.objects.get(pk=opened.link.pk)
        said = [repr(opened), str(opened), repr(link), str(link), repr(vars(link)), repr(reopened(link))]
        said += [repr(files_of(opened)), repr(media_of(opened))]
        with pytest.raises(NoSuchLink) as caught:
            open_link(f"{opened.token}=")
        said += [repr(caught.value), *traceback.format_exception(caught.value)]
        assert opened.token not in "".join(said)


def test_a_visitor_is_stored_as_a_hash_that_only_this_instance_can_make(links, visitor, rf, settings):
    visitor.uses(links.share)
    (use,) = LinkUse.objects.all()
    request = rf.get("/", headers={"User-Agent": PROGRAM}, REMOTE_ADDR=NETWORK)
    assert use.visitor == visitor_of(request)
    settings.SECRET_KEY = "another secret key, as long as one has to be"
    assert use.visitor != visitor_of(request)


def test_neither_address_nor_program_of_a_visitor_is_stored(links, visitor, evidence):
    for opened in links:
        visitor.uses(opened)
    evidence.said.clear()
    evidence.look_around()
    assert not evidence.holds(NETWORK) and not evidence.holds("Unusual Player")


@pytest.mark.once
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("with_keys", [False, True])
def test_a_backup_opens_no_link_without_the_secret_key(links, visitor, with_keys):
    visitor.uses_everything(links)
    addresses = [without_host(address).encode() for address in visitor.addresses]
    file = io.BytesIO()
    write_backup(file, with_keys=with_keys)
    with ZipFile(file) as archive:
        backup = b"\n".join(archive.read(name) for name in archive.namelist())
    assert links.share.link.token_hash.encode() in backup
    assert not [secret for secret in links.secrets if secret.encode() in backup]
    assert not [address for address in addresses if address in backup]
    words = {word.decode() for word in re.findall(rb"[A-Za-z0-9_-]{16,}", backup)}
    for word in words:
        assert Client().get(f"/l/{word[:22]}/").status_code == 404
    nonces = [opened.link.nonce for opened in links]
    assert set(nonces) <= words
    with override_settings(SECRET_KEY="the key of someone who has the backup only"):
        made = [token_of(nonce) for nonce in nonces]
    assert not LastingLink.objects.filter(token_hash__in=map(hash_of, made)).exists()


NEAR_MISSES: dict[str, object] = {
    "cut off": lambda link, token: token[:-1],
    "begun": lambda link, token: token[:8],
    "continued": lambda link, token: f"{token}A",
    "padded": lambda link, token: f"{token}==",
    "in another case": lambda link, token: token.swapcase(),
    "in lower case": lambda link, token: token.lower(),
    "with a space": lambda link, token: f"{token} ",
    "with a line break": lambda link, token: f"{token}\n",
    "with an invisible character": lambda link, token: f"{token}\u200b",
    "in full width": lambda link, token: "".join(chr(ord(one) + 0xFEE0) for one in token),
    "the stored hash": lambda link, token: link.token_hash,
    "the beginning of the stored hash": lambda link, token: link.token_hash[:22],
    "the nonce": lambda link, token: link.nonce,
    "the beginning of the nonce": lambda link, token: link.nonce[:22],
    "the hash of the nonce": lambda link, token: hash_of(link.nonce),
    "the number": lambda link, token: str(link.pk),
    "a wildcard": lambda link, token: f"{token[:-1]}%",
    "the next one": lambda link, token: token[:-1] + ("A" if token[-1] != "A" else "B"),
}


@pytest.mark.parametrize("name", NEAR_MISSES)
def test_what_is_nearly_a_token_looks_like_any_wrong_one(links, name):
    token = links.share.token
    near = NEAR_MISSES[name](links.share.link, token)
    if near == token:
        pytest.fail("that is the token")
    wrong = "A" * 22 if token != "A" * 22 else "B" * 22
    for rest in ("", "/", "/Film.zip", "/playlist.m3u8", "/feed.xml", "/play/"):
        for headers in ({}, HTML):
            # Without the slash, whatever looks like a token is led to the page, whether there is one or not.
            found = Client().get(f"/l/{quote(near, safe='')}{rest}", headers=headers, follow=True)
            usual = Client().get(f"/l/{wrong}{rest}", headers=headers, follow=True)
            assert (found.status_code, usual.status_code) == (404, 404)
            assert comparable(found.headers) == comparable(usual.headers)
            assert without_nonces(found.content) == without_nonces(usual.content)


def comparable(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name not in CHANGING}


CHANGING = {"X-Request-ID", "Content-Security-Policy", "Content-Length"}


def without_nonces(content: bytes) -> bytes:
    return re.sub(rb'nonce="[^"]*"', b"", content)


def test_the_key_of_a_file_leads_from_its_own_link_only(cast, links):
    other = making.share(person=cast.member, torrent=links.share.link.torrent, expires_at=None)
    for file in files_of(links.share):
        assert Client().head(file_path(links.share.token, file)).status_code == 200
        assert Client().head(file_path(other.token, file)).status_code == 404
        assert Client().head(file_path(links.export.token, file)).status_code == 404
        assert Client().head(file_path(links.playlist.token, file)).status_code == 404


def test_tokens_are_as_long_as_they_should_be_and_never_alike(cast, film):
    made = [make_share(cast.member, film).token for _ in range(50)]
    assert len(set(made)) == 50 and all(TOKEN.fullmatch(token) for token in made)
    assert {len(base64.urlsafe_b64decode(f"{token}==")) for token in made} == {16}


def test_addresses_of_lists_hold_nothing_beside_the_token(links):
    assert urlsplit(list_url(links.playlist)).path == f"/l/{links.playlist.token}/playlist.m3u8"
    assert urlsplit(list_url(links.podcast)).path == f"/l/{links.podcast.token}/feed.xml"


def test_a_password_is_stored_as_a_hash_and_never_part_of_an_address(links, visitor):
    stored = LastingLink.objects.get(pk=links.locked.link.pk).password
    assert stored.count("$") >= 2 and PASSWORD not in stored
    right = visitor.enter(links.locked, PASSWORD)
    assert right.status_code == 303 and right["Location"] == reverse("links:open", args=[links.locked.token])
    cookie = right.cookies["link"]
    assert PASSWORD not in cookie.value and links.locked.token not in cookie.value
    assert cookie["path"] == f"/l/{links.locked.token}/" and cookie["httponly"]
