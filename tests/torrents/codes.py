"""Which columns hold codes, and what is stored in them that is no code."""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.db import models

from accounts.outages import HealthReason, another_list, outage, unreadable_key
from saving.models import Job
from torrents.models import Activity
from torrents.operations import EDITS, OPERATIONS
from torrents.reason_text import reason_words
from torrents.reasons import Reason

# Names, keys, what people typed, and what TorBox said as it said it: by column, in whatever table.
FREE_TEXT = {
    "auth_id", "claim", "detail", "email", "encrypted_address", "encrypted_key", "encrypted_private", "endpoint",
    "files_digest", "fingerprint", "item", "visitor", "folded", "folded_name", "holder",
    "info_hash", "key_fingerprint", "label", "language",
    "last_four", "list_digest", "magnet", "message", "mime_type", "name", "name_key", "nonce",
    "password", "path", "plan_name", "public", "raw_state", "row_digest", "seen_language", "seen_time_zone", "shown",
    "shown_name", "sort_name", "source", "text", "time_zone", "token_hash", "tracker",
    "tracker_message", "unread", "unread_field", "upstream_detail", "username",
    "key", "key_mark", "last_used_from", "prefix", "request_hash", "url",
    "base", "gid", "md5", "session", "tag", "target", "target_key",
    "control_lease_by", "refresh_lease_by", "send_lease_by",
}  # fmt: skip
# Codes whose list is not part of the schema.
OPERATION_COLUMNS = {
    "torrents.Torrent.pending",
    "torrents.ControlRequest.operation",
    "torrents.Batch.operation",
}
DEVICE_COLUMNS = {"notifications.Channel.browser", "notifications.Channel.platform"}
EVENT_CODES = dict.fromkeys(Activity.Kind.values, {""}) | {
    "waited": {"", *Reason.values},
    "failed": {"", *Reason.values},
    "controlled": {"", *OPERATIONS},
    "link": {"file", "links", "zip"},
    "link_used": {"file", "zip"},
    "saved": {"", Job.Cause.UNPACK},
    "not_saved": {*Job.Cause.values},
    "sent": {"", "found"},
}
OURS = {
    *map(reason_words, Reason.values),
    *(outage(reason).what for reason in HealthReason),
    another_list(),
    unreadable_key(),
}


def text_columns() -> Iterator[tuple[type[models.Model], models.Field]]:
    for app in ("accounts", "torrents", "links", "notifications", "saving", "care", "api"):
        for model in apps.get_app_config(app).get_models():
            for field in model._meta.concrete_fields:
                if isinstance(field, models.CharField | models.TextField):
                    yield model, field


def title(model: type[models.Model], field: models.Field) -> str:
    return f"{model._meta.label}.{field.name}"


def wrong_codes() -> list[str]:
    """Return every stored value of a column for codes that is none, and every sentence of ours kept as TorBox's."""
    wrong = []
    for model, field in text_columns():
        stored = set(model._base_manager.order_by().values_list(field.name, flat=True).distinct())
        if field.choices:
            wrong += [f"{title(model, field)}: {value}" for value in stored - {"", *dict(field.flatchoices)}]
        elif title(model, field) in OPERATION_COLUMNS:
            wrong += [f"{title(model, field)}: {value}" for value in stored - {"", *OPERATIONS, *EDITS}]
        elif field.name == "upstream_detail":
            wrong += [f"{title(model, field)}: {value}" for value in stored & OURS]
    events = Activity.objects.order_by().values_list("kind", "code", "params__error").distinct()
    wrong += [f"{kind}: {code}" for kind, code, _ in events if code not in EVENT_CODES[kind]]
    wrong += [f"{kind}: {error}" for kind, _, error in events if error and error not in Reason.values]
    return wrong
