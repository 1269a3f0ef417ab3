"""The settings for an environment, without a separate process."""

from __future__ import annotations

import importlib.util
import os
import re
import sys
from pathlib import Path
from types import ModuleType
from unittest import mock

SETTINGS = Path(__file__).parents[1] / "torbox_web" / "settings.py"
DOCUMENTED = re.findall(
    r"^### (\S+)$", (SETTINGS.parents[1] / "docs" / "configuration.md").read_text(), re.MULTILINE
)


def settings_of(data: Path, **variables: str) -> ModuleType:
    """Run `torbox_web/settings.py` with `variables` and no other setting. Raises its errors."""
    kept = {name: value for name, value in os.environ.items() if name.removesuffix("_FILE") not in DOCUMENTED}
    spec = importlib.util.spec_from_file_location("torbox_web.settings_of_a_test", SETTINGS)
    assert spec and spec.loader
    made = importlib.util.module_from_spec(spec)
    with mock.patch.dict(os.environ, kept | {"DATA_DIR": str(data)} | variables, clear=True):
        hook = sys.excepthook
        try:
            spec.loader.exec_module(made)
        finally:
            sys.excepthook = hook
    return made
