from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0007_recovery_links"),
    ]

    operations = [
        migrations.AddField("torboxaccount", "unread_rows", models.PositiveIntegerField(default=0)),
        migrations.AddField("torboxaccount", "odd_rows", models.PositiveIntegerField(default=0)),
        migrations.AddField("torboxaccount", "unread_field", models.CharField(blank=True, max_length=40)),
    ]
