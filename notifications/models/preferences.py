"""What people want to be told, and where."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import User
from torrents.models import Torrent

from ..events import Event, Place
from .channels import Channel

STALLED_HOURS = 6


class Summary(models.TextChoices):
    NEVER = "never"
    DAILY = "daily"
    WEEKLY = "weekly"


class NotificationSettings(models.Model):
    """A person's quiet hours and summary. Without a row, the defaults apply.

    Both times are in the person's time zone. `quiet_until` before `quiet_from` is on the next day.
    """

    person = models.OneToOneField(User, models.CASCADE, related_name="notification_settings")
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)
    stalled_hours = models.PositiveSmallIntegerField(default=STALLED_HOURS)
    summary = models.CharField(max_length=8, choices=Summary, default=Summary.NEVER)
    summarized_at = models.DateTimeField(null=True)  # up to when the last summary told

    def __str__(self) -> str:
        return f"settings of {self.person_id}"


class EventChoice(models.Model):
    """Whether an event goes to a place, if the person chose other than the default (events.py). `channel`: which one."""

    person = models.ForeignKey(User, models.CASCADE, related_name="event_choices", db_index=False)
    event = models.CharField(max_length=12, choices=Event)
    place = models.CharField(max_length=8, choices=Place)
    channel = models.ForeignKey(Channel, models.CASCADE, null=True, related_name="choices")
    wanted = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "event", "channel"],
                condition=Q(channel__isnull=False),
                name="one_choice_per_channel",
            ),
            models.UniqueConstraint(
                fields=["person", "event", "place"],
                condition=Q(channel=None),
                name="one_choice_per_place",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} to {self.place} {self.channel_id or ''}: {self.wanted}"


class TorrentChoice(models.Model):
    """*Notify me* about a torrent of someone else, or *Mute this torrent*."""

    person = models.ForeignKey(User, models.CASCADE, related_name="torrent_choices", db_index=False)
    torrent = models.ForeignKey(Torrent, models.CASCADE, related_name="+")
    muted = models.BooleanField()  # False: told like the person who added it

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "torrent"], name="one_choice_per_torrent")]

    def __str__(self) -> str:
        return f"{self.person_id} {'mutes' if self.muted else 'follows'} {self.torrent_id}"
