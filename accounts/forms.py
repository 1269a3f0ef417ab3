from __future__ import annotations

import hashlib
import json
from typing import Any

from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as codes
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.conf import settings
from django.contrib.auth.forms import BaseUserCreationForm, UsernameField
from django.core.cache import cache
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from fido2.webauthn import AuthenticationResponse, RegistrationResponse

from localization.time_zones import by_city

from . import services
from .models import Share, TorBoxAccount, User
from .models.people import validate_visible
from .names import validate_one_alphabet
from .problems import WORDS, ProblemCode

CODE_GOOD_SECONDS = 30 * 4  # the previous period, the current one, the next one, and a margin
NAME_HELP = _("Your sign-in name. Use letters, digits, and . _ - + @")
PASSWORD_HELP = _("At least 10 characters. Longer is better.")
UNREADABLE = _("We couldn’t read the passkey. Reload the page and try again.")


class ClockField(forms.TimeField):
    """A time of the day, as browsers send it."""

    default_error_messages = {"invalid": _("Enter a time such as 22:00.")}

    def __init__(self, **more: Any) -> None:
        widget = forms.TimeInput(format="%H:%M", attrs={"type": "time"})
        super().__init__(input_formats=["%H:%M", "%H:%M:%S"], required=False, widget=widget, **more)


class KeyForm(forms.Form):
    api_key = forms.CharField(
        label=_("API key"),
        min_length=8,
        max_length=200,
        # Hidden like a password, but browsers are told not to store it, and the value is never sent back.
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_api_key(self) -> str:
        key: str = self.cleaned_data["api_key"].strip()
        if not key.isascii() or not key.isprintable() or " " in key:
            raise forms.ValidationError(_("An API key contains only letters, digits, and dashes."))
        return key


class ConnectForm(KeyForm):
    label = forms.CharField(
        label=_("Account name"), max_length=60, required=False, validators=[validate_visible]
    )


class ReplaceKeyForm(KeyForm):
    """A new API key. The checkbox appears only when there is something to confirm."""

    other_account = forms.BooleanField(
        label=_("Switch to the other TorBox account"), required=False, widget=forms.HiddenInput
    )

    def ask_about_other_account(self) -> None:
        self.fields["other_account"].widget = forms.CheckboxInput()


def languages() -> list[tuple[str, Any]]:
    """Return the languages to choose from, each called what it calls itself."""
    return [("", _("Match browser")), *settings.LANGUAGES]


def zones() -> list[tuple[str, Any]]:
    """Return the time zones to choose from, by continent and city."""
    return [("", _("Match browser")), *((zone, zone.replace("_", " ")) for zone in by_city())]


class SettingsForm(forms.ModelForm):  # type: ignore[type-arg]
    language = forms.ChoiceField(label=_("Language"), choices=languages, required=False)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=zones, required=False)

    class Meta:
        model = User
        fields = ["shown_name", "language", "time_zone", "appearance"]
        labels = {"shown_name": _("Display name"), "appearance": _("Appearance")}
        widgets = {"appearance": forms.RadioSelect}


class NameField(UsernameField):
    """A sign-in name, normalized as names are stored. Look-alike letters are rejected before that."""

    def to_python(self, value: Any) -> Any:
        validate_one_alphabet(value or "")
        return super().to_python(value)


class PasswordsForm(BaseUserCreationForm):  # type: ignore[type-arg]
    """A new password, typed twice."""

    # allauth has the same sentence, on the pages that change a password.
    error_messages = {"password_mismatch": _("You must type the same password each time.")}
    password1 = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=PASSWORD_HELP,
    )
    password2 = forms.CharField(
        label=_("Confirm password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    class Meta:
        model = User
        fields: list[str] = []


class SetupForm(PasswordsForm):
    class Meta:
        model = User
        fields = ["username"]
        field_classes = {"username": NameField}
        labels = {"username": pgettext_lazy("of a person", "Name")}
        help_texts = {"username": NAME_HELP}
        error_messages = {"username": {"unique": WORDS[ProblemCode.NAME_TAKEN]}}


class ReturnForm(PasswordsForm):
    """A new password for a person who keeps their name."""


class NameForm(forms.Form):
    """The name alone, for a person who will sign in with a passkey. The service checks it."""

    username = NameField(max_length=150)


class InviteForm(forms.Form):
    ROLES = [
        (User.Role.MEMBER, _("Member: connects a TorBox account or adds to a shared one")),
        (User.Role.GUEST, _("Guest: sees and downloads what’s shared with them, but can’t add torrents")),
    ]
    DAYS = [(1, _("1 day")), (7, _("1 week")), (30, _("1 month"))]

    role = forms.ChoiceField(
        label=_("Role"), choices=ROLES, initial=User.Role.MEMBER, widget=forms.RadioSelect
    )
    days = forms.TypedChoiceField(label=_("Link expires after"), choices=DAYS, coerce=int, initial=7)


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=User.Role, widget=forms.RadioSelect)


class CredentialField(forms.JSONField):
    """A browser's response about a passkey, in the format of `kind`. Anything else is one error of the form."""

    def __init__(self, kind: type[RegistrationResponse | AuthenticationResponse]) -> None:
        self.kind = kind
        super().__init__(widget=forms.HiddenInput)

    def clean(self, value: Any) -> Any:
        try:
            answer = super().clean(value)
            json.dumps(
                answer, ensure_ascii=False
            ).encode()  # a lone surrogate can be neither hashed nor stored
            self.kind.from_dict(answer)
        except Exception:  # the library lets every error through that arbitrary bytes can cause
            raise forms.ValidationError(UNREADABLE) from None
        return answer

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Return nothing to show again: the browser makes a new response, and this one may not even parse."""
        return initial


class AddPasskeyForm(webauthn.AddWebAuthnForm):  # type: ignore[misc]
    """Adds a passkey that signs in alone: it is discoverable and must have verified the person."""

    name = forms.CharField(
        label=_("Passkey name"), max_length=60, required=False, validators=[validate_visible]
    )
    credential = CredentialField(RegistrationResponse)
    passwordless = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def clean_passwordless(self) -> bool:
        return True


class RenamePasskeyForm(webauthn.EditWebAuthnForm):  # type: ignore[misc]
    name = forms.CharField(label=_("Passkey name"), max_length=60, validators=[validate_visible])


class UsedOnce:
    """Accepts each code once.

    allauth remembers a used code for one period of the app, but its tolerance for clocks makes a code valid for three.
    """

    user: User

    def clean_code(self) -> str:
        code: str = super().clean_code()  # type: ignore[misc]
        said = f"code-used-{self.user.pk}-{hashlib.sha256(normalize_user_code(code).encode()).hexdigest()}"
        if not cache.add(said, True, CODE_GOOD_SECONDS):
            raise get_adapter().validation_error("incorrect_code")
        return code


class ActivateCodeForm(UsedOnce, totp.ActivateTOTPForm):  # type: ignore[misc]
    """The code that proves the app has the secret. It can't be used to sign in afterwards."""


class CodeForm(UsedOnce, codes.AuthenticateForm):  # type: ignore[misc]
    """The second step of sign-in."""


class ConfirmCodeForm(UsedOnce, codes.ReauthenticateForm):  # type: ignore[misc]
    """The code that confirms a change of security settings."""


class PasskeySignInForm(webauthn.LoginWebAuthnForm):  # type: ignore[misc]
    credential = CredentialField(AuthenticationResponse)


class PasskeySecondStepForm(webauthn.AuthenticateWebAuthnForm):  # type: ignore[misc]
    credential = CredentialField(AuthenticationResponse)


class PasskeyConfirmForm(webauthn.ReauthenticateWebAuthnForm):  # type: ignore[misc]
    credential = CredentialField(AuthenticationResponse)


class LevelForm(forms.Form):
    level = forms.ChoiceField(label=_("Access"), choices=Share.Level, initial=Share.Level.ADD)


class PersonField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: User) -> str:
        return f"{obj.display_name} · {obj.get_role_display()}"


class ShareForm(LevelForm):
    """Shares an account with a person of the household who doesn't have it yet."""

    field_order = ("person", "level")

    def __init__(self, account: TorBoxAccount, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = services.to_share_with(account)
        self.fields["person"] = PersonField(
            self.people, label=_("Share with"), empty_label=_("Choose a person")
        )
        self.order_fields(self.field_order)
