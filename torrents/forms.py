from __future__ import annotations

import base64
import binascii
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.utils.datastructures import MultiValueDict

from accounts.models import TorBoxAccount, User
from torbox import magnets
from torbox.torrentfiles import MAX_TORRENT_FILE

from .models import Seed
from .services.adding import Options

MOST_TEXT = 8_000_000
MOST_WITHOUT = 1000
MOST_KEPT = (
    6_000_000  # bytes of .torrent files that travel inside a page; DATA_UPLOAD_MAX_MEMORY_SIZE is twice that
)


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Several .torrent files; cleans to a list of (name, bytes), oversized ones cut so that the parser refuses them."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[tuple[str, bytes]]:
        files: list[UploadedFile[Any]] = data if isinstance(data, list) else [data] if data else []
        return [(file.name or "file", file.read(MAX_TORRENT_FILE + 1)) for file in files]


class AddForm(forms.Form):
    """A paste, files, and every option of createtorrent. Lines that make no sense are not errors of the form."""

    text = forms.CharField(label="Magnets, hashes or text with them", required=False, max_length=MOST_TEXT)
    files = ManyFilesField(label=".torrent files", required=False)  # type: ignore[assignment]
    seed = forms.TypedChoiceField(
        choices=Seed,
        coerce=int,
        empty_value=1,  # type: ignore[arg-type]
        required=False,
    )
    allow_zip = forms.BooleanField(label="Zip torrents of 100 files and more", required=False, initial=True)
    name = forms.CharField(label="Name", required=False, max_length=500)
    as_queued = forms.BooleanField(label="Put into TorBox’s queue", required=False)
    only_if_cached = forms.BooleanField(label="Only cached", required=False)
    hidden = forms.BooleanField(
        label="Only I see it", required=False, help_text="And the owner of the TorBox account it is added to."
    )

    def __init__(self, accounts: QuerySet[TorBoxAccount], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.accounts = accounts
        self.chosen: TorBoxAccount | None = None
        self.account_field = forms.ModelChoiceField(
            accounts, label="TorBox account", required=False, empty_label="Chosen for you"
        )
        self.fields["account"] = self.account_field
        if len(accounts) < 2:
            self.fields["account"].widget = forms.HiddenInput()
        self.fields["text"].widget = forms.Textarea(
            attrs={"rows": 1, "placeholder": "Paste magnets, hashes or .torrent files", "spellcheck": "false"}
        )
        self.fields["files"].widget.attrs["accept"] = ".torrent,application/x-bittorrent"

    def clean_allow_zip(self) -> bool:
        """An unticked box means no only where there was one: what is shared or linked to has none."""
        return self.cleaned_data["allow_zip"] or "allow_zip_shown" not in self.data

    @property
    def target(self) -> TorBoxAccount | None:
        """The account that was named, else the one chosen for the person, else the first with a good key."""
        first = min(self.accounts, key=lambda account: account.needs_key, default=None)
        return self.cleaned_data.get("account") or self.chosen or first

    def choose(self, account: TorBoxAccount, reason: str) -> None:
        """What the form says, and does, while no account is named."""
        self.chosen = account
        self.account_field.empty_label = f"{account.label}: {reason}" if reason else account.label

    @property
    def promised(self) -> TorBoxAccount | None:
        """The account that the preview said it would be."""
        promised = self.data.get("chosen", "")
        return next((account for account in self.accounts if str(account.pk) == promised), None)

    @property
    def may_hide(self) -> bool:
        """Whether there is anybody to hide from."""
        return any(getattr(account, "is_shared", False) for account in self.accounts)

    @property
    def options(self) -> Options:
        chosen = ("seed", "allow_zip", "name", "as_queued", "only_if_cached", "hidden")
        return Options(**{name: self.cleaned_data[name] for name in chosen})

    @property
    def without(self) -> list[str]:
        """What the person took out of the preview: info hashes, and lines that were skipped anyway."""
        tokens = self.data.getlist("without") if isinstance(self.data, MultiValueDict) else []
        return [token for token in tokens[:MOST_WITHOUT] if len(token) <= 40]

    @property
    def uncached(self) -> set[str]:
        """What the preview called not cached, when only cached ones are wanted."""
        return set(self.data.get("uncached", "").split()) if self.cleaned_data["only_if_cached"] else set()

    @property
    def all_files(self) -> list[tuple[str, bytes]]:
        """The files that were chosen now, and those an earlier page kept: (name, bytes)."""
        kept = self.data.getlist("kept") if isinstance(self.data, MultiValueDict) else []
        return [*self.cleaned_data["files"], *filter(None, map(_unpacked, kept))]

    @property
    def kept(self) -> list[str]:
        """All files as hidden fields: a browser does not fill a file field again on the next page."""
        packed = [_packed(name, data) for name, data in self.all_files] if self.is_valid() else []
        return packed if sum(map(len, packed)) <= MOST_KEPT * 4 // 3 else []

    @property
    def kept_too_large(self) -> bool:
        return self.is_valid() and bool(self.all_files) and not self.kept


def _packed(name: str, data: bytes) -> str:
    return f"{base64.b64encode(data).decode()} {name[:200]}"


def _unpacked(field: str) -> tuple[str, bytes] | None:
    data, _, name = field.partition(" ")
    try:
        return name[:200], base64.b64decode(data, validate=True)
    except binascii.Error:
        return None


class LookupForm(forms.Form):
    hash = forms.CharField(label="Magnet or info hash", required=False, max_length=20_000)
    file = forms.FileField(label="or a .torrent file", required=False)
    timeout = forms.IntegerField(
        label="Seconds to search", min_value=1, max_value=60, initial=10, required=False
    )
    use_cache_lookup = forms.BooleanField(label="Use what TorBox has cached", required=False)
    peers_only = forms.BooleanField(label="Only count seeds and peers", required=False)

    def clean_hash(self) -> magnets.Magnet | None:
        if not self.cleaned_data["hash"].strip():
            return None
        try:
            return magnets.parse(self.cleaned_data["hash"])
        except magnets.InvalidMagnet as error:
            raise forms.ValidationError(str(error)) from None

    def clean_timeout(self) -> int:
        return self.cleaned_data["timeout"] or 10

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("hash") and not data.get("file") and "hash" not in self.errors:
            raise forms.ValidationError("Paste a magnet or an info hash, or choose a .torrent file.")
        return data


class CheckForm(forms.Form):
    ANSWERS = [("object", "An object by hash"), ("list", "A list")]

    text = forms.CharField(
        label="Magnets or info hashes", max_length=MOST_TEXT, widget=forms.Textarea(attrs={"rows": 6})
    )
    list_files = forms.BooleanField(label="List the files", required=False)
    answer = forms.ChoiceField(label="Answer as", choices=ANSWERS, initial="object", required=False)

    def clean_answer(self) -> str:
        return self.cleaned_data["answer"] or "object"


class LeaveForm(forms.Form):
    """What becomes of what somebody has here."""

    WHAT = [("delete", "Delete it with them"), ("hand_over", "Hand it over to")]

    what = forms.ChoiceField(choices=WHAT, widget=forms.RadioSelect)
    heir = forms.ModelChoiceField(User.objects.none(), required=False, empty_label="choose somebody")

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["heir"].queryset = User.objects.heirs_of(person).order_by("username")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("what") == "delete":
            data["heir"] = None
        elif data.get("what") and not data.get("heir") and "heir" not in self.errors:
            self.add_error("heir", "Choose who gets it.")
        return data
