"""Read every setting the same way: strip it, treat empty as absent, and explain in one sentence why a value is wrong.

    PORT = env.read("PORT", 8000, parse.number(1, 65535))

`PORT_FILE` names a file that holds the value. Its content is stripped too. The parsers are in `torbox_web/parse.py`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from django.core.exceptions import ImproperlyConfigured
from environ.fileaware_mapping import FileAwareMapping

from .secret_files import NoSecret, read_or_create

Value = TypeVar("Value")
BYTE_ORDER_MARK = "\ufeff"  # some editors begin a file with it
MAX_SHOWN = 80  # characters of a wrong value
UNNAMED = "has a value that can't work"  # instead of repeating it


class WrongSetting(ImproperlyConfigured):
    """A setting with a value that can't work. The text is one line for the person who runs the instance."""


UNUSABLE = (WrongSetting, NoSecret)


class Variables(FileAwareMapping):  # type: ignore[misc]
    """Environment variables, stripped and without empty ones. Raises WrongSetting for an unusable file."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        stripped = {name: value.strip() for name, value in environment.items()}
        super().__init__({name: value for name, value in stripped.items() if value})

    def __getitem__(self, name: str) -> str:
        file = f"{name}_FILE"
        try:
            value: str = super().__getitem__(name).removeprefix(BYTE_ORDER_MARK).strip()
        except OSError as error:
            problem = error.strerror or "can't be read"
        except UnicodeDecodeError:
            problem = "not a text file"
        else:
            if value:
                return value
            problem = "empty"  # after a power cut, for example. A new secret in its place would hide that
        raise WrongSetting(f"{file} names {self.env[file]}: {problem}. Name a file that holds the value.")


class Environment:
    """The settings of this process, read from `variables`."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = Variables(variables)

    def read(self, name: str, default: Value, parse: Callable[[str], Value]) -> Value:
        """Return the parsed setting, or `default` if it is absent or empty.

        `parse` raises ValueError with a sentence that says what to write. Raises WrongSetting.
        """
        return self._read(name, default, parse, lambda text: f"can't be “{shown(text)}”")

    def read_secret(self, name: str, default: Value, parse: Callable[[str], Value]) -> Value:
        """Return a parsed secret, which errors must not show."""
        return self._read(name, default, parse, lambda text: UNNAMED)

    def read_or_make(
        self, name: str, parse: Callable[[str], Value], file: Path, make: Callable[[], str], *, lost: str
    ) -> Value:
        """Return a secret from its setting, otherwise from `file`, which is created on the first start.

        `lost` tells people what a new secret costs them. Raises WrongSetting, NoSecret.
        """
        text = self._variables.get(name)
        where, text = (name, text) if text else (str(file), read_or_create(file, make, lost=lost))
        return _parsed(where, text, parse, UNNAMED)

    def _read(
        self, name: str, default: Value, parse: Callable[[str], Value], complain: Callable[[str], str]
    ) -> Value:
        text = self._variables.get(name)
        return default if text is None else _parsed(name, text, parse, complain(text))


def _parsed(name: str, text: str, parse: Callable[[str], Value], complaint: str) -> Value:
    try:
        return parse(text)
    except ValueError as error:
        raise WrongSetting(f"{name} {complaint}. {error}") from None


def shown(text: str) -> str:
    """Return a wrong value for an error message: on one line, shortened, without a password before an @."""
    before, at, after = text.rpartition("@")
    text = f"…@{after}" if at and before else text
    printable = "".join(character if character.isprintable() else "?" for character in text)
    return printable if len(printable) <= MAX_SHOWN else f"{printable[:MAX_SHOWN]}…"


def end_with_a_sentence() -> None:
    """Make this process exit with one line instead of a traceback if a setting is wrong."""
    before = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
        if isinstance(error, UNUSABLE):
            sys.stderr.write(f"{error}\n")
        else:
            before(kind, error, traceback)

    sys.excepthook = hook
