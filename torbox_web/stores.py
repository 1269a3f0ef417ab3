"""Build Django's settings for database, cache, and queue, and check the folder for static files."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from .secret_files import keep_private, private_folder

POSTGRES_WAITS = {
    "connect_timeout": 4,
    "tcp_user_timeout": 6000,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
}
"""libpq's parameters. With these, a connection whose packets are lost fails after about ten seconds, not never."""

TABLE_CACHE: dict[str, Any] = {
    "BACKEND": "torbox_web.cache.TableCache",
    "LOCATION": "cache",
    # Room for the counters of many password guessers: an evicted counter starts again at zero.
    "OPTIONS": {"MAX_ENTRIES": 100_000},
}


def sqlite_in(folder: Path) -> dict[str, Any]:
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "torbox-web.sqlite3")}


def with_options(database: dict[str, Any]) -> dict[str, Any]:
    """Return a database from `parse.database_url` with our options. Makes a SQLite file private."""
    if "sqlite3" in database["ENGINE"]:
        _keep_sqlite_private(Path(database["NAME"]))
        # Web, worker, and beat all write. WAL lets readers continue meanwhile, and a transaction that takes the write
        # lock at BEGIN waits for its turn instead of failing halfway.
        database["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-4000;",
        }
    else:
        database["CONN_HEALTH_CHECKS"] = True
        database["ENGINE"] = "torbox_web.postgresql"
        database["OPTIONS"] = POSTGRES_WAITS | database.get("OPTIONS", {})
    return database | {"CONN_MAX_AGE": 600}


def _keep_sqlite_private(file: Path) -> None:
    """Create the file, since SQLite would apply the umask. Its -wal and -shm files get the same mode."""
    with suppress(OSError):  # opening the database will report a missing or read-only folder
        file.touch(mode=0o600)
        for path in (file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm")):
            keep_private(path)


def caches(redis_url: str, prefix: str) -> dict[str, dict[str, Any]]:
    """Return Django's CACHES. With Redis, the table is its fallback."""
    if not redis_url:
        return {"default": TABLE_CACHE}
    redis = {
        "BACKEND": "torbox_web.redis_cache.RedisOrTableCache",
        "LOCATION": redis_url,
        "KEY_PREFIX": prefix,
        "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},
    }
    return {"default": redis, "table": TABLE_CACHE}


def redis_transport(prefix: str) -> dict[str, Any]:
    """Return options for a queue in Redis. All its keys begin with `prefix`, so other apps can share the Redis."""
    # Pages don't wait for a broker that is down, since beat finds the rows anyway.
    return {
        "global_keyprefix": f"{prefix}:",
        "socket_timeout": 5,
        "socket_connect_timeout": 1,
        "max_retries": 0,
        "interval_start": 0,
        "interval_step": 0,
        "interval_max": 0,
    }


def folder_transport(queue: Path) -> dict[str, Any]:
    """Return options for a queue of files in the folder `queue`."""
    private_folder(queue)  # on its own, since mkdir(parents=True) ignores the mode for parents
    return {
        "data_folder_in": str(private_folder(queue / "messages")),
        "data_folder_out": str(queue / "messages"),
        "processed_folder": str(private_folder(queue / "processed")),
        "control_folder": str(private_folder(queue / "control")),
        "store_processed": False,
        "polling_interval": 0.1,
    }


def problem_of_save_dir(root: Path, data: Path, static: Path, project: Path) -> str:
    """Return why people's files can't be saved below `root`, or an empty string."""
    folders = {"DATA_DIR": data, "STATIC_ROOT": static, "the app's own folder": project}
    for name, folder in folders.items():
        if folder == root or root in folder.parents:
            return f"It {'is' if folder == root else 'contains'} {name}."
    if static in root.parents:
        return "It is in STATIC_ROOT, whose files everyone can read."
    queue = data / "queue"
    return "It is the queue, or in it." if root == queue or queue in root.parents else ""


def problem_of_static_root(root: Path, data: Path, project: Path) -> str:
    """Return why static files can't be collected into `root`, or an empty string.

    Collecting writes to that folder, and everyone can read its files.
    """
    for name, folder in {"DATA_DIR": data, "the app's own folder": project}.items():
        if folder == root or root in folder.parents:
            return f"It {'is' if folder == root else 'contains'} {name}."
    queue = data / "queue"
    return "It contains the queue." if root == queue or queue in root.parents else ""
