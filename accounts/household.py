"""Who lives here, as the household page shows it to one of them: nothing the viewer may not know is read."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.utils import timezone

from .models import Invitation, Share, TorBoxAccount, User

LEVELS = {Share.Level.VIEW: "may watch", Share.Level.ADD: "may add", Share.Level.MANAGE: "may manage"}


@dataclass(frozen=True)
class Signing:
    """With what somebody signs in, and in how many browsers they are signed in."""

    password: bool
    passkeys: int
    code: bool
    sessions: int

    @classmethod
    def of(cls, person: User) -> Self:
        return cls.of_all([person])[person.pk]

    @classmethod
    def of_all(cls, people: Iterable[User]) -> dict[int, Self]:
        """By id of the person, with two queries for all of them."""
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
        """One lost device away from being locked out."""
        return not self.password and self.passkeys < 2

    def __str__(self) -> str:
        ways = ["passkey"] * bool(self.passkeys) + ["password"] * self.password + ["code"] * self.code
        said = " and ".join(ways[:2]) if len(ways) < 3 else "passkey, password and code"
        count = f"{self.sessions} session{'s' * (self.sessions != 1)}" if self.sessions else ""
        return " · ".join(filter(None, [(said or "cannot sign in").capitalize(), count]))


@dataclass(frozen=True)
class Row:
    person: User
    torbox: list[str]
    signing: Signing | None


def page(viewer: User) -> dict[str, Any]:
    """The context of the household page; sign-in details and invitations are for owners only."""
    people = list(User.objects.household_of(viewer).order_by("date_joined", "pk"))
    people.sort(key=lambda person: (not person.is_active, list(User.Role).index(User.Role(person.role))))
    accounts = TorBoxAccount.objects.all() if viewer.is_owner else TorBoxAccount.objects.visible_to(viewer)
    known = list(accounts.select_related("owner").prefetch_related("shares"))
    torbox, signing = _torbox(known), Signing.of_all(people) if viewer.is_owner else {}
    open_ = Invitation.objects.filter(expires_at__gt=timezone.now()).select_related("made_by", "person")
    return {
        "rows": [Row(person, torbox[person.pk], signing.get(person.pk)) for person in people],
        "account_count": len(known),
        "invitations": list(open_) if viewer.is_owner else [],
    }


def _torbox(accounts: list[TorBoxAccount]) -> dict[int, list[str]]:
    """By id of the person: whose accounts they use and how."""
    said: dict[int, list[str]] = defaultdict(list)
    for account in accounts:
        said[account.owner_id].append(f"Own key, {account.plan_name}" if account.plan_name else "Own key")
    for account in accounts:
        for share in account.shares.all():
            said[share.user_id].append(f"{account.owner.display_name}’s, {LEVELS[Share.Level(share.level)]}")
    return said
