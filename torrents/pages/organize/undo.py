"""Undo an edit of names, tags, or AirLock."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.http import MemberRequest
from torrents.services.actions import editing

from ..list.control import changed
from .edit_text import UNDONE, counted


@require_POST
def undo_edit(request: MemberRequest) -> HttpResponse:
    """Restore what the person's own edits with the number `batch` changed."""
    batch = request.GET.get("batch", "")
    known = batch.isascii() and batch.isdecimal() and len(batch) < 19
    restored = editing.undo(person=request.user, batch_id=int(batch)) if known else 0
    if restored:
        messages.success(request, counted(UNDONE, restored))
    else:
        messages.info(request, _("There is nothing to undo."))
    return changed(request)
