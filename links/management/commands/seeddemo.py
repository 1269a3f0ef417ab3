from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts import services
from accounts.models import Share, TorBoxAccount, User
from accounts.problems import problem_words
from torrents.models import Torrent
from torrents.services.sync import refreshing

from ...link_urls import page_url
from ...models import LastingLink
from ...services import making
from ...services.opening import reopened

PASSWORD = "demo-demo-demo"  # noqa: S105 - it is printed, and make demo discards the database
PEOPLE = {"mara": User.Role.OWNER, "jon": User.Role.MEMBER, "lina": User.Role.GUEST}
FILM = "Night of the Living Dead (1968)"  # with subtitles. The scenario "household" has it
LOCAL = ("127.0.0.1", "::1", "localhost", "simulator")


class Command(BaseCommand):
    help = "Fill an empty instance with sample people whose API keys belong to the simulated TorBox."

    def handle(self, *args: Any, **options: Any) -> None:
        # The only import of the simulator outside of tests, for its sample keys.
        from simulator.scenarios import DEMO_KEYS

        if urlsplit(settings.TORBOX_API_URL).hostname not in (*LOCAL, settings.BIND):
            raise CommandError("The demo needs the simulator: TORBOX_API_URL must be a local address.")
        if not User.objects.exists():
            self.fill(DEMO_KEYS)
        names = ", ".join(PEOPLE)
        self.stdout.write(
            f"\n  TorBox Web is at {settings.SITE_URL}\n"
            f"  Sign in as {names}. The password is always {PASSWORD}\n"
            f"  An API key to connect yourself: {DEMO_KEYS['spare']}\n"
            f"{self.share_page()}  Press Ctrl-C to stop.\n"
        )

    def fill(self, keys: dict[str, str]) -> None:
        people = {
            name: services.create_person(username=name, password=PASSWORD, role=role)
            for name, role in PEOPLE.items()
        }
        for person in people.values():
            User.objects.filter(pk=person.pk).update(shown_name=person.username.title())
            person.refresh_from_db()
        maras = self.connect(people["mara"], keys["mara"])
        self.connect(people["jon"], keys["jon"])
        Share.objects.create(account=maras, user=people["jon"], level=Share.Level.ADD)
        Share.objects.create(account=maras, user=people["lina"], level=Share.Level.VIEW)

        self.share_film(people["mara"], maras)

    def share_film(self, maker: User, account: TorBoxAccount) -> None:
        """Read the account's torrents, and share a film if it has it."""
        refreshing.refresh(account, fresh=True)
        film = Torrent.objects.filter(account=account, name=FILM).first()
        if film:
            making.share(person=maker, torrent=film, expires_at=timezone.now() + making.GOOD_FOR)

    def share_page(self) -> str:
        """Return a line with the address of the shared film, if there is one."""
        link = LastingLink.objects.filter(torrent__name=FILM).first()
        opened = reopened(link) if link else None
        return f"  A page for people without an account: {page_url(opened.token)}\n" if opened else ""

    def connect(self, owner: User, key: str) -> TorBoxAccount:
        """Connect a TorBox account. Retry for a while, because the simulator may still be starting."""
        for _ in range(50):
            try:
                return services.connect(owner=owner, api_key=key)
            except services.KeyProblem as problem:
                last = problem
                time.sleep(0.2)
        raise CommandError(problem_words(last))
