from __future__ import annotations

from typing import Any

from babel import UnknownLocaleError
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import to_locale

from ... import catalogs


class Command(BaseCommand):
    help = "Bring the translations up to date with the interface's sentences, or start a new language."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--compile", action="store_true", help="only compile what has been translated")
        parser.add_argument("--add", metavar="LANGUAGE", help="a language code such as sv or pt-br")

    def handle(self, *args: Any, add: str | None = None, **options: Any) -> None:
        folder = settings.BASE_DIR / "locale"
        if options["compile"]:
            catalogs.compile_all(folder)
            return
        files = sorted(folder.glob("*/LC_MESSAGES/django.po"))
        if add:
            files.append(folder / to_locale(add) / "LC_MESSAGES" / "django.po")
        sentences = catalogs.collect(settings.BASE_DIR)
        for file in files:
            try:
                catalogs.update(file, sentences)
            except (UnknownLocaleError, ValueError):
                raise CommandError(f"{add} isn't a language code. Try something like sv or pt-br.") from None
            waiting = len(catalogs.untranslated(catalogs.read(file)))
            self.stdout.write(
                f"{file.relative_to(settings.BASE_DIR)}: {waiting} of {len(sentences)} to translate"
            )
