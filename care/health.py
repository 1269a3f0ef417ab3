"""Health checks for container engines, load balancers, and monitors. They need no sign-in and reveal no secrets.

`/health/live`: this process responds. If it doesn't, restart it. `/health/ready`: the database, the queue, and the data
folder accept writes, and a worker is running. If not, alert a person. Without the queue or a worker, pages still work and
nothing is lost, so a load balancer should ask for `/health/ready?part=database`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import Error, connections
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.store_errors import Reason, reason_of
from torrents import queueing
from torrents.models import Heartbeat
from torrents.services.upkeep.heartbeats import is_late

from .status import stores

OK, UNKNOWN, NO_HEARTBEAT = "ok", "unknown", "no heartbeat"
STATES = {
    Reason.GONE: "not responding",
    Reason.SLOW: "slow",
    Reason.STARTING: "starting",
    Reason.DENIED: "access denied",
    Reason.FULL: "full",
    Reason.READ_ONLY: "read-only",
    Reason.LOCKED: "locked",
    Reason.NOT_SAVING: "can't save",
    Reason.NO_SUCH_DATABASE: "no such database",
    Reason.REFUSES: "rejecting writes",
}
FRESH_SECONDS = 3.0  # a process tests a store at most this often
PATIENCE_SECONDS = 1.5


class Probe:
    """A test of a store that runs in its own thread. All requests share it, and none waits for a slow one."""

    def __init__(self, test: Callable[[], dict[str, str]], late: dict[str, str]) -> None:
        self.test, self.late = test, late
        self.found: dict[str, str] = {}
        self.found_at = -float("inf")
        self.lock = threading.Lock()
        self.running: threading.Thread | None = None

    def result(self) -> dict[str, str]:
        """Return a result at most FRESH_SECONDS old, or `late` if the test still runs after PATIENCE_SECONDS."""
        with self.lock:
            if time.monotonic() - self.found_at < FRESH_SECONDS:
                return self.found
            if self.running is None or not self.running.is_alive():
                self.running = threading.Thread(target=self._run, name="probe", daemon=True)
                self.running.start()
            running = self.running
        running.join(PATIENCE_SECONDS)
        return self.late if running.is_alive() else self.found

    def _run(self) -> None:
        try:
            self.found = self.test()
        finally:
            self.found_at = time.monotonic()
            connections.close_all()


def _database_and_worker() -> dict[str, str]:
    """Test the database and the worker, whose heartbeat is a row and so is unknown without the database."""
    try:
        refusal = stores.database_refuses()
        seen_at = Heartbeat.last("worker")
    except (Error, OSError) as error:
        return {"database": STATES[reason_of(error)], "worker": UNKNOWN}
    return {"database": _state(refusal), "worker": NO_HEARTBEAT if is_late(seen_at) else OK}


def _broker() -> dict[str, str]:
    try:
        queueing.write_probe()
    except queueing.BrokerError as error:
        return {"broker": _state(error.reason)}
    return {"broker": OK}


def _data() -> dict[str, str]:
    return {"data": _state(stores.folder_refuses(settings.DATA_DIR))}


def _state(reason: Reason | None) -> str:
    return STATES[reason] if reason else OK


SLOW = STATES[Reason.SLOW]
DATABASE = Probe(_database_and_worker, {"database": SLOW, "worker": UNKNOWN})
BROKER, DATA = Probe(_broker, {"broker": SLOW}), Probe(_data, {"data": SLOW})
PARTS = {"database": DATABASE, "broker": BROKER, "data": DATA, "worker": DATABASE}


@login_not_required
@never_cache
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """Respond, without looking at anything else."""
    return JsonResponse({"live": True})


@login_not_required
@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Respond with 200 if every part (or the one asked for) is ok, else 503, and with the state of each."""
    part = request.GET.get("part")
    if part is not None and part not in PARTS:
        return JsonResponse({"error": f"part must be one of {', '.join(PARTS)}"}, status=400)
    found = {name: PARTS[name].result()[name] for name in ([part] if part else PARTS)}
    well = all(word == OK for word in found.values())
    return JsonResponse({"ready": well, **found}, status=200 if well else 503)
