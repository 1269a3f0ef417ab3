"""Requirements of tests that a machine may lack: a reason to skip, or with CI=true a failure."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def lacking(reason: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason} Under CI=true that is a failure.")
    pytest.skip(reason)
