"""Settings › Notifications: channels, what to send, quiet hours, and the summary."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.http import MemberRequest, status_of
from accounts.models import TorBoxAccount

from ..events import Place
from ..models import Channel
from ..services import choices, preferences, recipients, signed_in_devices
from . import matrix
from .channel_rows import rows_of
from .preferences_form import PreferencesForm


@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: MemberRequest) -> HttpResponse:
    """Show and store when and where a person is told what."""
    person, sent = request.user, request.POST if request.method == "POST" else None
    rows = rows_of(person, signed_in_devices.held_by(request.session))
    stored = recipients.settings_of(person)
    form = PreferencesForm(sent, initial=PreferencesForm.initial_of(person, stored))
    columns = matrix.columns_of(row.channel for row in rows)
    is_chosen = _sent(request) if sent is not None else _stored(request, [row.channel for row in rows])
    owns_account = TorBoxAccount.objects.owned_by(person).exists()
    groups = matrix.groups_of(columns, is_chosen, owns_account=owns_account)
    if form.is_valid():
        choices.choose(person, matrix.chosen(groups, request.POST))
        preferences.save(person, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("notifications:settings")
    context = {
        "this_browser": next((row for row in rows if row.is_this_browser), None),
        "rows": [row for row in rows if not row.is_this_browser],
        "columns": columns,
        "groups": groups,
        "form": form,
    }
    return render(request, "notifications/settings.html", context, status=status_of(form))


def _sent(request: MemberRequest) -> matrix.IsChosen:
    """Return whether a box is checked in a form with an error, so that nothing in it is lost."""
    return lambda event, place: matrix.box_name(event, place) in request.POST


def _stored(request: MemberRequest, channels: Sequence[Channel]) -> matrix.IsChosen:
    """Return whether an event goes to a place so far."""
    wanted = choices.wanted_by([request.user])[request.user.pk]
    by_place: dict[matrix.Key, Channel] = {
        Place.PUSH.value if channel.is_push else channel.pk: channel for channel in channels
    }

    def is_chosen(event: str, place: matrix.Key) -> bool:
        channel = by_place.get(place)
        return wanted.goes_to(event, channel, request.user) if channel else wanted.goes_to_bell(event)

    return is_chosen
