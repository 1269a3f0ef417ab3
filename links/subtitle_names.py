"""Which subtitle files belong to a video, and what to call them, by their paths in the torrent. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple

from django.utils.translation import gettext as _

from localization.language_names import code_of, name_of
from torrents.formatting import display_name
from torrents.media import media_kind

from .target_paths import EPISODE

EXTENSIONS = frozenset(["srt", "vtt", "ass", "ssa", "sub"])
FOLDERS = frozenset(["sub", "subs", "subtitle", "subtitles", "srt", "vtt"])
MAX_TRACKS = 40  # of one video
SEPARATORS = re.compile(r"[\s._,;+()\[\]{}-]+")
REGION = re.compile(r"(?<![a-z])([a-z]{2})[-_]([a-z]{2})$", re.IGNORECASE)
SAMPLE = re.compile(r"(?<![a-z])sample(?![a-z])", re.IGNORECASE)
FORCED = frozenset(["forced", "foreign", "signs"])
FOR_DEAF = frozenset(["sdh", "cc", "hi"])
WITHOUT_MEANING = frozenset(["default", "full", "sub", "subs", "subtitle", "subtitles"])


class Kind(NamedTuple):
    """What the name of a subtitle file says: the language, as a code or "", and what the subtitles are for."""

    language: str = ""
    forced: bool = False
    for_deaf: bool = False


def is_subtitles(path: str) -> bool:
    """Return whether a file is named like subtitles that we can read."""
    return path.rpartition(".")[2].lower() in EXTENSIONS


def beside(video: str, paths: Collection[str]) -> list[str]:
    """Return those of `paths` that are subtitles of a video, in the order of their names.

    They are in its folder, or in one for subtitles there. They begin like the video, or like its episode, or it is the
    only video there.
    """
    folder = _folder(video)
    near = [
        path
        for path in paths
        if is_subtitles(path) and _is_near(path, folder) and not _is_picture(path, paths)
    ]
    if not near:
        return []
    videos = [path for path in paths if _folder(path) == folder and media_kind(path) == "video"]
    if [path for path in videos if not SAMPLE.search(_name(path))] != [video]:
        near = list(filter(_belonging(video, {video, *videos}, folder), near))
    return sorted(near)[:MAX_TRACKS]


def kind_of(path: str, video: str = "") -> Kind:
    """Return what the name of a subtitle file says about it, beyond the name of its video."""
    stem, prefix = _stem(path), _stem(video)
    own = stem[len(prefix) :] if prefix and stem.lower().startswith(prefix.lower()) else stem
    words = [word for word in SEPARATORS.split(own) if word]
    kind = Kind()
    while words:
        word = words.pop().lower()
        if word == "hi" and not any(map(code_of, words[-1:])):
            return kind._replace(language="hi")
        if word in FORCED:
            kind = kind._replace(forced=True)
        elif word in FOR_DEAF:
            kind = kind._replace(for_deaf=True)
        elif not (word.isdecimal() or word in WITHOUT_MEANING):
            region = REGION.search(own[: own.lower().rfind(word) + len(word)])
            return kind._replace(language=(region and code_of(region[0])) or code_of(word))
    return kind


def labels(video: str, paths: Iterable[str]) -> list[str]:
    """Return what a player calls each of the subtitle files of a video, in the reader's language. All differ."""
    paths = list(paths)
    found = [_label(kind_of(path, video)) for path in paths]
    return [
        label if label and found.count(label) == 1 else display_name(_name(path))
        for label, path in zip(found, paths, strict=True)
    ]


def _label(kind: Kind) -> str:
    language = name_of(kind.language)
    if not language:
        return ""
    if kind.forced:
        # Translators: subtitles only for what is spoken in another language: “English (forced)”.
        return _("%(language)s (forced)") % {"language": language}
    if kind.for_deaf:
        # Translators: subtitles for people who can't hear: “English (SDH)”.
        return _("%(language)s (SDH)") % {"language": language}
    return language


def _belonging(video: str, videos: Collection[str], folder: str) -> Callable[[str], bool]:
    """Return whether a subtitle file belongs to one of several videos: by its name or folder, else by its episode."""
    stem, stems = _stem(video).lower(), [_stem(other).lower() for other in videos]
    longer = [other for other in stems if other != stem and other.startswith(stem)]
    episode = _episode(stem)
    is_only_one = bool(episode) and [_episode(other) for other in stems].count(episode) == 1

    def belongs(path: str) -> bool:
        names = [_stem(path).lower(), *path[len(folder) :].lower().split("/")[:-1]]
        if any(_begins(name, stem) for name in names):
            return not any(_begins(name, other) for name in names for other in longer)
        if not is_only_one or episode not in map(_episode, names):
            return False
        return not any(_begins(name, other) for name in names for other in stems)

    return belongs


def _begins(name: str, stem: str) -> bool:
    """Return whether a name begins with a stem, and not with a longer number or word: not `Film 10` with `Film 1`."""
    return name.startswith(stem) and not name[len(stem) : len(stem) + 1].isalnum()


def _episode(name: str) -> str:
    found = EPISODE.search(name)
    return "/".join(str(int(number)) for number in re.findall(r"\d+", found[0])) if found else ""


def _is_near(path: str, folder: str) -> bool:
    """Return whether a file is in a folder, or in one for subtitles there, at most one level deeper."""
    if not path.startswith(folder):
        return False
    within = path[len(folder) :].split("/")[:-1]
    return not within or (within[0].lower() in FOLDERS and len(within) <= 2)


def _is_picture(path: str, paths: Collection[str]) -> bool:
    """Return whether a `.sub` file holds pictures of text (VobSub), which come with an `.idx` file."""
    return path.lower().endswith(".sub") and any(f"{path[:-4]}{end}" in paths for end in (".idx", ".IDX"))


def _folder(path: str) -> str:
    return path[: path.rfind("/") + 1]


def _name(path: str) -> str:
    return path[path.rfind("/") + 1 :]


def _stem(path: str) -> str:
    return _name(path).rpartition(".")[0]
