from __future__ import annotations

from django import forms
from django.contrib.auth.forms import BaseUserCreationForm

from .models import User


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
    label = forms.CharField(label="Call it", max_length=60, required=False)


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
