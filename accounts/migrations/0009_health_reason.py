from typing import Any

from django.db import migrations, models

KINDS = {"dns", "refused", "proxy", "certificate", "timeout", "other", "malformed", "trouble"}


def split_details(apps: Any, schema_editor: Any) -> None:
    """Keep codes and TorBox's own sentences apart. Our own sentences follow from the health, and go."""
    accounts = apps.get_model("accounts", "TorBoxAccount").objects
    accounts.filter(health__in=["ok", "unreadable", "another"]).update(upstream_detail="")
    silent = accounts.filter(health="unreachable")
    for kind in KINDS:
        silent.filter(upstream_detail=kind).update(health_reason=kind, upstream_detail="")
    silent.filter(health_reason="").update(health_reason="trouble")


def put_together(apps: Any, schema_editor: Any) -> None:
    accounts = apps.get_model("accounts", "TorBoxAccount").objects
    coded = accounts.filter(upstream_detail="").exclude(health_reason="")
    coded.update(upstream_detail=models.F("health_reason"))


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0008_unread_rows"),
    ]

    operations = [
        migrations.RenameField("torboxaccount", "health_detail", "upstream_detail"),
        migrations.AddField(
            model_name="torboxaccount",
            name="health_reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("dns", "Dns"), ("refused", "Refused"), ("proxy", "Proxy"), ("certificate", "Certificate"),
                    ("timeout", "Timeout"), ("other", "Other"), ("malformed", "Malformed"), ("trouble", "Trouble"),
                ],
                max_length=20,
            ),
        ),
        migrations.RunPython(split_details, put_together),
    ]
