from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """allauth, closed: people come in by the set-up link or are made by the owner."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
