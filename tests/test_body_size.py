"""Nobody fills memory or disk with one request."""

from __future__ import annotations

import json

from django.urls import reverse

from torrents.models import Torrent

LARGE = {"CONTENT_LENGTH": str(65 * 1024**2)}


def test_a_request_too_large_is_refused_with_a_sentence_before_it_is_read(cast, sign_in):
    answer = sign_in(cast.owner).post(reverse("torrents:add"), {"text": "a" * 40}, **LARGE)
    assert answer.status_code == 413
    assert "more than 64 MB at once" in answer.content.decode()
    assert not Torrent.objects.exists()


def test_without_leaving_the_page_the_sentence_is_a_toast(cast, sign_in):
    client = sign_in(cast.owner)
    answer = client.post(reverse("torrents:preview"), {}, headers={"HX-Request": "true"}, **LARGE)
    assert answer.status_code == 413
    assert "smaller groups" in json.loads(answer["HX-Trigger"])["toast"]["items"][0]["text"]
