"""Answers with links: a dialog to copy from, or a file for another program."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.http import MemberRequest
from localization import formats

from ..client_ip import public_address
from ..lasting_exports import MAX_LASTING, lasting_links
from ..link_files import FORMATS, LASTING_FORMATS, startable_until
from ..services import downloading
from ..services.downloading import Link, LinkError, Wanted
from ..services.making import EXPORT_GOOD_FOR
from ..services.policy import may_have_links

LASTING, OF_TORBOX = "lasting", "torbox"  # what forms put behind a format

ERRORS = {
    LinkError.NOT_READY: gettext_lazy("It isn’t ready yet."),
    LinkError.NOT_FOUND: gettext_lazy("TorBox no longer has it."),
    LinkError.REFUSED: gettext_lazy("TorBox refused."),
    LinkError.KEY_REJECTED: gettext_lazy("TorBox rejected the API key."),
    LinkError.THROTTLED: gettext_lazy("TorBox’s rate limit was reached. Wait a minute and try again."),
    LinkError.UNREADABLE: gettext_lazy("TorBox sent an answer we can’t read."),
    LinkError.NO_ANSWER: gettext_lazy("TorBox isn’t responding."),
    LinkError.OUT_OF_TIME: gettext_lazy("TorBox took too long. Try again to get the rest."),
}


def hour_note() -> str:
    return _("Start the download within an hour. Once it’s running, it can take as long as it needs.")


def lasting_note() -> str:
    """Return how long links of an export made now work, and for whom."""
    until = formats.long_day(timezone.now() + EXPORT_GOOD_FOR)
    # Translators: a date, such as March 3, 2026.
    sentence = _("These links work until %(date)s for anyone who has them.") % {"date": until}
    return formats.sentences([sentence, _("You can revoke them in Settings, under Links.")])


def most_links(lasting: bool) -> int:
    """Return how many links one request gets."""
    return MAX_LASTING if lasting else downloading.MAX_LINKS


def files_left_out(number: int, lasting: bool = False) -> str:
    """Return a sentence about the files beyond those that one request may ask for."""
    values = {"count": formats.number(number), "limit": formats.number(most_links(lasting))}
    sentence = ngettext(
        "%(count)s more file was left out. You can get %(limit)s links at a time.",
        "%(count)s more files were left out. You can get %(limit)s links at a time.",
        number,
    )
    return sentence % values


def choice_of(request: MemberRequest, chosen: str) -> tuple[str, bool]:
    """Return the format that a form asks for, and whether its links last: `aria2` and True for `aria2-lasting`.

    A playlist has lasting links unless TorBox's are chosen, because it is opened more than once. People who may have no
    lasting links get TorBox's.
    """
    format_, _dash, links = chosen.partition("-")
    wants_lasting = links == LASTING or (format_ == "m3u" and links != OF_TORBOX)
    return format_, wants_lasting and may_have_links(request.user)


def links_as_dialog(
    request: MemberRequest, wanted: Sequence[Wanted], left_out: Sequence[str], lasting: bool = False
) -> HttpResponse:
    """Get the links and show them, with how many there are."""
    found = _found(request, wanted, lasting)
    note = lasting_note() if lasting else hour_note()
    return show_links(request, found, _title(found), formats.sentences([*left_out, note]))


def links_as_file(
    request: MemberRequest,
    format_: str,
    wanted: Sequence[Wanted],
    left_out: Sequence[str],
    lasting: bool = False,
) -> HttpResponse:
    """Get the links and return them as a file. Its first lines say how long they work and what is missing."""
    found = _found(request, wanted, lasting)
    until = lasting_note() if lasting else startable_until(timezone.now() + downloading.STARTABLE)
    comments = [until, *left_out]
    comments += [
        _("%(name)s was left out: %(reason)s") % {"name": link.name, "reason": _why(link)}
        for link in found
        if not link.url
    ]
    form = (LASTING_FORMATS if lasting else FORMATS)[format_]
    body = form.write([link for link in found if link.url], comments)
    return text_file(f"links.{form.extension}", body, form.content_type)


def _found(request: MemberRequest, wanted: Sequence[Wanted], lasting: bool) -> list[Link]:
    if lasting:
        return lasting_links(person=request.user, wanted=wanted)
    return downloading.links_for(person=request.user, wanted=wanted, user_ip=public_address(request))


def text_file(name: str, body: str, content_type: str = "text/plain") -> HttpResponse:
    response = HttpResponse(body, content_type=f"{content_type}; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, name)
    return privately(response)


def show_links(request: MemberRequest, found: Sequence[Link], title: str, note: str) -> HttpResponse:
    value = "\n".join(link.url for link in found if link.url)
    failed = [(link.name, _why(link)) for link in found if not link.url]
    context = {"links": found, "failed": failed, "title": title, "note": note, "value": value}
    template = "torrents/_link.html" if request.htmx else "torrents/link.html"
    return privately(render(request, template, context))


def privately(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _title(found: Sequence[Link]) -> str:
    made, total = sum(bool(link.url) for link in found), len(found)
    values = {"made": formats.number(made), "count": formats.number(total)}
    if made < total:
        return ngettext("%(made)s of %(count)s link", "%(made)s of %(count)s links", total) % values
    return ngettext("Link to %(count)s file", "Links to %(count)s files", total) % values


def _why(link: Link) -> str:
    """Return why there is no link: in TorBox's words where it said more than its code does."""
    return link.upstream_detail or (str(ERRORS[link.error]) if link.error else "")
