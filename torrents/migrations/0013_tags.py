from typing import Any

from django.db import migrations, models


def forget_digests(apps: Any, schema_editor: Any) -> None:
    """The version before knows shorter digests only, and reads every row again without one."""
    apps.get_model("torrents", "Torrent").objects.update(list_digest="")


class Migration(migrations.Migration):
    dependencies = [("torrents", "0012_reasons")]

    operations = [
        migrations.AddField("torrent", "tags", models.JSONField(default=list, max_length=100)),
        # In front of a digest: which columns it filled. See torrents/models/listed.py.
        migrations.AlterField("torrent", "list_digest", models.CharField(blank=True, max_length=40)),
        migrations.RunPython(migrations.RunPython.noop, forget_digests),
    ]
