"""Exporting your data, deleting your account, and removing a person from the household."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import services as accounts
from accounts.http import MemberRequest, status_of
from accounts.models import User
from accounts.problems import problem_words
from accounts.reauthentication import reauthentication_required
from localization.bidi import isolated_text
from torrents.services.actions import offboarding

from .form import LeaveForm


@require_safe
@never_cache
@reauthentication_required
def export_mine(request: MemberRequest) -> HttpResponse:
    answer = JsonResponse(offboarding.everything_of(request.user), json_dumps_params={"indent": 2})
    answer["Content-Disposition"] = 'attachment; filename="torbox-web.json"'
    return answer


@require_safe
@never_cache
@reauthentication_required
def export_magnets(request: MemberRequest) -> HttpResponse:
    answer = HttpResponse(offboarding.magnets_of(request.user), content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="magnets.txt"'
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required
def delete_me(request: MemberRequest) -> HttpResponse:
    return _delete(request, request.user)


@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required
def delete_person(request: MemberRequest, pk: int) -> HttpResponse:
    return _delete(request, get_object_or_404(User.objects.manageable_by(request.user), pk=pk))


def _delete(request: MemberRequest, person: User) -> HttpResponse:
    oneself = person.pk == request.user.pk
    form = LeaveForm(request.POST or None, person=person)
    if request.method == "POST" and form.is_valid():
        try:
            offboarding.leave(person, heir=form.cleaned_data["heir"])
        except accounts.LastOwner as problem:
            form.add_error(None, problem_words(problem))
        else:
            return _gone(request, person, oneself)
    context = {"form": form, "person": person, "oneself": oneself, "behind": offboarding.left_behind(person)}
    template = "torrents/leave_myself.html" if oneself else "torrents/leave.html"
    return render(request, template, context, status=status_of(form))


def _gone(request: MemberRequest, person: User, oneself: bool) -> HttpResponse:
    if oneself:
        logout(request)
        messages.success(request, _("Your account and everything only you could see have been deleted."))
        return redirect("account_login")
    messages.success(request, _("Removed %(name)s.") % {"name": isolated_text(person.display_name)})
    return redirect("accounts:people")
