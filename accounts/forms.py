from __future__ import annotations

from typing import Any

from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.contrib.auth.forms import BaseUserCreationForm

from .models import User
from .models.people import validate_visible


class KeyForm(forms.Form):
    api_key = forms.CharField(
        label="API key",
        min_length=8,
        max_length=200,
        # Not a password field: it would invite the browser to store the key; nor is the value ever sent back.
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_api_key(self) -> str:
        key: str = self.cleaned_data["api_key"].strip()
        if not key.isascii() or not key.isprintable() or " " in key:
            raise forms.ValidationError("An API key is letters, digits and dashes, without spaces.")
        return key


class ConnectForm(KeyForm):
    label = forms.CharField(label="Call it", max_length=60, required=False, validators=[validate_visible])


class ReplaceKeyForm(KeyForm):
    """The box is there only once there is something to confirm."""

    other_account = forms.BooleanField(
        label="Yes, go on with the other TorBox account", required=False, widget=forms.HiddenInput
    )

    def ask_about_other_account(self) -> None:
        self.fields["other_account"].widget = forms.CheckboxInput()


class SettingsForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = User
        fields = ["shown_name", "appearance"]
        widgets = {"appearance": forms.RadioSelect}


class SetupForm(BaseUserCreationForm):  # type: ignore[type-arg]
    class Meta:
        model = User
        fields = ["username"]
        labels = {"username": "Name"}
        help_texts = {"username": "To sign in with: letters, digits and . _ - + @"}


class ReturnForm(BaseUserCreationForm):  # type: ignore[type-arg]
    """A new password for somebody who keeps their name."""

    class Meta:
        model = User
        fields: list[str] = []


class NameForm(forms.Form):
    """The name alone, for somebody who will sign in with a passkey. What is wrong with it the service says."""

    username = forms.CharField(max_length=150)


class InviteForm(forms.Form):
    ROLES = [
        (User.Role.MEMBER, "Member: has a TorBox account of their own here, or adds to one that is shared"),
        (User.Role.GUEST, "Guest: sees and downloads what is shared with them, adds nothing"),
    ]
    DAYS = [(1, "a day"), (7, "a week"), (30, "a month")]

    role = forms.ChoiceField(choices=ROLES, initial=User.Role.MEMBER, widget=forms.RadioSelect)
    days = forms.TypedChoiceField(label="The link is good for", choices=DAYS, coerce=int, initial=7)


class RoleForm(forms.Form):
    role = forms.ChoiceField(choices=User.Role, widget=forms.RadioSelect)


class AddPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """Every passkey signs in alone: it is made discoverable, and has to have checked who holds it."""

    passwordless = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = "Call it"
        self.fields["name"].max_length = 60

    def clean_passwordless(self) -> bool:
        return True
