"""The preview in words: one line per thing found, with exactly one chip."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from .formatting import file_size, short_hash, torrents
from .forms import AddForm
from .services.previewing import Line, Preview, Skipped


@dataclass(frozen=True)
class PreviewRow:
    """`kind` is new, existing or skipped; `lookup_url` asks the network for a name and size not known yet."""

    token: str
    title: str
    detail: str
    chip_label: str
    chip_tone: str
    size: int = 0
    url: str = ""
    kind: str = "new"
    lookup_url: str = ""


class PreviewPage:
    """What `_preview.html` prints."""

    def __init__(self, preview: Preview, form: AddForm) -> None:
        self.preview = preview
        self.only_cached = form.is_valid() and form.cleaned_data["only_if_cached"]
        self.warning = preview.warning
        self.without = form.without
        rows = [_row(line) for line in preview.lines]
        rows += [_skipped_row(number, skipped) for number, skipped in enumerate(preview.skipped)]
        self.rows = [row for row in rows if row.token not in self.without]

    @property
    def chosen(self) -> list[Line]:
        new = self.preview.new
        return [line for line in new if line.cached] if self.only_cached else new

    @property
    def count(self) -> int:
        return len(self.chosen)

    @property
    def total_size(self) -> int:
        return sum(line.size for line in self.chosen)

    @property
    def sentence(self) -> str:
        size = f" · {file_size(self.total_size)}" if self.total_size else ""
        again = f" · {self.preview.repeated} pasted twice" if self.preview.repeated else ""
        return f"{self.count} to add{size}{again}"

    @property
    def button(self) -> str:
        return f"Add {torrents(self.count)}"


def skipped_sentence(skipped: list[Skipped]) -> str:
    """One sentence for a toast: the reason when it is one line, the count when there are more."""
    if len(skipped) == 1:
        return f"Skipped: {skipped[0].reason}"
    return f"Skipped {len(skipped)} lines or files that are no magnet, hash or .torrent."


def _row(line: Line) -> PreviewRow:
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
        kind="existing" if line.existing else "new",
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
    if line.existing:
        by = line.existing.added_by
        parts.append(line.existing.status_label + (f", added by {by.display_name}" if by else ""))
    return " · ".join(parts)


def _skipped_row(number: int, skipped: Skipped) -> PreviewRow:
    token = f"line-{skipped.line}" if skipped.line else f"file-{number}"
    return PreviewRow(token, skipped.reason, f"“{skipped.text}”", "Skipped", "failed", kind="skipped")


def _lookup_url(info_hash: str) -> str:
    return f"{reverse('torrents:lookup')}?{urlencode({'hash': info_hash})}"
