from typing import Any

from django.db import migrations, models
from django.db.models import OuterRef, Subquery

AFTER = [("keep", "Keep"), ("stop_seeding", "Stop Seeding"), ("delete", "Delete")]


def keep_what_is_due(apps: Any, schema_editor: Any) -> None:
    """Copy what a folder says to the saved jobs that wait for it. What people were told about others isn't known."""
    folders = apps.get_model("saving", "Folder").objects.filter(pk=OuterRef("folder"))
    due = apps.get_model("saving", "Job").objects.filter(after_done_at=None, after_due_at__isnull=False)
    due.update(after=Subquery(folders.values("after")))
    due.filter(after="delete").update(after_days=Subquery(folders.values("after_days")))


class Migration(migrations.Migration):
    dependencies = [("saving", "0002_causes_about_people")]

    operations = [
        migrations.AddField("Job", "after", models.CharField(choices=AFTER, default="keep", max_length=12)),
        migrations.AddField("Job", "after_days", models.PositiveSmallIntegerField(default=0)),
        migrations.RunPython(keep_what_is_due, migrations.RunPython.noop),
    ]
