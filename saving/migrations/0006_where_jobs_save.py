from typing import Any

from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def copy_paths(apps: Any, schema_editor: Any) -> None:
    """Note where the folder of each job is now. Where it was before isn't known."""
    folders = apps.get_model("saving", "Folder").objects.filter(pk=OuterRef("folder_id"))
    apps.get_model("saving", "Job").objects.update(path=Subquery(folders.values("path")[:1]))


class Migration(migrations.Migration):
    dependencies = [("saving", "0005_tried_files")]

    operations = [
        migrations.AddField(
            model_name="job",
            name="path",
            field=models.CharField(blank=True, default="", max_length=500),
            preserve_default=False,
        ),
        migrations.AddField(model_name="job", name="unsent", field=models.PositiveIntegerField(default=0)),
        migrations.RunPython(copy_paths, migrations.RunPython.noop),
    ]
