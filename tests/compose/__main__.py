"""Run the image and docker-compose.yml: python -m tests.compose [story] [saving] [killing] [memory]. See CONTRIBUTING.md."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys

from tests.browser.elsewhere import FarControl
from tests.compose import engine
from tests.compose.killing import kill_each
from tests.compose.memory import fits
from tests.compose.saving import saves

STORIES = "sign_in_connect or without_javascript"


def story(running: engine.Compose) -> list[str]:
    """Run the browser test of the main story against the compose file."""
    env = os.environ | {
        "RUNNING_INSTANCE": running.url,
        "RUNNING_SIMULATOR": running.torbox,
        "RUNNING_MANAGE": f"podman exec --interactive {running.name('web')} python manage.py",
        "RUNNING_LOGS": f"sh -c 'for it in {' '.join(running.services)}; do podman logs {engine.PROJECT}_${{it}}_1; done'",
        "CI": "true",
    }
    command = [sys.executable, "-m", "pytest", "-n0", "-q", "tests/browser/test_main_story.py", "-k", STORIES]
    failed = subprocess.run(command, env=env, cwd=engine.ROOT).returncode
    return ["The story failed."] * bool(failed)


def keys_written_down(running: engine.Compose, control: FarControl) -> list[str]:
    """Return where the database or the logs contain an API key in plain text."""
    keys = [key for account in control.state()["accounts"] for key in account["keys"]]
    dump = subprocess.check_output(
        ["podman", "exec", running.name("postgres"), "pg_dump", "--username", "torbox", "torbox"], text=True
    )
    assert "accounts_torboxaccount" in dump
    text = dump + running.logs()
    print(f"  {len(keys)} keys looked for in {len(text):,} characters of database and logs")
    return ["An API key is written down."] * any(key in text for key in keys)


def under_compose(parts: list[str]) -> list[str]:
    with engine.Compose() as running:
        control = FarControl(running.torbox)
        unwell = [service for service in running.services if not running.healthy(service)]
        print(
            f"  health checks: {len(running.services) - len(unwell)} of {len(running.services)} well",
            flush=True,
        )
        wrong = [f"{service} is not healthy" for service in unwell]
        if "story" in parts:
            wrong += story(running)
        if "killing" in parts:
            wrong += kill_each(running, control)
        return wrong + keys_written_down(running, control)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", default=["story", "saving", "killing", "memory"])
    parts = parser.parse_args().parts
    engine.prepare()
    engine.build()
    wrong = under_compose(parts) if {"story", "killing"} & set(parts) else []
    wrong += saves() if {"story", "saving"} & set(parts) else []
    wrong += fits() if "memory" in parts else []
    for line in wrong:
        print(f"WRONG  {line}")
    print("This must not be." if wrong else "The image and the compose file work.")
    return bool(wrong)


if __name__ == "__main__":
    raise SystemExit(main())
