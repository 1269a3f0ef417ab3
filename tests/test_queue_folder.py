"""Without Redis the queue is a folder. Nothing in it, or missing from it, stops a worker."""

from __future__ import annotations

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from kombu import Connection

import torbox_web.celery  # noqa: F401 - registers the transport
from torbox_web.queue.bell import Bell

ROOT = Path(__file__).parents[1]


@pytest.fixture
def folder(tmp_path: Path):
    for name in ("messages", "processed", "control"):
        (tmp_path / name).mkdir()
    return tmp_path


def connect(folder: Path) -> Connection:
    messages = str(folder / "messages")
    options = {
        "data_folder_in": messages,
        "data_folder_out": messages,
        "processed_folder": str(folder / "processed"),
        "control_folder": str(folder / "control"),
        "polling_interval": 0.01,
    }
    return Connection("queuefolder://localhost//", transport_options=options)


def test_messages_are_delivered_in_order(folder):
    with connect(folder) as connection:
        queue = connection.SimpleQueue("work", no_ack=True)
        for number in range(20):
            queue.put({"id": number})
        assert [queue.get(timeout=5).payload["id"] for _ in range(20)] == list(range(20))
        assert not list((folder / "messages").iterdir())


@pytest.mark.parametrize("content", [b"", b'{"bo', b"\xff\xfe", b"[]"])
def test_a_broken_message_is_dropped_and_the_next_one_is_read(folder, content):
    (folder / "messages" / "0_broken.work.msg").write_bytes(content)
    with connect(folder) as connection:
        queue = connection.SimpleQueue("work", no_ack=True)
        queue.put({"id": 1})
        assert queue.get(timeout=5).payload == {"id": 1}


def test_a_deleted_folder_is_created_again(folder):
    with connect(folder) as connection:
        queue = connection.SimpleQueue("work", no_ack=True)
        queue.put({"id": 1})
        shutil.rmtree(folder / "messages")
        shutil.rmtree(folder / "processed")
        with pytest.raises(queue.Empty):
            queue.get(timeout=0.1)
        queue.put({"id": 2})
        assert queue.get(timeout=5).payload == {"id": 2}


class Wiping:
    """Part of a message that deletes the folder while it is written, `times` times."""

    def __init__(self, folder: Path, times: int) -> None:
        self.folder, self.times = folder, times

    def __json__(self) -> str:
        if self.times:
            self.times -= 1
            shutil.rmtree(self.folder)
        return "wiped"


def test_a_folder_deleted_while_a_message_is_written_is_created_again(folder):
    with connect(folder) as connection:
        queue = connection.SimpleQueue("work", no_ack=True)
        queue.put({"id": 1}, headers={"while": Wiping(folder / "messages", 1)})
        assert queue.get(timeout=5).payload == {"id": 1}


def test_a_folder_that_stays_deleted_is_an_error_and_affects_no_other_message(folder):
    with connect(folder) as connection:
        queue = connection.SimpleQueue("work", no_ack=True)
        with pytest.raises(FileNotFoundError):
            queue.put({"id": 1}, headers={"while": Wiping(folder / "messages", 2)})
        queue.put({"id": 2})
        assert queue.get(timeout=5).payload == {"id": 2}


def test_many_writers_and_readers_lose_and_repeat_nothing(folder):
    def write(start: int) -> None:
        with connect(folder) as connection:
            queue = connection.SimpleQueue("work", no_ack=True)
            for number in range(start, start + 100):
                queue.put({"id": number})

    def read(_: int) -> list[int]:
        seen = []
        with connect(folder) as connection:
            queue = connection.SimpleQueue("work", no_ack=True)
            while True:
                try:
                    message = queue.get(timeout=1)
                except queue.Empty:
                    return seen
                seen.append(message.payload["id"])

    write(0)
    with ThreadPoolExecutor(6) as pool:
        readers = [pool.submit(read, number) for number in range(3)]
        list(pool.map(write, [100, 200, 300]))
        seen = [number for reader in readers for number in reader.result()]
    assert sorted(seen) == list(range(400))


HOURS = 3600.0
RING = "import pathlib, sys; from torbox_web.queue.bell import Bell; Bell(pathlib.Path(sys.argv[1])).ring()"


@pytest.fixture
def bells(tmp_path: Path):
    """Two listeners to the same bell."""
    made = [Bell(tmp_path / "bell") for _ in range(2)]
    yield made
    for bell in made:
        bell.close()


def test_a_ring_of_another_process_is_heard_by_all_who_listen_even_if_it_was_before_they_waited(bells):
    assert all(bell.listen() for bell in bells)
    with ThreadPoolExecutor(2) as pool:
        waiting = [pool.submit(bell.wait, HOURS) for bell in bells]
        while not all(future.done() for future in waiting):
            subprocess.run([sys.executable, "-c", RING, str(bells[0].path)], cwd=ROOT, check=True)
    bells[0].ring()
    bells[0].wait(HOURS)


def test_a_ring_that_nobody_hears_blocks_no_one(bells):
    bells[0].ring()
    assert bells[1].listen()
    for _ in range(100_000):  # more than the pipe holds
        bells[0].ring()
    bells[1].wait(HOURS)


def test_a_bell_whose_folder_was_deleted_is_heard_again(bells):
    assert bells[0].listen()
    bells[0].path.unlink()
    assert all(bell.listen() for bell in bells)
    bells[1].ring()
    bells[0].wait(HOURS)


def test_messages_arrive_where_there_can_be_no_bell(folder):
    (folder / "control" / "bell").mkdir()
    with connect(folder) as connection:
        queue = connection.SimpleQueue("work", no_ack=True)
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(queue.get, timeout=20)
            with connect(folder) as other:
                other.SimpleQueue("work", no_ack=True).put({"id": 1})
            assert waiting.result().payload == {"id": 1}
