"""Whether this instance lives and can work, for whatever watches it. Needs no sign-in and says no secret.

`/health/live`: this process answers; if it does not, restart it. `/health/ready`: database, queue and worker
do their part; if not, tell somebody. Without queue or worker the pages go on and nothing is lost, so what
decides where people's requests go should ask `/health/ready?part=database`.
"""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from torrents.models import Heartbeat
from torrents.status.machinery import is_late, queue

OK, SILENT = "ok", "does not answer"
PARTS = ("database", "broker", "worker")


@login_not_required
@never_cache
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"live": True})


@login_not_required
@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """200 when every part (or the one asked for) is well, else 503; each with its word."""
    part = request.GET.get("part")
    if part is not None and part not in PARTS:
        return JsonResponse({"error": f"part is one of {', '.join(PARTS)}"}, status=400)
    found = states([part] if part else PARTS)
    well = all(word == OK for word in found.values())
    return JsonResponse({"ready": well, **found}, status=200 if well else 503)


def states(parts: list[str] | tuple[str, ...]) -> dict[str, str]:
    """A word for each; at most one query and one look at the queue."""
    found = {}
    if "database" in parts or "worker" in parts:
        found = _database_and_worker()
    if "broker" in parts:
        found["broker"] = OK if queue().tone == "ready" else SILENT
    return {part: found[part] for part in parts}


def _database_and_worker() -> dict[str, str]:
    """A worker signs by a row, so one query tells both."""
    try:
        sign = Heartbeat.last("worker")
    except (DatabaseError, OSError):
        return {"database": SILENT, "worker": "unknown"}
    return {"database": OK, "worker": "no sign of life" if is_late(sign) else OK}
