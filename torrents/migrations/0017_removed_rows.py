from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("torrents", "0016_activity_kinds")]

    operations = [
        migrations.AddIndex(
            model_name="torrent",
            index=models.Index(
                fields=["account"], condition=models.Q(removed_at__isnull=False), name="removed_rows"
            ),
        ),
    ]
