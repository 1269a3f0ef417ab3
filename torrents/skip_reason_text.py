"""Words for why something in a paste or an upload was skipped."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from localization import formats
from torbox.skip_reasons import SkipReason

from .link_reasons import LINK, LINK_WORDS

Params = Mapping[str, str | int]
TOO_MANY_TORRENTS = "too_many_torrents"  # limit: torrents
WORDS: dict[str, str | Promise] = {
    TOO_MANY_TORRENTS: _("You can add up to %(limit)s torrents at once. Paste the rest afterward."),
    SkipReason.NOT_A_MAGNET: _("This isn’t a magnet link or an info hash."),
    SkipReason.NOT_A_HASH: _("This isn’t an info hash."),
    SkipReason.NO_HASH: _("This magnet link has no info hash."),
    SkipReason.INCOMPLETE_HASH: _("The info hash in this magnet link is incomplete."),
    SkipReason.V2_ONLY_MAGNET: _("This magnet link is for a v2-only torrent, which TorBox can’t add."),
    SkipReason.EMPTY_FILE: _("This .torrent file is empty."),
    SkipReason.FILE_TOO_LARGE: _(
        "This file is larger than %(limit)s MiB, the limit for .torrent files. Add its magnet link or info hash instead."
    ),
    SkipReason.DAMAGED_GZIP: _("This file is compressed with gzip and damaged. Download it again."),
    SkipReason.WEB_PAGE: _("This is a web page saved as a .torrent file. Download the file again."),
    SkipReason.MAGNET_IN_FILE: _("This file contains a magnet link. Paste the link instead."),
    SkipReason.NOT_A_TORRENT_FILE: _("This isn’t a .torrent file, or it’s damaged."),
    SkipReason.TOO_MANY_VALUES: _(
        "This .torrent file has more than %(limit)s values, the most we can read. Add its magnet link or info hash instead."
    ),
    SkipReason.TOO_MANY_FILES: _(
        "This .torrent file lists more than %(limit)s files, the most we can read. Add its magnet link or info hash instead."
    ),
    SkipReason.V2_ONLY_FILE: _("This .torrent file is v2-only, which TorBox can’t add."),
    # Translators: key is a word of the file format, such as “pieces”.
    SkipReason.REPEATED_KEY: _("This .torrent file can’t be used because it has “%(key)s” twice."),
    SkipReason.DAMAGED_PIECES: _("This .torrent file can’t be used because its piece hashes are damaged."),
    SkipReason.IMPOSSIBLE_SIZE: _("This .torrent file can’t be used because its file sizes are invalid."),
    SkipReason.NO_FILES: _("This .torrent file can’t be used because it lists no files."),
    SkipReason.DAMAGED_FILE_LIST: _("This .torrent file can’t be used because its file list is damaged."),
    SkipReason.FILE_WITHOUT_PATH: _("This .torrent file can’t be used because one of its files has no path."),
    **{LINK + code: words for code, words in LINK_WORDS.items()},
}
# These name the line themselves.
WORDS_WITH_LINE: dict[str, str | Promise] = {
    SkipReason.NOTHING_USABLE: _("Line %(line)s isn’t a magnet link, hash, or .torrent link."),
    SkipReason.POSSIBLE_HASH: _(
        "Line %(line)s may contain an info hash. Put it on a separate line to add it."
    ),
    SkipReason.READING_STOPPED: _(
        "We stopped reading at line %(line)s because %(limit)s lines before it have no magnet or hash."
        " Paste the rest separately."
    ),
}


def skip_sentence(reason: str, params: Params | None = None, line: int | None = None) -> str:
    """Return why something was skipped, with the number of its line if it is part of a paste."""
    values = {name: _shown(value) for name, value in (params or {}).items()}
    if line is None:
        return _problem(reason, values)
    values["line"] = formats.number(line)
    if reason == SkipReason.MORE_LINES:
        return _more_lines(int((params or {}).get("count", 0)), values)
    if words := WORDS_WITH_LINE.get(reason):
        return str(words) % values
    # Translators: problem is a whole sentence.
    return gettext("Line %(line)s: %(problem)s") % {
        "line": values["line"],
        "problem": _problem(reason, values),
    }


def _problem(reason: str, values: dict[str, str]) -> str:
    fallback = LINK + "unreachable" if reason.startswith(LINK) else SkipReason.NOT_A_MAGNET
    words = WORDS.get(reason) or WORDS.get(reason.removeprefix(LINK))  # of the file behind a link
    return str(words or WORDS[fallback]) % values


def _more_lines(count: int, values: dict[str, str]) -> str:
    return ngettext(
        "From line %(line)s on, %(count)s more line or link can’t be used.",
        "From line %(line)s on, %(count)s more lines or links can’t be used.",
        count,
    ) % {"line": values["line"], "count": formats.number(count)}


def _shown(value: str | int) -> str:
    return formats.number(value) if isinstance(value, int) else value
