from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from accounts.models import TorBoxAccount
from torbox.guarded_fetch import MAX_URL
from torbox.torrentfiles import MAX_TORRENT_FILE
from torrents.models import Seed
from torrents.services.actions import tagging
from torrents.services.actions.adding import Options

MAX_TEXT = 8_000_000
MAX_LINK = 200_000  # characters of one pasted magnet; `torbox.magnets` stores fewer
MAX_WITHOUT = 1000
MAX_TAGS = 2100  # characters; `tagging` takes 20 tags
MAX_FETCHED = 100
MAX_FETCHED_BYTES = 1_500_000
# Bytes of .torrent files that are kept inside a page. DATA_UPLOAD_MAX_MEMORY_SIZE is twice that.
MAX_KEPT = 6_000_000


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Several .torrent files, cleaned to a list of (name, bytes). Large ones are cut, and the parser refuses them."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[tuple[str, bytes]]:
        files: list[UploadedFile[Any]] = data if isinstance(data, list) else [data] if data else []
        return [(file.name or "file", file.read(MAX_TORRENT_FILE + 1)) for file in files]


class AddForm(forms.Form):
    """A paste, files, and every option of createtorrent. Unusable lines are not form errors."""

    text = forms.CharField(
        label=_("Magnet links, info hashes, or text with them"), required=False, max_length=MAX_TEXT
    )
    files = ManyFilesField(label=_(".torrent files"), required=False)  # type: ignore[assignment]
    seed = forms.TypedChoiceField(
        label=_("Seed"),
        choices=Seed,
        coerce=int,
        empty_value=1,  # type: ignore[arg-type]
        required=False,
    )
    allow_zip = forms.BooleanField(
        label=_("Let TorBox zip torrents with 100 or more files"), required=False, initial=True
    )
    name = forms.CharField(label=_("Name for a single torrent"), required=False, max_length=500)
    tags = forms.CharField(
        label=_("Tags, separated by commas"),
        required=False,
        max_length=MAX_TAGS,
        widget=forms.TextInput(attrs={"list": "known-tags", "autocomplete": "off", "autocapitalize": "off"}),
    )
    as_queued = forms.BooleanField(label=_("Queue without starting"), required=False)
    only_if_cached = forms.BooleanField(label=_("Only cached"), required=False)
    hidden = forms.BooleanField(
        label=_("Hide from others"),
        required=False,
        help_text=_("Only you and the owner of the TorBox account will see what you add."),
    )

    def __init__(self, accounts: Sequence[TorBoxAccount], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.accounts = accounts
        by_key = {str(account.pk): account for account in accounts}
        self.fields["account"] = forms.TypedChoiceField(
            label=_("TorBox account"),
            choices=[("", _("Choose for me")), *((key, account.label) for key, account in by_key.items())],
            coerce=by_key.__getitem__,
            empty_value=None,
            required=False,
        )
        if len(accounts) < 2:
            self.fields["account"].widget = forms.HiddenInput()
        self.fields["text"].widget = forms.Textarea(
            attrs={
                "rows": 1,
                "placeholder": _("Paste magnet links, hashes, or .torrent files"),
                "spellcheck": "false",
            }
        )
        # There is no `accept`, because iPads don't know the .torrent type and wouldn't offer such files.

    def clean_allow_zip(self) -> bool:
        """Return True if the form had no checkbox. Shared texts and links come without one."""
        return self.cleaned_data["allow_zip"] or "allow_zip_shown" not in self.data

    @property
    def named(self) -> TorBoxAccount | None:
        """Return the account that the person chose."""
        return self.cleaned_data.get("account") if self.is_valid() else None

    @property
    def promised(self) -> str:
        """Return the key of the account that the preview showed."""
        return str(self.data.get("chosen", ""))

    @property
    def may_hide(self) -> bool:
        """Return whether a torrent can be hidden, which is so on a shared account."""
        return any(getattr(account, "is_shared", False) for account in self.accounts)

    def options_for(self, count: int) -> Options:
        """Return the options for `count` torrents. The name is dropped for several, because all would get the same."""
        chosen = ("seed", "allow_zip", "name", "as_queued", "only_if_cached", "hidden")
        tags = tuple(tagging.clean(self.cleaned_data["tags"]))
        options = Options(**{name: self.cleaned_data[name] for name in chosen}, tags=tags)
        return replace(options, name="") if count > 1 else options

    @property
    def without(self) -> list[str]:
        """Return what the person removed from the preview: info hashes, and tokens of skipped lines."""
        tokens = self.data.getlist("without") if isinstance(self.data, MultiValueDict) else []
        return [token for token in tokens[:MAX_WITHOUT] if len(token) <= 40]

    @property
    def uncached(self) -> set[str]:
        """Return the hashes that the preview showed as not cached, if only cached torrents are wanted."""
        return set(self.data.get("uncached", "").split()) if self.cleaned_data["only_if_cached"] else set()

    @property
    def all_files(self) -> list[tuple[str, bytes]]:
        """Return the uploaded files and those kept from an earlier page: (name, bytes)."""
        kept = self.data.getlist("kept") if isinstance(self.data, MultiValueDict) else []
        return [*self.cleaned_data["files"], *filter(None, map(_unpacked, kept))]

    @property
    def kept(self) -> list[str]:
        """Return all files as hidden fields, because a browser doesn't keep a file field on the next page."""
        packed = [as_field(name, data) for name, data in self.all_files] if self.is_valid() else []
        return packed if sum(map(len, packed)) <= MAX_KEPT * 4 // 3 else []

    @property
    def fetched(self) -> dict[str, bytes]:
        """Return the files that an earlier page fetched, by URL. They are validated like uploads."""
        packed = self.data.getlist("fetched")[:MAX_FETCHED] if isinstance(self.data, MultiValueDict) else []
        return dict(filter(None, (_unpacked(text, MAX_URL) for text in packed)))

    @property
    def kept_too_large(self) -> bool:
        return self.is_valid() and bool(self.all_files) and not self.kept


@dataclass(frozen=True)
class OfferedAccounts:
    """The accounts to add to, by primary key, and nothing else about them than the empty form shows."""

    names: tuple[tuple[int, str], ...]
    is_shared: bool

    @classmethod
    def of(cls, accounts: Sequence[TorBoxAccount]) -> Self:
        names = tuple((account.pk, account.label) for account in accounts)
        return cls(names, any(account.is_shared for account in accounts))

    @property
    def form(self) -> AddForm:
        """Return the empty form."""
        accounts = [TorBoxAccount(pk=pk, label=label) for pk, label in self.names]
        for account in accounts:
            account.is_shared = self.is_shared
        return AddForm(accounts)


def packed_links(fetched: dict[str, bytes]) -> list[str]:
    """Return fetched files as hidden fields. Those that don't fit are fetched again when they are added."""
    carried: list[str] = []
    room = MAX_FETCHED_BYTES
    for url, data in fetched.items():
        room -= len(data)
        if room >= 0:
            carried.append(as_field(url, data, MAX_URL))
    return carried


def as_field(name: str, data: bytes, longest: int = 200) -> str:
    """Return a .torrent file as the value of a hidden field, which `kept` and `fetched` read."""
    return f"{base64.b64encode(data).decode()} {name[:longest]}"


def _unpacked(field: str, longest: int = 200) -> tuple[str, bytes] | None:
    data, _, name = field.partition(" ")
    try:
        return name[:longest], base64.b64decode(data, validate=True)
    except ValueError:  # binascii.Error, or text that is not ASCII
        return None
