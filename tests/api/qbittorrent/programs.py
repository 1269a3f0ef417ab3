"""A program that talks to the qBittorrent API, and says what it got."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote_plus

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from tests.api.factories import make_token, program_with

BELOW = "/qbittorrent/api/v2/"
OK, FAILS = (200, "Ok."), (200, "Fails.")


class Program:
    """A program of a person, with a token of its own."""

    def __init__(self, person: User) -> None:
        self.person = person
        self.client: Client = program_with(make_token(person))

    def __call__(self, call: str, files: Mapping[str, bytes] | None = None, **fields: Any) -> tuple[int, str]:
        """Make a call that changes something, and return the status and the text of the answer.

        Without files, it is sent as a form; with files, as multipart, each in a part of its name.
        """
        sent = {name: str(value) for name, value in fields.items()}
        if files is None:
            body = "&".join(f"{name}={quote_plus(value)}" for name, value in sent.items())
            answer = self.client.post(
                f"{BELOW}{call}", body, content_type="application/x-www-form-urlencoded"
            )
        else:
            uploads = {name: SimpleUploadedFile("x.torrent", data) for name, data in files.items()}
            answer = self.client.post(f"{BELOW}{call}", sent | uploads)
        assert answer.headers["Content-Type"].startswith("text/plain")
        return answer.status_code, answer.content.decode()

    def read(self, call: str, **query: Any) -> Any:
        """Make a call that reads JSON."""
        answer = self.client.get(f"{BELOW}{call}", query)
        assert answer.status_code == 200, answer.content
        return json.loads(answer.content)

    def info(self, **query: Any) -> list[dict[str, Any]]:
        return self.read("torrents/info", **query)
