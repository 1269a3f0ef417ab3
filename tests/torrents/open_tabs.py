"""Beat, a worker and some open tabs in one virtual time."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse

from torrents import tasks
from torrents.services.outbox import sending
from torrents.services.sync import refreshing


class Household:
    """`clients` are the tabs, `clock` is everybody's."""

    def __init__(self, sim, cast, clients, clock) -> None:
        self.sim, self.cast, self.clients, self.clock = sim, cast, clients, clock
        self.urls = [
            client.get(reverse("torrents:list")).context["listing"].changes_url for client in clients
        ]

    def run(self, seconds: int, step: int = 5, look: int = 20) -> None:
        for passed in range(0, seconds, step):
            self.clock.shift(timedelta(seconds=step))
            self.sim.control.advance(step)
            if passed % 10 == 0:
                for account_id in refreshing.due_account_ids():
                    tasks.refresh_account(account_id)
            for account_id in refreshing.watched_account_ids():
                tasks.watch_account(account_id)
            if passed % 15 == 0:
                for account_id in sending.account_ids_with_due():
                    tasks.send_adds(account_id)
            if passed % look == 0:
                self.poll()

    def poll(self) -> None:
        for number, client in enumerate(self.clients):
            answer = client.get(self.urls[number])
            if answer.status_code == 200:
                self.urls[number] = answer.context["listing"].changes_url
