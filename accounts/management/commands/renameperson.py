from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import services
from accounts.models import User
from accounts.problems import problem_words


class Command(BaseCommand):
    help = "Change a person's username. Their password, passkeys, and sessions stay."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "name", help="the current username, or as manage.py doctor shows it if two people share one"
        )
        parser.add_argument("new_name")

    def handle(self, *args: Any, name: str, new_name: str, **options: Any) -> None:
        person = User.objects.called(name)
        if person is None:
            raise CommandError(f"No person is named {name}.")
        try:
            services.rename(person, new_name)
        except services.CannotCreate as problem:
            raise CommandError(problem_words(problem)) from None
        self.stdout.write(f"They now sign in as {person.username}.")
