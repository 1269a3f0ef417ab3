"""allauth's forms for passwords, with our words."""

from __future__ import annotations

from allauth.account import forms
from allauth.account.fields import PasswordField, SetPasswordField
from django.utils.translation import gettext_lazy as _

from .forms import PASSWORD_HELP


class ChangePasswordForm(forms.ChangePasswordForm):  # type: ignore[misc]
    oldpassword = PasswordField(label=_("Current password"), autocomplete="current-password")
    password1 = SetPasswordField(label=_("New password"), help_text=PASSWORD_HELP)
    password2 = PasswordField(label=_("Confirm new password"), autocomplete="new-password")


class SetPasswordForm(forms.SetPasswordForm):  # type: ignore[misc]
    password1 = SetPasswordField(label=_("Password"), help_text=PASSWORD_HELP)
    password2 = PasswordField(label=_("Confirm password"), autocomplete="new-password")
