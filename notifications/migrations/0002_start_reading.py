from typing import Any

from django.db import migrations, models


def start_at_the_newest_event(apps: Any, schema_editor: Any) -> None:
    """Tell people nothing about what happened before there were notifications.

    A database without events needs no row: the reader creates one.
    """
    newest = apps.get_model("torrents", "Activity").objects.order_by("-pk").first()
    if newest:
        cursors = apps.get_model("notifications", "Cursor").objects
        cursors.get_or_create(name="events", defaults={"position": newest.pk})


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0014_seen_language"),
        ("notifications", "0001_initial"),
        ("torrents", "0017_removed_rows"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(
                condition=models.Q(("resolved_at", None)),
                fields=["kind", "person"],
                name="unresolved_by_kind",
            ),
        ),
        migrations.RunPython(start_at_the_newest_event, migrations.RunPython.noop),
    ]
