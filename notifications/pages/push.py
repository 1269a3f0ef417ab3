"""Turn push on and off for the browser that asks. Scripts talk to these views in JSON (static/js/push.js)."""

from __future__ import annotations

import json
from typing import Any

from allauth.core import ratelimit
from django.db import transaction
from django.http import JsonResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.http import MemberRequest

from ..services import devices, signed_in_devices
from ..services.devices import DeviceProblem, DeviceRefused

MAX_BODY = 8 * 1024  # bytes; a subscription has about 500
WORDS: dict[str, str | Promise] = {
    DeviceProblem.BAD_SUBSCRIPTION: gettext_lazy(
        "Your browser sent something we can’t read. Reload the page and try again."
    ),
    DeviceProblem.UNKNOWN_SERVICE: gettext_lazy("We don’t know your browser’s push service."),
    DeviceProblem.TOO_MANY: gettext_lazy("You have 20 devices. Remove one that you no longer use."),
    DeviceProblem.UNREADABLE: gettext_lazy(
        "This server can’t read its push key, so nothing was changed. The person who runs it can replace the key."
    ),
}
STATUSES = {DeviceProblem.TOO_MANY: 409, DeviceProblem.UNREADABLE: 503}


@require_safe
def push_key(request: MemberRequest) -> JsonResponse:
    """Return the key to subscribe with, and the device that this browser is, if it is one.

    `gone`: it was one in this session, but was removed since, so it must not subscribe by itself.
    """
    try:
        key = devices.public_key()
    except DeviceRefused as error:
        return _refused(error.code)
    held = signed_in_devices.held_by(request.session)
    there = bool(held) and devices.is_there(request.user, held)
    return JsonResponse(
        {
            "key": key,
            "person": request.user.pk,
            "channel": held if there else None,
            "gone": bool(held) and not there,
        }
    )


@require_POST
def push_subscribe(request: MemberRequest) -> JsonResponse:
    """Make this browser a device of the person, and return its key."""
    if not ratelimit.consume(request, action="push", user=request.user):
        return JsonResponse({"error": _("Too many attempts. Wait a minute and try again.")}, status=429)
    user_agent = request.headers.get("User-Agent", "")
    held = signed_in_devices.held_by(request.session)
    try:
        with transaction.atomic():
            device = devices.subscribe(request.user, _sent(request, "subscription"), user_agent, known=held)
            signed_in_devices.hold(request.session, device.pk)
    except DeviceRefused as error:
        return _refused(error.code)
    return JsonResponse({"channel": device.pk})


@require_POST
def push_unsubscribe(request: MemberRequest) -> JsonResponse:
    """Remove the device that this browser is."""
    endpoint = _sent(request, "endpoint")
    held = signed_in_devices.held_by(request.session)
    if isinstance(endpoint, str):
        devices.unsubscribe(request.user, endpoint)
    if held:
        devices.remove(request.user, held)
    signed_in_devices.let_go(request.session)
    return JsonResponse({})


def _sent(request: MemberRequest, name: str) -> Any:
    """Return a value of the JSON object in the body, or None."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if request.content_type != "application/json" or not length.isdecimal() or int(length) > MAX_BODY:
        return None
    try:
        found = json.loads(request.body)
    except (ValueError, RecursionError):
        return None
    return found.get(name) if isinstance(found, dict) else None


def _refused(code: DeviceProblem) -> JsonResponse:
    return JsonResponse({"error": str(WORDS[code])}, status=STATUSES.get(code, 400))
