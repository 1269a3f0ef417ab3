"""The browser part of the benchmarks runs. Its results are not tested."""

from __future__ import annotations

from tests.test_bench import TINY, run_bench


def test_the_benchmarks_of_browser_crowd_and_memory_run_at_a_tiny_size(tmp_path, stack):
    results = tmp_path / "results.md"
    done = run_bench("stack", *TINY, "--people", "2", "--minutes", "0.1", "--results", str(results))
    assert done.returncode == 0, done.stderr
    text = results.read_text()
    for part in (
        "memory (PSS)",
        "empty cache, 10 torrents: requests",
        "slow phone, empty cache, 10 torrents: first row",
        "left open",
        "2 people with open tabs polling",
    ):
        assert part in text
