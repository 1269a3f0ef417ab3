from typing import Any

from django.db import migrations, models

import accounts.models.people
import accounts.names


def fill(apps: Any, schema_editor: Any) -> None:
    """The oldest of several people whose names count as the same keeps it; the others get a number behind it."""
    people = apps.get_model("accounts", "User")._base_manager
    taken = set()
    for person in people.order_by("date_joined", "pk"):
        key = accounts.names.name_key(person.username)
        free, number = key, 1
        while free in taken:
            number += 1
            free = f"{key}{accounts.names.SUFFIX}{number}"
        taken.add(free)
        people.filter(pk=person.pk).update(name_key=free)
        if number > 1:
            print(
                f"\n  {person.username!r} and an older person have the same name but for its case or composition. "
                f"They sign in by exactly that name, or as {free!r}. "
                f"Give them another one: manage.py renameperson {free!r} NEW_NAME"
            )


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0005_another_list"),
    ]

    operations = [
        migrations.AddField("user", "name_key", models.CharField(default="", editable=False, max_length=220)),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AlterField("user", "name_key", models.CharField(editable=False, max_length=220, unique=True)),
        migrations.AlterField(
            "user",
            "shown_name",
            models.CharField(
                blank=True,
                max_length=60,
                validators=[accounts.models.people.validate_visible, accounts.names.validate_one_alphabet],
                verbose_name="name",
            ),
        ),
    ]
