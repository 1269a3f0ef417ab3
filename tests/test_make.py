"""Check the message of `make` on a machine where nothing can be installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

MAKEFILE = Path(__file__).parents[1] / "Makefile"
PYTHON = """#!/bin/sh
exec {python} -c 'import sys; sys.maxsize, sys.version_info = {as_if}; exec(sys.argv[1])' "$2"
"""


@pytest.mark.parametrize(
    ("as_if", "needs"),
    [
        ("2**31 - 1, (3, 13)", "a 64-bit Python, and this one is 32-bit"),
        ("2**63 - 1, (3, 10)", "Python 3.11 or newer"),
    ],
)
def test_make_names_an_unsupported_python_before_pip_runs(tmp_path, as_if, needs):
    shutil.copy(MAKEFILE, tmp_path)
    (tmp_path / "requirements.txt").touch()
    python = tmp_path / "python"
    python.write_text(PYTHON.format(python=sys.executable, as_if=as_if))
    python.chmod(0o755)
    words = ["make", "--no-print-directory", "run", f"PYTHON={python}"]
    # Run apart from the make that runs the suite.
    env = {
        name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")
    }
    done = subprocess.run(words, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2 and not (tmp_path / ".venv").exists()
    assert done.stderr.startswith(
        f"TorBox Web needs {needs}. See docs/installing.md for supported systems.\n"
    )
