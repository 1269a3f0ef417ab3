"""What people paste and what browsers hand over reaches TorBox whole, and nothing of it disappears in silence."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from django.urls import reverse

from accounts.clients import client_for
from tests.factories import make_hash
from torbox.magnets import parse
from torrents.models import AddRequest, Torrent
from torrents.services.outbox import sending

HASH = make_hash("pasted")
RAW = f"magnet:?xt=urn:btih:{HASH}&dn=Example #1 “a” | (2010) and {make_hash('part of the name')}"
EXTRAS = "&ws=https%3A%2F%2Fexample.org%2Ffile.iso&x.pe=192.0.2.7%3A6881&xs=https%3A%2F%2Fexample.org%2Fa.torrent&so=0-2"


def preview(client, **data):
    return client.post(reverse("torrents:preview"), {"seed": "1", **data})


def titles(answer) -> list[str]:
    return [row.title for row in answer.context["preview"].rows]


@pytest.mark.parametrize("way", ["url", "raw", "link", "share"])
def test_what_a_browser_hands_over_is_never_cut(cast, sim, sign_in, way):
    client, name = sign_in(cast.owner), parse(RAW).name
    if way == "link":
        answer = preview(client, link=RAW)
    elif way == "share":
        answer = client.post(reverse("torrents:share"), {"title": "Look", "text": "", "url": RAW})
    else:
        value = quote(RAW, safe="") if way == "url" else RAW.replace(" ", "%20").replace("#", "%23")
        answer = client.get(f"{reverse('torrents:add')}?url={value}")
    assert titles(answer) == [name]
    text = answer.context["form"]["text"].value()
    client.post(reverse("torrents:add"), {"text": text, "seed": "1"})
    assert Torrent.objects.get().name == name


def test_what_belongs_to_a_link_reaches_torbox(cast, sim, sign_in):
    trackers = "".join(f"&tr=udp%3A%2F%2Ft{number}.example%3A80" for number in range(130))
    sign_in(cast.owner).post(
        reverse("torrents:add"), {"text": f"magnet:?xt=urn:btih:{HASH}&dn=x{EXTRAS}{trackers}", "seed": "1"}
    )
    sending.send_due(cast.account.pk)
    with client_for(cast.account) as client:
        (sent,) = (parse(row.magnet) for row in client.list_torrents(fresh=True))
    assert len(sent.trackers) == 130
    assert dict(sent.extras) == {
        "ws": "https://example.org/file.iso",
        "x.pe": "192.0.2.7:6881",
        "xs": "https://example.org/a.torrent",
        "so": "0-2",
    }


def test_trackers_that_do_not_fit_into_a_link_are_told(cast, sim, sign_in):
    trackers = "".join(f"&tr=udp%3A%2F%2Ftracker{number}.example%3A80" for number in range(4000))
    answer = preview(sign_in(cast.owner), text=f"magnet:?xt=urn:btih:{HASH}&dn=x{trackers}")
    (row,) = answer.context["preview"].rows
    kept = len(parse(f"magnet:?xt=urn:btih:{HASH}{trackers}").trackers)
    assert f"last {4000 - kept:,} trackers are left out" in row.detail


def test_everything_on_one_line_is_told_apart(cast, sim, sign_in):
    broken = "magnet:?xt=urn:btih:zzz"
    text = f"{broken} and {HASH} magnet:?dn=x #{make_hash('odd')} {HASH}"
    answer = preview(sign_in(cast.owner), text=text)
    shown = answer.context["preview"]
    assert [row.kind for row in shown.rows] == ["new", "skipped", "skipped", "skipped"]
    assert len({row.token for row in shown.rows}) == 4
    assert shown.rows[1].detail == f"“<bdi>{broken}</bdi>”" and "1 pasted twice" in shown.again_part


def test_what_was_skipped_is_told_after_adding_without_a_preview(cast, sim, sign_in):
    client = sign_in(cast.owner)
    client.post(reverse("torrents:add"), {"text": f"{HASH} magnet:?dn=x\nhello", "seed": "1"})
    assert AddRequest.objects.count() == 1
    page = client.get(reverse("torrents:list")).content.decode()
    assert "Skipped 2 lines, links, or files." in page
    assert "Line 1: This magnet link has no info hash." in page and "Line 2 isn’t a magnet" in page


def test_checking_the_cache_names_what_it_did_not_check(cast, sim, sign_in):
    data = {"text": f"{HASH}\nhello\nhttps://example.org/a.torrent", "answer": "object"}
    page = sign_in(cast.owner).post(reverse("torrents:check"), data).content.decode()
    assert "Line 2 isn’t a magnet" in page and "Line 3 is a link to a .torrent file" in page
