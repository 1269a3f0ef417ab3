"""`make bench`: what the app costs at a given number of torrents, against the simulator, as a table.

Medians of RUNS, with the bare cost of fetching and decoding the same list beside them. Nothing here is a
test: figures depend on the machine. `python -m bench 100 1000 10000` chooses the sizes, `python -m bench reaction`
measures only what the browser shows while TorBox is slow.
"""

from __future__ import annotations

import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

RUNS = 5
SIZES = (100, 1000, 10_000)


def main(sizes: list[int]) -> None:
    data = Path(tempfile.mkdtemp(prefix="torbox-web-bench-"))
    os.environ |= {"DATA_DIR": str(data), "STATIC_ROOT": str(data), "LOG_LEVEL": "ERROR"}
    os.environ["DJANGO_SETTINGS_MODULE"] = "torbox_web.settings"
    try:
        print("| torrents | what | median | ratio to bare fetch |\n|---:|---|---:|---:|")
        for size in sizes or SIZES:
            with simulator(size) as url:
                measure(size, url)
    finally:
        shutil.rmtree(data, ignore_errors=True)


@contextmanager
def simulator(size: int) -> Iterator[str]:
    """A simulated TorBox in a process of its own, with that many torrents."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = ["-m", "simulator", "--port", str(port), "--scenario", "thousands", "--option", f"count={size}"]
    process = subprocess.Popen([sys.executable, *words], stdout=subprocess.PIPE)
    try:
        assert process.stdout and process.stdout.readline()
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def measure(size: int, url: str) -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.test.utils import setup_test_environment, teardown_test_environment

    settings.TORBOX_API_URL = url
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    setup_test_environment()  # the client then keeps each answer's context
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    from . import scenarios

    bench = scenarios.Bench(url)
    bare = median(bench.fetch_bare)
    report(size, "fetching and decoding the list with bare requests", bare, bare)
    report(size, "refresh, all new", timed(bench.refresh), bare)
    report(size, "refresh, nothing changed", median(bench.refresh), bare)
    report(size, "list page", median(bench.list_page))
    report(size, "list page, searching names and files", median(bench.search))
    report(size, "poll, nothing changed", median(bench.poll))
    report(size, "poll, something changed", median(bench.poll_changed))
    report(size, "preview of 1,000 magnets, upstream included", median(bench.preview))
    bench.clear()
    teardown_test_environment()


def report(size: int, what: str, seconds: float, bare: float | None = None) -> None:
    ratio = f"{seconds / bare:.2f}" if bare else ""
    print(f"| {size:,} | {what} | {seconds * 1000:.1f} ms | {ratio} |", flush=True)


def median(run: Callable[[], object]) -> float:
    run()
    return statistics.median(timed(run) for _ in range(RUNS))


def timed(run: Callable[[], object]) -> float:
    before = time.perf_counter()
    run()
    return time.perf_counter() - before


def react() -> None:
    """Nothing of it is imported before it is asked for: it needs the browser."""
    from . import reaction

    print(f"\n| every answer of TorBox after {reaction.DELAY} s | until the page reacts |\n|---|---:|")
    for what, seconds in reaction.reactions():
        print(f"| {what} | {seconds * 1000:.0f} ms |", flush=True)


if __name__ == "__main__":
    if sys.argv[1:] != ["reaction"]:
        main([int(word) for word in sys.argv[1:]])
    react()
