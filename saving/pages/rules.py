"""Rules of automatic saving."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import MemberRequest

from ..models import Folder, Rule
from ..services import rules as service
from .owners import ask, back, owners_only
from .rule_form import RuleForm


@owners_only
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: MemberRequest) -> HttpResponse:
    """Add a rule."""
    if not Folder.objects.exists():
        messages.info(request, _("Add a folder first."))
        return back(request)
    form = RuleForm(request.user, request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return ask(request, "rule_form.html", _("Add a rule"), form=form)
    rule, is_new = service.add(owner=request.user, **form.chosen)
    if is_new:
        messages.success(request, _("Added the rule. It applies to torrents that become ready from now on."))
    elif rule:
        messages.info(request, _("There is already such a rule."))
    return back(request)


@owners_only
@require_POST
def remove(request: MemberRequest, pk: int) -> HttpResponse:
    """Remove a rule, also one that a person made for what they add."""
    service.remove(get_object_or_404(Rule, pk=pk))
    messages.success(request, _("Removed the rule."))
    return back(request)
