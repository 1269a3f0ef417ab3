"""The outbox of messages: one row for each notification and channel."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from accounts.models import User

from .channels import MAX_DETAIL, Channel, Trouble
from .inbox import Notification


class DeliveryState(models.TextChoices):
    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    GIVEN_UP = "given_up"
    DROPPED = "dropped"  # the person may no longer see it, or removed what it is about


class Delivery(models.Model):
    """A notification that goes to a channel, or a test message.

    `source` is that of the notification, so that a channel of the household gets a thing once, however many people chose it.
    `person` chose it: the message is in their language and keeps their quiet hours. `held`: it waited for the end of
    quiet hours or of a storm, and goes out with the others in one message. `message` is the id of the message that it
    went out with; it stays the same when that message is sent again. `claim` fences a claim.
    """

    channel = models.ForeignKey(Channel, models.CASCADE, related_name="deliveries", db_index=False)
    person = models.ForeignKey(User, models.CASCADE, related_name="+")
    notification = models.ForeignKey(Notification, models.CASCADE, null=True, related_name="deliveries")
    source = models.CharField(max_length=120)
    is_test = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=DeliveryState, default=DeliveryState.WAITING)
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)
    held = models.BooleanField(default=False)
    attempts = models.PositiveIntegerField(default=0)
    message = models.CharField(max_length=32, blank=True)
    claim = models.CharField(max_length=32, blank=True)
    claimed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=20, choices=Trouble, blank=True)
    status = models.PositiveSmallIntegerField(null=True)
    upstream_detail = models.CharField(max_length=MAX_DETAIL, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["channel", "source"], name="sent_once")]
        indexes = [
            models.Index(fields=["state", "due_at"]),
            models.Index(fields=["channel", "state", "due_at"]),
            models.Index(fields=["person", "ended_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.source} to {self.channel_id}: {self.state}"
