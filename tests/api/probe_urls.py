"""The URLs of the app, and one below each protocol that answers whom a program acts for."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from accounts.models import User
from api import limits
from api.authentication import TooManyAttempts, person_of, token_of
from api.error_answers import mark
from torbox_web.urls import handler500  # noqa: F401 - Django reads it here
from torbox_web.urls import urlpatterns as of_the_app


@csrf_exempt
@login_not_required
def who(request: HttpRequest) -> HttpResponse:
    """Answer with the name of the person, and of the token."""
    try:
        token = token_of(request)
        if token is None:
            return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
        limits.count(token, changes=request.method == "POST")
    except TooManyAttempts:
        return HttpResponse(status=429)
    except limits.LimitReached as reached:
        return HttpResponse(status=429, headers={"Retry-After": str(reached.retry_after)})
    return mark(JsonResponse({"person": person_of(request).username, "token": token.name}))


@csrf_exempt
@login_not_required
def breaks(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a bug")


@csrf_exempt
@login_not_required
def writes(request: HttpRequest) -> HttpResponse:
    User.objects.update(shows_speed=True)
    return mark(HttpResponse("written"))


urlpatterns = [
    path("api/v1/writes", writes),
    path("api/v1/who", who),
    path("api/v1/breaks", breaks),
    path("api/v1/openapi.json", who),
    path("qbittorrent/who", who),
    path("qbittorrent/breaks", breaks),
    path("dav/who", who),
    *of_the_app,
]
