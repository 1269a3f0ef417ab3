"""Keep devices only while they are signed in. A session holds the key of the device that its browser is.

The session is the only place where that is written down. SignedOutMiddleware removes the device of a browser that signs
out. Sessions also end elsewhere: by age, by another browser, by a new password, or because the person is suspended.
`forget_signed_out` finds the devices that no session holds, before anything is sent to them.
"""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.models import User

from ..models import Channel, ChannelKind

DEVICE = "push-device"


def hold(session: SessionBase, pk: int) -> None:
    """Write down, at once, which device the browser of a session is."""
    session[DEVICE] = pk
    session.save()


def let_go(session: SessionBase) -> None:
    """Forget that the browser of a session is a device."""
    session.pop(DEVICE, None)


def held_by(session: SessionBase) -> int:
    """Return the key of the device that the browser of a session is, or was until it was removed. 0 for none."""
    return int(session.get(DEVICE, 0))


def forget_signed_out(channel_id: int | None = None) -> int:
    """Remove the devices that no session holds, and return how many: of all devices, or only this one."""
    devices = Channel.objects.filter(kind=ChannelKind.PUSH)
    if channel_id is not None:
        devices = devices.filter(pk=channel_id)
    # Read before the sessions, so that a device that subscribes meanwhile isn't among them.
    known = dict(devices.values_list("pk", "person"))
    gone = known.keys() - _held_by_sessions_of(set(known.values())) if known else set()
    if gone:
        Channel.objects.filter(pk__in=gone).delete()
    return len(gone)


def _held_by_sessions_of(people: set[int]) -> set[int]:
    hashes = {person.pk: person.get_session_auth_hash() for person in User.objects.filter(pk__in=people)}
    owners = dict(UserSession.objects.filter(user__in=people).values_list("session_key", "user"))
    sessions = Session.objects.filter(session_key__in=owners, expire_date__gt=timezone.now())
    held = set()
    for session in sessions.iterator():
        content = session.get_decoded()
        # A new password ends the other sessions, whose rows remain until their browser asks for something.
        if constant_time_compare(content.get(HASH_SESSION_KEY, ""), hashes[owners[session.session_key]]):
            held.add(int(content.get(DEVICE, 0)))
    return held
