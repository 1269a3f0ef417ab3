"""The benchmarks run. Their results are not tested."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tests.needs import lacking

ROOT = Path(__file__).parents[1]
TINY = [
    "--on", "sqlite", "--sizes", "10", "--runs", "1", "--pasted", "20", "--fleet", "3", "5", "--hours", "0.2",
    "--players", "2", "--seeks", "10", "--saved", "1",
]  # fmt: skip


def run_bench(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bench", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)


def test_the_benchmarks_run_at_a_tiny_size_and_write_their_results(tmp_path):
    results = tmp_path / "results.md"
    done = run_bench("core", "fleet", "players", *TINY, "--results", str(results))
    assert done.returncode == 0, done.stderr
    text = results.read_text()
    for part in (
        "| list page, 10 torrents",
        "headroom of one worker",
        "| 10 seeks by 2 players within 10 minutes: calls to TorBox | 2 |",
        "### Growth",
        "Python 3",
        "SQLite, no Redis",
    ):
        assert part in text
    assert "Failed:" not in text


def test_saving_to_disk_is_measured_beside_curl(tmp_path):
    if not shutil.which("curl"):
        lacking("curl is missing.")
    results = tmp_path / "results.md"
    done = run_bench("saving", *TINY, "--minutes", "0.05", "--results", str(results))
    assert done.returncode == 0, done.stderr
    text = results.read_text()
    assert "| a film is saved: speed relative to curl |" in text and "beyond idle |" in text


def test_programs_that_use_the_apis_are_measured(tmp_path):
    results = tmp_path / "results.md"
    done = run_bench("api", *TINY, "--results", str(results))
    assert done.returncode == 0, done.stderr
    text = results.read_text()
    for part in (
        "maindata without changes",
        "(304)",
        "a PROPFIND of 10 torrents",
        "add, TorBox responds after 3 s",
    ):
        assert part in text


def test_a_scenario_can_be_profiled_by_name():
    done = run_bench("--profile", "search", *TINY)
    assert done.returncode == 0, done.stderr
    assert "cumulative" in done.stdout
    assert "pages/list/views.py" in done.stdout


def test_an_unknown_part_is_rejected_with_the_known_ones():
    done = run_bench("nonsense")
    assert done.returncode != 0
    assert "choose from core, fleet, players, saving, api, stack, reaction" in done.stderr
