"""Without Redis the queue is a folder. Nothing in it, or missing from it, stops a worker."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from kombu import Connection

import torbox_web.celery  # noqa: F401 - registers the transport


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
