from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from .links import LastingLink


class KeptAddress(models.Model):
    """TorBox's address of an item of a link, kept for minutes for one visitor, so that seeking asks TorBox only once.

    Without a link, `item` is a file of a torrent that a program opens with a token. `visitor` is a network and a
    program, with and without a link (`links/visitors.py`), so people behind one router with the same program share an
    address. We check each request before it gets one.

    Encrypted, because whoever has it can download. Empty while a request for it is on its way: `asked_at` is the claim.
    `checked_at`: when the CDN last said that the address still works. `worked_for`: for how many seconds an earlier one
    of this row was seen to work, if it expired before its time.
    """

    link = models.ForeignKey(
        LastingLink, models.CASCADE, null=True, related_name="kept_addresses", db_index=False
    )
    item = models.CharField(max_length=40)
    visitor = models.CharField(max_length=32)
    encrypted_address = models.TextField(blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    checked_at = models.DateTimeField(null=True)
    worked_for = models.FloatField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["link", "item", "visitor"], name="one_kept_address"),
            models.UniqueConstraint(
                fields=["item", "visitor"], condition=Q(link=None), name="one_without_a_link"
            ),
        ]
        indexes = [models.Index(fields=["asked_at"])]

    def __str__(self) -> str:
        about = f"for link {self.link_id}" if self.link_id else "for a program"
        return f"an address {about}, asked for at {self.asked_at:%Y-%m-%d %H:%M:%S}"
