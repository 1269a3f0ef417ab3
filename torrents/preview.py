"""The preview in words: one line per thing found, with exactly one chip."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from accounts.models import TorBoxAccount
from torbox.magnets import Magnet

from .formatting import age, file_size, short_hash, torrents
from .forms import AddForm
from .services.adding import Wish
from .services.looking_up import Known
from .services.previewing import TOO_MANY, Line, Preview, Skipped, filled

MOST_SHOWN = 300  # of thousands; nobody reads them all, and every browser has to draw them


@dataclass(frozen=True)
class PreviewRow:
    """`kind` is new, existing or skipped; `fill_url` gives the line again with name and size looked up."""

    token: str
    title: str
    detail: str
    chip_label: str
    chip_tone: str
    size: int = 0
    url: str = ""
    download_url: str = ""
    kind: str = "new"
    fill_url: str = ""
    lookup_url: str = ""


class PreviewPage:
    """What `_preview.html` prints."""

    def __init__(self, preview: Preview, form: AddForm) -> None:
        self.preview = preview
        self.only_cached = form.is_valid() and form.cleaned_data["only_if_cached"]
        self.warning = preview.warning
        self.without = form.without
        self.lost_files = form.kept_too_large
        account = form.target if form.is_valid() else None
        rows = [_row(line, account) for line in preview.lines[:MOST_SHOWN]]
        rows += [_skipped_row(number, skipped) for number, skipped in enumerate(preview.skipped)]
        self.rows = [row for row in rows if row.token not in self.without]
        self.more = max(0, len(preview.lines) - MOST_SHOWN)

    @property
    def chosen(self) -> list[Line]:
        new = self.preview.new
        return [line for line in new if line.cached is not False] if self.only_cached else new

    @property
    def uncached(self) -> str:
        """The hashes that *Only cached* leaves out, for the form to send along."""
        return " ".join(line.wish.magnet.info_hash for line in self.preview.new if line.cached is False)

    @property
    def count(self) -> int:
        return len(self.chosen)

    @property
    def total_size(self) -> int:
        return sum(line.size for line in self.chosen)

    @property
    def sentence(self) -> str:
        return f"{self.count} to add"

    @property
    def size_part(self) -> str:
        """Behind the sentence, and brought up to date while lines fill in."""
        return f" · {file_size(self.total_size)}" if self.total_size else ""

    @property
    def again_part(self) -> str:
        return f" · {self.preview.repeated} pasted twice" if self.preview.repeated else ""

    @property
    def button(self) -> str:
        return f"Add {torrents(self.count)}"


def skipped_sentence(skipped: list[Skipped]) -> str:
    """For a toast: the reason when it is one line, the count when there are more; the limit in its own words."""
    others = [item for item in skipped if item.reason != TOO_MANY]
    sentences = [TOO_MANY] if len(others) < len(skipped) else []
    if len(others) == 1:
        sentences.append(f"Skipped: {others[0].reason}")
    elif others:
        sentences.append(f"Skipped {len(others)} lines or files that are no magnet, hash or .torrent.")
    return " ".join(sentences)


def filled_row(info_hash: str, name: str, known: Known) -> PreviewRow:
    """A line of the preview again, after it was looked up; `name` is what the paste called it."""
    return _row(filled(Line(Wish(Magnet(info_hash)), name, 0, cached=False), known), None)


def _row(line: Line, account: TorBoxAccount | None) -> PreviewRow:
    info_hash = line.wish.magnet.info_hash
    label, tone = _chip(line)
    return PreviewRow(
        token=info_hash,
        title=line.name or "Name not known yet",
        detail=_detail(line),
        chip_label=label,
        chip_tone=tone,
        size=line.size,
        url=line.existing.get_absolute_url() if line.existing else "",
        download_url=line.existing.download_url if line.existing else "",
        kind="existing" if line.existing else "new",
        fill_url=_fill_url(line, account) if line.incomplete and account else "",
        lookup_url="" if line.existing or line.name else _lookup_url(info_hash),
    )


def _chip(line: Line) -> tuple[str, str]:
    if line.existing:
        return "Already in your list", "waiting"
    if line.cached is None:
        return "Not checked", "quiet"
    return ("Cached, instant", "ready") if line.cached else ("Not cached", "quiet")


def _detail(line: Line) -> str:
    parts = [short_hash(line.wish.magnet.info_hash)]
    if line.file_count:
        parts.append(f"{line.file_count} file{'s' if line.file_count != 1 else ''}")
    if line.seeds is not None:
        parts.append(f"{line.seeds:,} seed{'s' if line.seeds != 1 else ''}")
    if line.existing:
        by = line.existing.added_by
        parts.append(line.existing.status_label + (f", added by {by.display_name}" if by else ""))
        parts.append(age(line.existing.added_at))
    return " · ".join(parts)


def _skipped_row(number: int, skipped: Skipped) -> PreviewRow:
    token = f"line-{skipped.line}" if skipped.line else f"file-{number}"
    return PreviewRow(token, skipped.reason, f"“{skipped.text}”", "Skipped", "failed", kind="skipped")


def _lookup_url(info_hash: str) -> str:
    return f"{reverse('torrents:lookup')}?{urlencode({'hash': info_hash})}"


def _fill_url(line: Line, account: TorBoxAccount) -> str:
    query = urlencode({"name": line.name[:200], "account": account.pk})
    return f"{reverse('torrents:preview_line', args=[line.wish.magnet.info_hash])}?{query}"
