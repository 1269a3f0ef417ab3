"""Time that passes for the app's kept addresses and at TorBox, without waiting."""

from __future__ import annotations

from datetime import timedelta

from links.models import KeptAddress


def age_addresses(seconds: float) -> None:
    """Let kept addresses be older by so many seconds."""
    for kept in KeptAddress.objects.all():
        kept.asked_at -= timedelta(seconds=seconds)
        if kept.checked_at:
            kept.checked_at -= timedelta(seconds=seconds)
        kept.save()


def pass_time(sim, seconds: float) -> None:
    """Let time pass for the kept addresses and for TorBox."""
    sim.control.advance(seconds)
    age_addresses(seconds)
