from __future__ import annotations

from django.core.management.base import CommandParser

from accounts.models import User

from .createperson import Command as CreatePerson


class Command(CreatePerson):
    help = "Create an owner. The password is read from standard input or a prompt."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.set_defaults(role=User.Role.OWNER)
