"""The categories and tags that there are."""

from __future__ import annotations

from django.http import HttpResponse

from torrents.tags_in_use import tags_in_use

from ..calling import Call, data, reads
from ..categories import categories_of
from ..sync import categories_as_facts


@reads
def categories(request: Call) -> HttpResponse:
    return data(request, categories_as_facts(categories_of(request.user)))


@reads
def tags(request: Call) -> HttpResponse:
    """Return the tags in use, in alphabetical order, without those that are categories."""
    known = categories_of(request.user)
    return data(request, sorted(tag for tag, _ in tags_in_use(request.user) if tag not in known))
