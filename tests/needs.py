"""What a test needs and a machine may lack: a reason to skip, and under CI=true a failure."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def lacking(reason: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason} Under CI=true that is a failure.")
    pytest.skip(reason)
