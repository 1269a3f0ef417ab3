"""Save files from the simulated TorBox."""

from __future__ import annotations

import pytest

from saving.engine import runner
from tests.saving.factories import make_job, where_is
from torrents.saving_states import SavingState as State

pytestmark = pytest.mark.django_db


def test_a_torrent_is_saved_whole(cast, save_dir, at_torbox, sim):
    torrent = at_torbox({"a.mkv": 3_000_000, "sub/b.srt": 1234, "empty.txt": 0})
    job = make_job(torrent)
    runner.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.cause, job.cause_params) == (State.SAVED, "", {})
    root = where_is(job.folder)
    for file in job.files.all():
        assert (root / file.target).read_bytes() == sim.control.expected_bytes(torrent.info_hash, file.path)
        assert file.done_at
    assert sorted(p.name for p in root.rglob("*")) == sorted(
        [".torbox-web", "An open film", "sub", "a.mkv", "b.srt", "empty.txt"]
    )
