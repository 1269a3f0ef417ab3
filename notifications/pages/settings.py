"""Settings › Notifications: channels, what to send, quiet hours, and the summary."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.http import MemberRequest

from ..channel_names import channel_name
from ..models import Channel


@require_safe
def settings(request: MemberRequest) -> HttpResponse:
    channels = Channel.objects.usable_by(request.user)
    rows = [(channel, channel_name(channel)) for channel in channels]
    return render(request, "notifications/settings.html", {"rows": rows})
