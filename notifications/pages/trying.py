"""Send test messages to channels, and show what the services answered."""

from __future__ import annotations

from allauth.core import ratelimit
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import reswap, retarget

from accounts.http import MemberRequest

from ..models import Channel, Delivery
from ..services import channels as service
from ..services import signed_in_devices
from .channel_rows import Answer, answer_of, row_of

PLACE = "notifications:settings"


@require_POST
def test(request: MemberRequest, pk: int) -> HttpResponse:
    """Send a test message. Its answer appears beside the button, or after the next loading of the page."""
    channel = get_object_or_404(Channel.objects.usable_by(request.user), pk=pk)
    if not ratelimit.consume(request, action="channel", user=request.user):
        too_often = _("Too many tests. Wait a minute and try again.")
        if request.htmx:
            return _answer(request, Answer(too_often, "failed"), channel)
        messages.warning(request, too_often)
        return redirect(PLACE)
    delivery = service.send_test(channel, request.user)
    return _answer(request, answer_of(delivery), channel) if request.htmx else redirect(PLACE)


@require_safe
def test_result(request: MemberRequest, pk: int, delivery: int) -> HttpResponse:
    """Show what came of a test message. While nothing has, the page asks again."""
    channels = Channel.objects.usable_by(request.user)
    tests = Delivery.objects.filter(person=request.user, is_test=True, channel__in=channels)
    found = get_object_or_404(tests.select_related("channel__person"), channel=pk, pk=delivery)
    answer = answer_of(found)
    if not request.htmx:
        return redirect(PLACE)
    if answer.waits:
        return render(request, "notifications/_answer_wait.html", {"answer": answer})
    # The element that asked is replaced together with the words around it.
    ended = _answer(request, answer, found.channel, with_row=True)
    return reswap(retarget(ended, f"#answer-{pk}"), "innerHTML")


def _answer(
    request: MemberRequest, answer: Answer, channel: Channel, *, with_row: bool = False
) -> HttpResponse:
    """Show the answer to a test, with what the row now says about the channel."""
    row = row_of(request.user, channel, signed_in_devices.held_by(request.session)) if with_row else None
    return render(request, "notifications/_answered.html", {"answer": answer, "row": row})
