"""One request can't fill memory or disk."""

from __future__ import annotations

import json

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from torrents.models import Torrent

LARGE = bytes(65 * 1024**2)


def test_a_request_that_is_too_large_is_refused_with_a_sentence(cast, sign_in):
    answer = sign_in(cast.owner).generic("POST", reverse("torrents:add"), LARGE)
    assert answer.status_code == 413
    assert "more than 64 MB at once" in answer.content.decode()
    assert not Torrent.objects.exists()


def test_too_many_files_or_fields_are_refused_with_the_limit(cast, sign_in):
    client = sign_in(cast.owner)
    files = [SimpleUploadedFile(f"{number}.torrent", b"d") for number in range(101)]
    answer = client.post(reverse("torrents:add"), {"text": "a" * 40, "files": files})
    assert answer.status_code == 413 and "more than 100 files at once" in answer.content.decode()
    answer = client.post(reverse("torrents:add"), {"text": "a" * 40, "without": ["x"] * 2001})
    assert answer.status_code == 413 and "more than 2,000 form fields" in answer.content.decode()
    answer = client.post(reverse("torrents:add"), {"text": "a" * 13_000_000})
    assert answer.status_code == 413 and "more than 12 MB of text" in answer.content.decode()
    assert not Torrent.objects.exists()


def test_htmx_shows_the_sentence_as_a_toast(cast, sign_in):
    client = sign_in(cast.owner)
    answer = client.generic("POST", reverse("torrents:preview"), LARGE, headers={"HX-Request": "true"})
    assert answer.status_code == 413
    assert "smaller groups" in json.loads(answer["HX-Trigger"])["toast"]["items"][0]["text"]
