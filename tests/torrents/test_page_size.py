"""A full page of the list travels light."""

from __future__ import annotations

import gzip

from django.urls import reverse
from django.utils import timezone

from tests.factories import make_torrent
from torrents.states import Status

MOST = 20 * 1024  # bytes, compressed
STATES = [Status.READY, Status.DOWNLOADING, Status.READY, Status.STALLED, Status.READY, Status.FAILED]


def test_a_page_of_fifty_rows_is_small(cast, sim, sign_in):
    for number in range(60):
        make_torrent(
            cast.account,
            f"Collected Recordings {1900 + number} – Volume {number * 7 % 60}, remastered (FLAC)",
            status=STATES[number % len(STATES)],
            remote_id=1000 + number,
            size=number * 123_456_789,
            progress=number / 60,
            added_by=cast.member,
            added_at=timezone.now(),
        )
    answer = sign_in(cast.owner).get(reverse("torrents:list"), headers={"Accept-Encoding": "gzip"})
    assert answer["Content-Encoding"] == "gzip"
    page = gzip.decompress(answer.content).decode()
    assert page.count('<li class="row"') == 50
    print("fifty rows:", len(answer.content), "bytes of", len(page))
    assert len(answer.content) <= MOST
