"""The line above the tab *Saving*: the schedule, the speed, and a button for all jobs."""

from __future__ import annotations

from collections import Counter

from django.db.models import Count, Q, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from localization.formats import clock, number, sentences, speed
from torrents.pages.list.saving_row import TabLine
from torrents.saving_states import SavingState as State

from .. import schedule
from ..models import Job
from ..services import settings

PAUSED = (State.PAUSED, State.SCHEDULED)
GOING_ON = (State.WAITING, State.RUNNING, State.DISK_FULL, State.NO_FOLDER, State.DENIED)


def line_for(person: User) -> TabLine:
    """Return the line for a person. Its button is for what most of their jobs need: to resume or to pause."""
    seen = Job.objects.visible_to(person).unfinished()
    counted = (
        seen.order_by()
        .values_list("state")
        .annotate(count=Count("pk"), mine=Count("pk", filter=Q(person=person)), rate=Sum("speed"))
    )
    running = rate = 0
    controllable: Counter[str] = Counter()
    for state, count, mine, total in counted:
        controllable[state] += count if person.is_owner else mine
        if state == State.RUNNING:
            running, rate = count, total
    text = sentences([_schedule(), _running(running, rate)])
    paused = sum(controllable[state] for state in PAUSED)
    going_on = sum(controllable[state] for state in GOING_ON)
    if paused and paused >= going_on:
        return TabLine(text, _("Resume all"), "circle-play", reverse("saving:resume_all"))
    if going_on:
        return TabLine(text, _("Pause all"), "pause", reverse("saving:pause_all"))
    return TabLine(text)


def _schedule() -> str:
    allowed = schedule.allowance(settings.current(), timezone.now())
    if allowed.paused_until:
        # Translators: a time, with its date unless it is today.
        return _("Schedule: paused until %(time)s.") % {"time": clock(allowed.paused_until)}
    if allowed.until is None:
        # Translators: a speed such as “5 MB/s”.
        return _("Speed limit: %(speed)s.") % {"speed": speed(allowed.limit)} if allowed.limit else ""
    time = clock(allowed.until)
    if allowed.limit:
        # Translators: a speed such as “5 MB/s”, and a time, with its date unless it is today.
        return _("Schedule: %(speed)s until %(time)s.") % {"speed": speed(allowed.limit), "time": time}
    return _("Schedule: full speed until %(time)s.") % {"time": time}


def _running(count: int, rate: int) -> str:
    if not count:
        return _("Nothing is saving right now.")
    if not rate:
        sentence = ngettext("%(count)s torrent is saving.", "%(count)s torrents are saving.", count)
        return sentence % {"count": number(count)}
    sentence = ngettext(
        "%(count)s torrent is saving at %(speed)s.", "%(count)s torrents are saving at %(speed)s.", count
    )
    return sentence % {"count": number(count), "speed": speed(rate)}
