import json
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, migrations, models

from ._sentences import Coded, coded

BATCH_SIZE = 1000
LIMITS = {"slot": "no_slot", "queue": "queue_full", "month": "month_used_up"}
REASONS = [
    ("no_slot", "No Slot"), ("queue_full", "Queue Full"), ("month_used_up", "Month Used Up"), ("cooldown", "Cooldown"),
    ("hourly_limit", "Hourly Limit"), ("minute_limit", "Minute Limit"), ("key_rejected", "Key Rejected"),
    ("throttled", "Throttled"), ("torbox_down", "Torbox Down"), ("torbox_trouble", "Torbox Trouble"),
    ("answer_lost", "Answer Lost"), ("refused", "Refused"), ("not_cached", "Not Cached"), ("not_found", "Not Found"),
    ("not_at_torbox_yet", "Not At Torbox Yet"), ("in_queue", "In Queue"), ("inactive", "Inactive"),
    ("timed_out", "Timed Out"), ("missing_files", "Missing Files"), ("unavailable", "Unavailable"), ("error", "Error"),
    ("unexplained", "Unexplained"), ("given_up", "Given Up"),
]


def convert_torrents(apps: Any, schema_editor: Any) -> None:
    """Store why each torrent waits or failed as a code. `waiting_for` counts only while it waits."""
    model = apps.get_model("torrents", "Torrent")
    rows = model.objects.exclude(waiting_for="", upstream_detail="")
    for piece in _pieces(rows, "status", "waiting_for", "upstream_detail", "raw_state"):
        looked_for = _looked_for(apps, [pk for pk, *_ in piece])
        found = [
            (pk, _of_torrent(status, waiting_for, error, raw_state, looked_for.get(pk)))
            for pk, status, waiting_for, error, raw_state in piece
        ]
        _write(model, found)


def _of_torrent(status: str, waiting_for: str, error: str, raw_state: str, until: str | None) -> Coded:
    if status != "waiting":
        return coded(error, otherwise="given_up" if raw_state else "refused")
    found = coded(waiting_for, otherwise="torbox_trouble")
    return found._replace(params={"until": until}) if until and found.code == "answer_lost" else found


def _looked_for(apps: Any, pks: list[int]) -> dict[int, str]:
    """When each of these torrents is sent again, if its call got no clear answer."""
    requests = apps.get_model("torrents", "AddRequest").objects.filter(torrent__in=pks, unsure_since__isnull=False)
    settles = timedelta(seconds=settings.SETTLE_SECONDS)
    found = requests.values_list("torrent_id", "unsure_since")
    return {pk: (since + settles).isoformat(timespec="seconds") for pk, since in found}


def convert_operations(apps: Any, schema_editor: Any) -> None:
    """Store why an operation failed as a code."""
    model = apps.get_model("torrents", "ControlRequest")
    for piece in _pieces(model.objects.exclude(upstream_detail=""), "upstream_detail"):
        _write(model, [(pk, coded(error)) for pk, error in piece])


def rename_limits(apps: Any, schema_editor: Any) -> None:
    requests = apps.get_model("torrents", "AddRequest").objects
    for old, new in LIMITS.items():
        requests.filter(waits_for=old).update(waits_for=new)


def rename_limits_back(apps: Any, schema_editor: Any) -> None:
    """The column of the version before is too short for the new codes."""
    requests = apps.get_model("torrents", "AddRequest").objects
    for old, new in LIMITS.items():
        requests.filter(waits_for=new).update(waits_for=old)


def _pieces(rows: Any, *columns: str) -> Any:
    """Yield keys and columns of rows, some at a time."""
    rows, last = rows.order_by("pk").values_list("pk", *columns), 0
    while piece := list(rows.filter(pk__gt=last)[:BATCH_SIZE]):
        last = piece[-1][0]
        yield piece


def _write(model: Any, found: list[tuple[int, Coded]]) -> None:
    """Write codes by key; only torrents keep parameters."""
    quote = connection.ops.quote_name
    columns = ["reason", "upstream_detail"] + (["reason_params"] if model._meta.model_name == "torrent" else [])
    changes = ", ".join(f"{quote(column)} = %s" for column in columns)
    update = f"UPDATE {quote(model._meta.db_table)} SET {changes} WHERE id = %s"  # noqa: S608 - our own names
    with connection.cursor() as cursor:
        cursor.executemany(update, [(*_values(why)[: len(columns)], pk) for pk, why in found])


def _values(why: Coded) -> tuple[str, str, str]:
    return why.code, why.upstream_detail, json.dumps(why.params)


def _reason() -> Any:
    return models.CharField(blank=True, choices=REASONS, max_length=20)


class Migration(migrations.Migration):
    dependencies = [("torrents", "0011_activity_codes")]

    operations = [
        migrations.RenameField("torrent", "error", "upstream_detail"),
        migrations.AddField("torrent", "reason", _reason()),
        migrations.AddField("torrent", "reason_params", models.JSONField(blank=True, default=dict)),
        migrations.RenameField("controlrequest", "error", "upstream_detail"),
        migrations.AddField("controlrequest", "reason", _reason()),
        migrations.AlterField("addrequest", "waits_for", _reason()),
        migrations.RunPython(convert_torrents, migrations.RunPython.noop),
        migrations.RunPython(convert_operations, migrations.RunPython.noop),
        migrations.RunPython(rename_limits, rename_limits_back),
        migrations.RemoveField("torrent", "waiting_for"),
    ]
