from datetime import UTC, datetime
from typing import Any

from django.db import migrations, models
from django.db.models import Q
from django.utils import timezone


def read_again(apps: Any, schema_editor: Any) -> None:
    """What was called failed though it can go on, or with a reason that says nothing, is read anew from the next list."""
    torrents = apps.get_model("torrents", "Torrent").objects.filter(status="failed")
    stale = torrents.filter(Q(raw_state__istartswith="incomplete") | Q(error__startswith=">"))
    stale.update(row_digest="", list_digest="")


def forget_senseless_times(apps: Any, schema_editor: Any) -> None:
    """Times that do not exist in every time zone break the page that shows them."""
    first, last = datetime(1970, 1, 1, tzinfo=UTC), datetime(2201, 1, 1, tzinfo=UTC)
    torrents = apps.get_model("torrents", "Torrent").objects
    for name in ("cached_at", "expires_at", "remote_created_at", "remote_updated_at", "sent_at"):
        senseless = Q(**{f"{name}__lt": first}) | Q(**{f"{name}__gte": last})
        torrents.filter(senseless).update(**{name: None})
    for name in ("added_at", "status_since"):
        senseless = Q(**{f"{name}__lt": first}) | Q(**{f"{name}__gte": last})
        torrents.filter(senseless).update(**{name: timezone.now()})


class Migration(migrations.Migration):

    dependencies = [
        ("torrents", "0008_fresh_readings"),
    ]

    operations = [
        migrations.AddField("torrent", "unread", models.CharField(blank=True, max_length=300)),
        migrations.RunPython(read_again, migrations.RunPython.noop),
        migrations.RunPython(forget_senseless_times, migrations.RunPython.noop),
    ]
