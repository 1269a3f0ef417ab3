from __future__ import annotations

import sys
from getpass import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import services
from accounts.forms import KeyForm
from accounts.models import User
from accounts.problems import problem_words


class Command(BaseCommand):
    help = "Connect a TorBox account for a person. The API key is read from standard input or a prompt."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="the person's username")
        parser.add_argument("--label", default="", help="a name for the TorBox account")

    def handle(self, *args: Any, name: str, label: str, **options: Any) -> None:
        owner = User.objects.called(name)
        if owner is None:
            raise CommandError(f"No person is named {name}.")
        form = KeyForm({"api_key": getpass("API key: ") if sys.stdin.isatty() else sys.stdin.readline()})
        if not form.is_valid():
            raise CommandError(" ".join(map(str, form.errors["api_key"])))
        try:
            account = services.connect(owner=owner, api_key=form.cleaned_data["api_key"], label=label)
        except services.KeyProblem as problem:
            raise CommandError(problem_words(problem)) from None
        self.stdout.write(f"Connected {account.label} (plan {account.plan_name}, key …{account.last_four}).")
