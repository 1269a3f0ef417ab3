"""Taking everything along, and leaving: oneself, or somebody the owner deletes."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import services as accounts
from accounts.confirming import confirmed
from accounts.http import MemberRequest, status_of
from accounts.models import User

from ..forms import LeaveForm
from ..services import leaving


@require_safe
@never_cache
@confirmed
def export_mine(request: MemberRequest) -> HttpResponse:
    answer = JsonResponse(leaving.everything_of(request.user), json_dumps_params={"indent": 2})
    answer["Content-Disposition"] = 'attachment; filename="torbox-web.json"'
    return answer


@require_safe
@never_cache
@confirmed
def export_magnets(request: MemberRequest) -> HttpResponse:
    answer = HttpResponse(leaving.magnets_of(request.user), content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="magnets.txt"'
    return answer


@require_http_methods(["GET", "POST"])
@confirmed
def delete_me(request: MemberRequest) -> HttpResponse:
    return _delete(request, request.user)


@require_http_methods(["GET", "POST"])
@confirmed
def delete_person(request: MemberRequest, pk: int) -> HttpResponse:
    return _delete(request, get_object_or_404(User.objects.manageable_by(request.user), pk=pk))


def _delete(request: MemberRequest, person: User) -> HttpResponse:
    oneself = person.pk == request.user.pk
    form = LeaveForm(request.POST or None, person=person)
    if request.method == "POST" and form.is_valid():
        try:
            leaving.leave(person, heir=form.cleaned_data["heir"])
        except accounts.LastOwner as problem:
            form.add_error(None, str(problem))
        else:
            return _gone(request, person, oneself)
    context = {"form": form, "person": person, "oneself": oneself, "behind": leaving.left_behind(person)}
    return render(request, "torrents/leave.html", context, status=status_of(form))


def _gone(request: MemberRequest, person: User, oneself: bool) -> HttpResponse:
    if oneself:
        logout(request)
        messages.success(request, "You are deleted here, with everything that was yours alone.")
        return redirect("account_login")
    messages.success(request, f"{person.display_name} is deleted.")
    return redirect("accounts:people")
