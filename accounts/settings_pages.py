"""The pages of Settings: what they are called, and which of them another page belongs to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .models import User


@dataclass(frozen=True)
class SettingsPage:
    """An entry of the navigation. `view`, `below`, and `again` are names of URLs.

    `below`: those of the pages it leads to. `again`: those that show the page itself with what was wrong. `is_on`: whether
    the instance has this page.
    """

    key: str
    label: str | Promise
    view: str
    below: tuple[str, ...] = ()
    again: tuple[str, ...] = ()
    is_on: Callable[[], bool] = lambda: True

    @property
    def url(self) -> str:
        return reverse(self.view)

    def is_at(self, view: str) -> bool:
        return view == self.view or view in self.again

    def leads_to(self, view: str) -> bool:
        return view in self.below or view.partition(":")[0] == self.key


PAGES = (
    SettingsPage("profile", _("Profile"), "accounts:profile"),
    SettingsPage(
        "security",
        _("Sign-in"),
        "mfa_index",
        (
            *("usersessions_list", "account_change_password", "account_set_password"),
            *("mfa_add_webauthn", "mfa_edit_webauthn", "mfa_remove_webauthn"),
            *("mfa_activate_totp", "mfa_deactivate_totp"),
            *("mfa_view_recovery_codes", "mfa_generate_recovery_codes"),
        ),
    ),
    SettingsPage(
        "torbox",
        _("TorBox accounts"),
        "accounts:torbox",
        (
            *("accounts:account", "accounts:share", "accounts:connect"),
            *("accounts:replace_key", "accounts:disconnect"),
        ),
    ),
    SettingsPage("notifications", _("Notifications"), "notifications:settings"),
    SettingsPage("links", _("Links"), "links:manage"),
    # Translators: a page of Settings: the ways in for programs.
    SettingsPage("api", _("API"), "api:tokens", is_on=lambda: bool(settings.API_PROTOCOLS)),
    SettingsPage("browser", _("This browser"), "accounts:browser"),
    SettingsPage("data", _("Your data"), "accounts:data", ("torrents:delete_me",)),
)


_household: list[tuple[SettingsPage, Callable[[], bool]]] = []


def offer_to_owners(page: SettingsPage, is_on: Callable[[], bool]) -> None:
    """Add a page of another app to the group *Household*, which owners see, while `is_on()`."""
    _household.append((page, is_on))


def household_pages(user: User) -> tuple[SettingsPage, ...]:
    """Return the pages that an owner sees beside their own."""
    return tuple(page for page, is_on in _household if is_on()) if user.is_owner else ()


@dataclass(frozen=True)
class Place:
    """Where in Settings a page is. `household`: the pages about the household, for owners."""

    view: str
    household: tuple[SettingsPage, ...] = ()

    @property
    def pages(self) -> tuple[SettingsPage, ...]:
        """Return the pages that everyone has."""
        return tuple(page for page in PAGES if page.is_on())

    @property
    def is_overview(self) -> bool:
        """Whether this is Settings itself, which shows the first page where there is room beside the navigation."""
        return self.view == "accounts:settings"

    @property
    def is_below(self) -> bool:
        """Whether another page of Settings leads to this one."""
        return not self.is_overview and self.page is not None and not self.page.is_at(self.view)

    @property
    def page(self) -> SettingsPage | None:
        if self.is_overview:
            return PAGES[0]
        pages = (*self.pages, *self.household)
        itself = (page for page in pages if page.is_at(self.view))
        return next(itself, next((page for page in pages if page.leads_to(self.view)), None))
