"""The words of a preview: one row for each torrent found, with one chip."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import TorBoxAccount
from localization.formats import age, file_size, number, sentences
from torbox.magnets import Magnet
from torbox.sanitize import is_blank
from torrents.formatting import isolated, short_hash, with_markup
from torrents.services.actions.adding import AddResult, NewTorrent
from torrents.services.actions.choosing import AddTarget
from torrents.services.actions.looking_up import Known
from torrents.services.actions.previewing import (
    FoundTorrents,
    Plan,
    Preview,
    PreviewLine,
    SkippedLine,
    filled,
)
from torrents.skip_reason_text import TOO_MANY_TORRENTS, skip_sentence

from ..url_cache import detail_url, download_url
from .form import AddForm, packed_links

MAX_REASONS = 3
MAX_SHOWN = 300  # rows of thousands; more would only slow the browser down


@dataclass(frozen=True)
class PreviewRow:
    """A row of the preview. `kind` is new, existing, or skipped. `detail` is markup.

    `fill_url` returns the row again with its name and size looked up.
    """

    token: str
    title: str
    detail: SafeString
    chip_label: str
    chip_tone: str
    size: int = 0
    url: str = ""
    download_url: str = ""
    kind: str = "new"
    fill_url: str = ""
    lookup_url: str = ""


class PreviewPage:
    """The context of `_preview.html`."""

    def __init__(self, preview: Preview, form: AddForm, target: AddTarget) -> None:
        self.preview = preview
        self.only_cached = form.is_valid() and form.cleaned_data["only_if_cached"]
        self.without = form.without
        self.lost_files = form.kept_too_large
        self.fetched = packed_links(preview.fetched)
        account = target.account if form.is_valid() else None
        rows = [_row(line, account) for line in preview.lines[:MAX_SHOWN]]
        rows += _skipped_rows(preview.skipped)
        self.rows = [row for row in rows if row.token not in self.without]
        self.more = max(0, len(preview.lines) - MAX_SHOWN)

    @property
    def warning(self) -> str:
        if not self.preview.cache_unknown:
            return ""
        return _("We couldn’t check what’s cached. You can still add these torrents.")

    @property
    def chosen(self) -> list[PreviewLine]:
        new = self.preview.new
        return [line for line in new if line.cached is not False] if self.only_cached else new

    @property
    def uncached(self) -> str:
        """Return the hashes that “Only cached” leaves out, which the form sends along."""
        return " ".join(
            line.new_torrent.magnet.info_hash for line in self.preview.new if line.cached is False
        )

    @property
    def count(self) -> int:
        return len(self.chosen)

    @property
    def total_size(self) -> int:
        return sum(line.size for line in self.chosen)

    @property
    def sentence(self) -> str:
        words = ngettext("%(count)s torrent to add", "%(count)s torrents to add", self.count)
        return words % {"count": number(self.count)}

    @property
    def size_part(self) -> str:
        """Return the total size, which follows the sentence and changes as lines are filled in."""
        return f" · {file_size(self.total_size)}" if self.total_size else ""

    @property
    def again_part(self) -> str:
        if not (count := self.preview.repeated):
            return ""
        words = ngettext("%(count)s pasted twice", "%(count)s pasted twice", count)
        return f" · {words % {'count': number(count)}}"

    @property
    def button(self) -> str:
        return ngettext("Add %(count)s torrent", "Add %(count)s torrents", self.count) % {
            "count": number(self.count)
        }


def skipped_sentence(skipped: list[SkippedLine]) -> str:
    """Return the words of a toast: whether there were too many torrents, how many lines were skipped, and why."""
    parts = [_why(item) for item in skipped if item.reason == TOO_MANY_TORRENTS]
    others = [item for item in skipped if item.reason != TOO_MANY_TORRENTS]
    if len(others) == 1:
        # Translators: problem is a whole sentence.
        parts.append(_("Skipped: %(problem)s") % {"problem": _why(others[0])})
    elif others:
        skipped_many = ngettext(
            "Skipped %(count)s line, link, or file.", "Skipped %(count)s lines, links, or files.", len(others)
        )
        parts.append(skipped_many % {"count": number(len(others))})
        parts += map(_why, others[:MAX_REASONS])
    if len(others) > MAX_REASONS:
        parts.append(_("Paste the rest again to see why."))
    return sentences(parts)


def _why(item: SkippedLine) -> str:
    return skip_sentence(item.reason, item.params, item.line)


def outcome(result: AddResult, plan: Plan, found: FoundTorrents) -> Iterator[tuple[int, str]]:
    """Yield the messages after an add, each as its level and its words."""
    counts = [
        (messages.SUCCESS, _added, len(result.added)),
        (messages.INFO, _existing, plan.existing + len(result.existing)),
        (messages.INFO, _uncached, plan.uncached),
        (messages.WARNING, _not_alone, result.not_alone),
    ]
    for level, sentence, count in counts:
        if count:
            yield level, sentence(count) % {"count": number(count)}
    if found.skipped:
        yield messages.WARNING, skipped_sentence(found.skipped)
    elif not any(count for _level, _sentence, count in counts):
        yield messages.INFO, _("Nothing to add. Paste a magnet link or info hash, or choose a .torrent file.")


def _added(count: int) -> str:
    return ngettext("Added %(count)s torrent.", "Added %(count)s torrents.", count)


def _existing(count: int) -> str:
    return ngettext(
        "%(count)s torrent is already in your list.", "%(count)s torrents are already in your list.", count
    )


def _uncached(count: int) -> str:
    return ngettext(
        "Left out %(count)s torrent that isn’t cached.",
        "Left out %(count)s torrents that aren’t cached.",
        count,
    )


def _not_alone(count: int) -> str:
    return ngettext(
        "%(count)s torrent wasn’t added because it can’t be hidden on this TorBox account."
        " Add it without “Hide from others”.",
        "%(count)s torrents weren’t added because they can’t be hidden on this TorBox account."
        " Add them without “Hide from others”.",
        count,
    )


def filled_row(info_hash: str, name: str, known: Known) -> PreviewRow:
    """Return a row of the preview after it was looked up. `name` is the one from the paste."""
    return _row(filled(PreviewLine(NewTorrent(Magnet(info_hash)), name, 0, cached=False), known), None)


def _row(line: PreviewLine, account: TorBoxAccount | None) -> PreviewRow:
    info_hash = line.new_torrent.magnet.info_hash
    label, tone = _chip(line)
    return PreviewRow(
        token=info_hash,
        title=_("Name not known yet") if is_blank(line.name) else line.name,
        detail=_detail(line),
        chip_label=label,
        chip_tone=tone,
        size=line.size,
        url=detail_url(line.existing) if line.existing else "",
        download_url=download_url(line.existing) if line.existing else "",
        kind="existing" if line.existing else "new",
        fill_url=_fill_url(line, account) if line.incomplete and account else "",
        lookup_url="" if line.existing or line.name else _lookup_url(info_hash),
    )


def _chip(line: PreviewLine) -> tuple[str, str]:
    if line.existing:
        return _("Already in your list"), "waiting"
    if line.cached is None:
        # Translators: TorBox could not be asked whether this torrent is cached.
        return _("Not checked"), "quiet"
    return (_("Cached, instant"), "ready") if line.cached else (_("Not cached"), "quiet")


def _detail(line: PreviewLine) -> SafeString:
    return format_html_join(" · ", "{}", ((part,) for part in _facts(line)))


def _facts(line: PreviewLine) -> Iterator[str]:
    yield short_hash(line.new_torrent.magnet.info_hash)
    if count := line.file_count:
        yield ngettext("%(count)s file", "%(count)s files", count) % {"count": number(count)}
    if line.seeds is not None:
        yield ngettext("%(count)s seed", "%(count)s seeds", line.seeds) % {"count": number(line.seeds)}
    if (left_out := line.new_torrent.magnet.left_out) and not line.new_torrent.torrent_file:
        yield ngettext(
            "Link too long, so the last %(count)s tracker is left out",
            "Link too long, so the last %(count)s trackers are left out",
            left_out,
        ) % {"count": number(left_out)}
    if line.existing:
        yield line.existing.status_label
        if by := line.existing.added_by:
            yield with_markup(_("Added by %(person)s"), person=isolated(by.display_name))
        yield age(line.existing.added_at)


def _skipped_rows(skipped: list[SkippedLine]) -> Iterator[PreviewRow]:
    """Yield a row for each skipped part of a line, with unique tokens."""
    tokens: Counter[str] = Counter()
    for item in skipped:
        place = f"line-{item.line}" if item.line else "file"
        tokens[place] += 1
        token = place if item.line and tokens[place] == 1 else f"{place}-{tokens[place]}"
        yield PreviewRow(token, _why(item), _skipped_detail(item), _("Skipped"), "failed", kind="skipped")


def _skipped_detail(item: SkippedLine) -> SafeString:
    if item.left_out:
        words = ngettext("%(count)s torrent left out", "%(count)s torrents left out", item.left_out)
        return with_markup(words, count=number(item.left_out))
    # Translators: quotation marks around a part of a paste, or the name of a file.
    return with_markup(_("“%(text)s”"), text=isolated(item.text)) if item.text else SafeString("")


def _lookup_url(info_hash: str) -> str:
    return f"{reverse('torrents:lookup')}?{urlencode({'hash': info_hash})}"


def _fill_url(line: PreviewLine, account: TorBoxAccount) -> str:
    query = urlencode({"name": line.name[:200], "account": account.pk})
    return f"{reverse('torrents:preview_line', args=[line.new_torrent.magnet.info_hash])}?{query}"
