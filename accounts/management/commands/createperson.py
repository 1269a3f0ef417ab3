from __future__ import annotations

import sys
from getpass import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import services
from accounts.models import User
from accounts.problems import problem_words


class Command(BaseCommand):
    help = "Create a member or guest. The password is read from standard input or a prompt."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--role", choices=[User.Role.MEMBER, User.Role.GUEST], default=User.Role.MEMBER)

    def handle(self, *args: Any, name: str, role: str, **options: Any) -> None:
        password = getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        try:
            services.create_person(username=name, password=password, role=role)
        except services.CannotCreate as problem:
            raise CommandError(problem_words(problem)) from None
        self.stdout.write(f"{name} can now sign in.")
