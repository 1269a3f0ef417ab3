"""A worker that only tells people things, whose clock may be ahead: `python -m tests.notifications.chaos.worker 130`."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime, timedelta

import django
import time_machine


def main(ahead: float) -> None:
    django.setup()
    from notifications.services import delivering, event_reader

    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=ahead)):
        print("ready", flush=True)
        while True:
            event_reader.read_events()
            if delivering.has_due():
                delivering.deliver_due()
            time.sleep(0.1)


if __name__ == "__main__":
    main(float(sys.argv[1]))
