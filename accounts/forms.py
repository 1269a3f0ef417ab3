from __future__ import annotations

import hashlib
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as codes
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.contrib.auth.forms import BaseUserCreationForm
from django.core.cache import cache
from fido2.webauthn import AuthenticationResponse, RegistrationResponse

from . import services
from .models import Share, TorBoxAccount, User
from .models.people import validate_visible

CODE_GOOD_SECONDS = 30 * 4  # the period before, this one, the one after, and some
UNREADABLE = "The passkey’s answer could not be read. Load the page again and retry."


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


class CredentialField(forms.JSONField):
    """What a browser answered about a passkey, as `kind` reads it. Nonsense is one plain mistake of the form."""

    def __init__(self, kind: type[RegistrationResponse | AuthenticationResponse]) -> None:
        self.kind = kind
        super().__init__(widget=forms.HiddenInput)

    def clean(self, value: Any) -> Any:
        answer = super().clean(value)
        try:
            self.kind.from_dict(answer)
        except Exception:  # the library lets out whatever goes wrong in bytes that anybody may post
            raise forms.ValidationError(UNREADABLE) from None
        return answer


class AddPasskeyForm(webauthn.AddWebAuthnForm):  # type: ignore[misc]
    """Every passkey signs in alone: it is made discoverable, and has to have checked who holds it."""

    name = forms.CharField(label="Call it", max_length=60, required=False, validators=[validate_visible])
    credential = CredentialField(RegistrationResponse)
    passwordless = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def clean_passwordless(self) -> bool:
        return True


class RenamePasskeyForm(webauthn.EditWebAuthnForm):  # type: ignore[misc]
    name = forms.CharField(label="Call it", max_length=60, validators=[validate_visible])


class UsedOnce:
    """allauth remembers a used code for one period of the app, but with a tolerance for clocks it is good for three."""

    user: User

    def clean_code(self) -> str:
        code: str = super().clean_code()  # type: ignore[misc]
        said = f"code-used-{self.user.pk}-{hashlib.sha256(code.strip().encode()).hexdigest()}"
        if not cache.add(said, True, CODE_GOOD_SECONDS):
            raise get_adapter().validation_error("incorrect_code")
        return code


class CodeForm(UsedOnce, codes.AuthenticateForm):  # type: ignore[misc]
    """The second step of signing in."""


class ConfirmCodeForm(UsedOnce, codes.ReauthenticateForm):  # type: ignore[misc]
    """The same before something changes."""


class PasskeySignInForm(webauthn.LoginWebAuthnForm):  # type: ignore[misc]
    credential = CredentialField(AuthenticationResponse)


class PasskeySecondStepForm(webauthn.AuthenticateWebAuthnForm):  # type: ignore[misc]
    credential = CredentialField(AuthenticationResponse)


class PasskeyConfirmForm(webauthn.ReauthenticateWebAuthnForm):  # type: ignore[misc]
    credential = CredentialField(AuthenticationResponse)


class LevelForm(forms.Form):
    level = forms.ChoiceField(label="May", choices=Share.Level, initial=Share.Level.ADD)


class PersonField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: User) -> str:
        return f"{obj.display_name} ({obj.get_role_display().lower()})"


class ShareForm(LevelForm):
    """Whom to share with: somebody of the house who does not have the account yet."""

    field_order = ("person", "level")

    def __init__(self, account: TorBoxAccount, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = services.to_share_with(account)
        self.fields["person"] = PersonField(self.people, label="Share with", empty_label="Choose somebody")
        self.order_fields(self.field_order)
