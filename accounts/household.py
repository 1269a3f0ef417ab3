"""The household page as one person sees it. Nothing is read that the viewer may not know."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from localization import formats

from .models import Invitation, Share, TorBoxAccount, User


@dataclass(frozen=True)
class Signing:
    """How a person signs in, and in how many browsers they are signed in."""

    password: bool
    passkeys: int
    code: bool
    sessions: int

    @classmethod
    def of(cls, person: User) -> Self:
        return cls.of_all([person])[person.pk]

    @classmethod
    def of_all(cls, people: Iterable[User]) -> dict[int, Self]:
        """Return them by the person's id, with two queries for everyone."""
        found = {person.pk: person for person in people}
        kinds = Counter(Authenticator.objects.filter(user__in=found).values_list("user_id", "type"))
        alive = Session.objects.filter(expire_date__gt=timezone.now()).values("session_key")
        browsers = UserSession.objects.filter(user__in=found, session_key__in=alive)
        sessions = Counter(browsers.values_list("user_id", flat=True))
        return {
            pk: cls(
                password=person.has_usable_password(),
                passkeys=kinds[pk, Authenticator.Type.WEBAUTHN],
                code=bool(kinds[pk, Authenticator.Type.TOTP]),
                sessions=sessions[pk],
            )
            for pk, person in found.items()
        }

    @property
    def fragile(self) -> bool:
        """Whether losing one device would lock the person out."""
        return not self.password and self.passkeys < 2

    @property
    def methods(self) -> str:
        """What the person signs in with, in words."""
        words = {
            (True, False, False): _("Passkey"),
            (False, True, False): _("Password"),
            (False, False, True): _("Authenticator app"),
            (True, True, False): _("Passkey and password"),
            (True, False, True): _("Passkey and authenticator app"),
            (False, True, True): _("Password and authenticator app"),
            (True, True, True): _("Passkey, password, and authenticator app"),
        }
        return words.get((self.passkeys > 0, self.password, self.code), _("Can’t sign in"))

    @property
    def session_count(self) -> str:
        """The number of sessions in words."""
        return ngettext("%(count)s session", "%(count)s sessions", self.sessions) % {
            "count": formats.number(self.sessions)
        }

    def __str__(self) -> str:
        return f"{self.methods} · {self.session_count}" if self.sessions else self.methods


@dataclass(frozen=True)
class AccountUse:
    """A TorBox account that a person can use: one they own, or one shared with them at `level`."""

    account: TorBoxAccount
    level: str = ""


@dataclass(frozen=True)
class PersonRow:
    """One line of the page. `signing` is None when the viewer may not know it."""

    person: User
    accounts: list[AccountUse]
    signing: Signing | None


def page(viewer: User) -> dict[str, Any]:
    """Return the context of the household page. Sign-in details and invitations are for owners only."""
    people = list(User.objects.household_of(viewer).order_by("date_joined", "pk"))
    people.sort(key=lambda person: (not person.is_active, list(User.Role).index(User.Role(person.role))))
    accounts = TorBoxAccount.objects.all() if viewer.is_owner else TorBoxAccount.objects.visible_to(viewer)
    known = list(accounts.select_related("owner").prefetch_related("shares"))
    uses, signing = _uses(known), Signing.of_all(people) if viewer.is_owner else {}
    open_ = Invitation.objects.filter(expires_at__gt=timezone.now()).select_related("made_by", "person")
    return {
        "rows": [PersonRow(person, uses[person.pk], signing.get(person.pk)) for person in people],
        "account_count": len(known),
        "invitations": list(open_) if viewer.is_owner else [],
    }


def _uses(accounts: list[TorBoxAccount]) -> dict[int, list[AccountUse]]:
    """Return which accounts each person can use, their own first, by the person's id."""
    uses: dict[int, list[AccountUse]] = defaultdict(list)
    for account in accounts:
        uses[account.owner_id].append(AccountUse(account))
    for account in accounts:
        for share in account.shares.all():
            uses[share.user_id].append(AccountUse(account, str(Share.Level(share.level).label)))
    return uses
