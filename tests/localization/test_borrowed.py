"""What Django and allauth say on our pages is said in our words, in every language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any

import allauth
import pytest
from allauth.account import forms as account_forms
from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from babel.messages import Message
from django import forms
from django.conf import settings as configured
from django.contrib.auth.password_validation import get_default_password_validators, validate_password
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import translation

from accounts.adapter import AccountAdapter, MFAAdapter
from accounts.forms import CredentialField
from accounts.models import User
from localization import catalogs, locales, pseudo
from torbox_web import urls
from torrents.pages.add.form import ManyFilesField

ROOT: Path = configured.BASE_DIR
FILES = {path.parents[1].name: path for path in (ROOT / "locale").glob("*/LC_MESSAGES/django.po")}
LIBRARY_PAGES = [*urls.signing_in, *urls.confirming, *urls.securing]
NEVER_REFUSE = (CredentialField, ManyFilesField)  # their own `clean` replaces every error
LABELED_BY_TEMPLATES = (account_forms.LoginForm,)
# What they are about doesn't exist here: email, phones, sign-up, and resetting a password by email.
UNREACHABLE = {
    "account": {
        "account_inactive", "cannot_remove_primary_email", "duplicate_email", "email_password_mismatch",
        "phone_password_mismatch", "email_taken", "incorrect_code", "invalid_or_expired_key", "invalid_login",
        "invalid_password_reset", "max_email_addresses", "phone_taken", "unknown_email", "unknown_phone",
        "unverified_primary_email", "username_blacklisted", "username_taken", "select_only_one", "same_as_current",
    },
    "mfa": {"add_email_blocked", "cannot_delete_authenticator", "unverified_email"},
}  # fmt: skip
ABOUT_THOSE = re.compile(r"email|phone|login_code")
FORMAL = {
    "de": r"\b(?:Ihr|Ihre\w*|Ihnen)\b|(?<![.!?] )(?<!^)\bSie\b",
    "fr": r"\b(?:[Vv]ous|[Vv]otre|[Vv]os)\b",
    "es": r"\b[Uu]sted(?:es)?\b",
    "nl": r"(?<!\d )\b[Uu]w?\b",  # a number before it makes it an hour
    "pl": r"\bPa(?:n|ni|na|nu|ństw\w*)\b",
    "zh_Hans": "您",
}


class Twos(dict[str, int]):
    """Numbers for every placeholder there may be."""

    def __missing__(self, key: str) -> int:
        return 2


class Ones(dict[str, int]):
    def __missing__(self, key: str) -> int:
        return 1


def our_forms() -> set[type[forms.BaseForm]]:
    """Return all our forms, and those of allauth whose pages have a URL."""
    for package in catalogs.PACKAGES:
        for module in walk_packages([str(ROOT / package)], f"{package}."):
            if not re.search(r"\.(?:migrations|management)\b|\.settings$|celery|wsgi", module.name):
                import_module(module.name)
    ours = {form for form in below(forms.BaseForm) if form.__module__.split(".")[0] in catalogs.PACKAGES}
    return ours | {form for form in map(form_of, LIBRARY_PAGES) if form}


def below(form: type[forms.BaseForm]) -> Iterator[type[forms.BaseForm]]:
    for direct in form.__subclasses__():
        yield direct
        yield from below(direct)


def form_of(route: Any) -> type[forms.BaseForm] | None:
    """Return the form of an allauth page, which we may have replaced."""
    view = getattr(route.callback, "view_class", None)
    if hasattr(view, "get_form_class"):
        return view().get_form_class()
    return getattr(view, "form_class", None)


def sentences() -> Iterator[tuple[str, Any]]:
    """Yield where each sentence of a form is, and the sentence, which may have placeholders."""
    for form in our_forms():
        yield from of_form(form)
        for name, field in form.base_fields.items():
            for place, sentence in of_field(form, field):
                yield f"{form.__name__}.{name} {place}", sentence
    for field in User._meta.get_fields():
        if isinstance(field, models.Field) and field.name in ("username", "shown_name"):
            yield from ((f"User.{field.name}", getattr(check, "message", None)) for check in field.validators)
    for adapter in (AccountAdapter, MFAAdapter):
        own = adapter.error_messages.keys() - UNREACHABLE["account" if adapter is AccountAdapter else "mfa"]
        yield from ((f"{adapter.__name__} {code}", adapter.error_messages[code]) for code in own)


def of_form(form: type[forms.BaseForm]) -> Iterator[tuple[str, Any]]:
    for code, sentence in getattr(form, "error_messages", {}).items():
        yield f"{form.__name__} {code}", sentence
    for name, by_code in (getattr(getattr(form, "_meta", None), "error_messages", None) or {}).items():
        yield from ((f"{form.__name__}.{name} {code}", sentence) for code, sentence in by_code.items())


def of_field(form: type[forms.BaseForm], field: forms.Field) -> Iterator[tuple[str, Any]]:
    if not issubclass(form, LABELED_BY_TEMPLATES):
        yield "label", field.label
        yield "placeholder", field.widget.attrs.get("placeholder")
        yield "help", field.help_text
    if not isinstance(field, NEVER_REFUSE):
        yield from field.error_messages.items()
        yield from (("validator", getattr(check, "message", None)) for check in field.validators)


def in_plain_letters(sentence: Any) -> list[str]:
    """Return the forms for one and for two that have words without accents."""
    written = [str(sentence % numbers) for numbers in (Ones(), Twos())]
    return [words for words in written if re.search(r"[A-Za-z]{2}", words)]


@pytest.fixture
def _accented(settings, tmp_path: Path):
    settings.LOCALE_PATHS = [pseudo.compile_all(ROOT, tmp_path)]
    settings.LANGUAGES = [("en", "English"), ("en-xa", "Accents")]
    locales.activate("en-xa")
    yield
    locales.activate("en")


@pytest.fixture
def _compiled(settings, tmp_path: Path):
    """Have the catalogs as they are now, whatever was compiled before."""
    for name, path in FILES.items():
        catalogs.write_compiled(tmp_path / name / "LC_MESSAGES" / "django.mo", catalogs.read(path))
    settings.LOCALE_PATHS = [tmp_path]
    yield
    locales.activate("en")


@pytest.mark.usefixtures("_accented")
def test_what_forms_say_is_in_our_catalogs():
    found = [(place, sentence) for place, sentence in sentences() if sentence]
    assert {"NameForm.username required", "ConfirmCodeForm.code label"} <= {place for place, _ in found}
    foreign = {place: plain for place, sentence in found if (plain := in_plain_letters(sentence))}
    assert not foreign, "Add them to localization/borrowed.py, or say them in our own words."


@pytest.mark.usefixtures("_accented")
@pytest.mark.parametrize("password", ["short", "password1234", "mara.delgado"])
def test_what_is_wrong_with_a_password_is_in_our_catalogs(password: str):
    with pytest.raises(ValidationError) as refused:
        validate_password(password, User(username="mara.delgado"))
    assert not [words for words in refused.value.messages if re.search("[A-Za-z]{2}", words)]


def test_every_rule_for_passwords_is_tried_above():
    assert len(get_default_password_validators()) == 3


@pytest.mark.parametrize(
    ("package", "theirs", "ours"),
    [("account", DefaultAccountAdapter, AccountAdapter), ("mfa", DefaultMFAAdapter, MFAAdapter)],
)
def test_the_errors_of_the_sign_in_library_are_in_our_words(package: str, theirs: Any, ours: Any):
    kept = {code for code, words in theirs.error_messages.items() if ours.error_messages[code] is words}
    assert kept == UNREACHABLE[package], "Say the new ones in accounts/adapter.py."


def test_the_messages_of_the_sign_in_library_are_in_our_words():
    folder = Path(allauth.__file__).parent / "templates"
    theirs = {
        str(path.relative_to(folder))
        for package in ("account", "mfa", "usersessions")
        for path in (folder / package / "messages").glob("*.txt")
        if not ABOUT_THOSE.search(path.name)
    }
    assert theirs and not {name for name in theirs if not (ROOT / "templates" / name).exists()}


def borrowed(locale: str) -> list[Message]:
    catalog = catalogs.read(FILES[locale])
    return [
        message
        for message in catalog
        if message.id and any(path == "localization/borrowed.py" for path, _ in message.locations)
    ]


@pytest.mark.usefixtures("_compiled")
@pytest.mark.parametrize("locale", sorted(FILES))
def test_our_translation_wins_over_that_of_the_package(locale: str):
    with translation.override(translation.to_language(locale)):
        for message in borrowed(locale):
            if isinstance(message.id, str):
                assert translation.gettext(message.id) == message.string
                continue
            said = {translation.ngettext(*message.id, n) for n in (0, 1, 2, 5, 21, 1_000_000)}
            assert said == set(message.string)


@pytest.mark.usefixtures("_compiled")
@pytest.mark.parametrize("locale", sorted(FILES))
def test_the_number_of_characters_is_in_every_form(locale: str):
    """Django fills in the number without looking whether there is room for it."""
    with translation.override(translation.to_language(locale)):
        for rule in get_default_password_validators():
            for least in (1, 2, 5, 1_000_000):
                if hasattr(rule, "min_length"):
                    assert str(least) in type(rule)(least).get_error_message()


@pytest.mark.parametrize("locale", sorted(FORMAL))
def test_people_are_addressed_informally(locale: str):
    wrong = [
        form
        for message in catalogs.read(FILES[locale])
        for form in ([message.string] if isinstance(message.string, str) else message.string)
        if message.id and re.search(FORMAL[locale], form)
    ]
    assert not wrong
