from typing import Any

from django.db import migrations, models

# Imported on purpose: stored text has to match what the search of this version looks for.
from torrents.folding import fold

# Sentences of earlier versions for errors without a message. They were stored as if TorBox had sent them.
OURS = [
    "TorBox does not accept the API key.",
    "TorBox asks to slow down.",
    "TorBox does not have this item.",
    "TorBox refused the request.",
    "TorBox has this item already.",
    "A limit of the TorBox plan is reached.",
    "TorBox is having trouble at the moment.",
    "TorBox could not be reached.",
    "TorBox did not answer.",
    "TorBox did not finish its answer in time.",
    "TorBox refused this key.",
    "The API key is empty or has characters that no key has.",
]
MALFORMED = "TorBox sent an answer that could not be understood: "


def empty_columns(apps: Any, schema_editor: Any) -> None:
    """Keep only TorBox's own words in the columns for them. Our words follow from the code."""
    activity = apps.get_model("torrents", "Activity").objects
    for pk, name, params in activity.filter(_ours("upstream_detail")).values_list("pk", "name", "params"):
        # As `fold_entry` does.
        folded = fold(f"{name}\n{params.get('path', '')}")
        activity.filter(pk=pk).update(upstream_detail="", folded=folded)
    for app, model in (("torrents", "Torrent"), ("torrents", "ControlRequest"), ("accounts", "TorBoxAccount")):
        apps.get_model(app, model).objects.filter(_ours("upstream_detail")).update(upstream_detail="")
    apps.get_model("accounts", "UpstreamCall").objects.filter(_ours("detail")).update(detail="")


def _ours(column: str) -> models.Q:
    return models.Q(**{f"{column}__in": OURS}) | models.Q(**{f"{column}__startswith": MALFORMED})


class Migration(migrations.Migration):
    dependencies = [("torrents", "0013_tags"), ("accounts", "0009_health_reason")]

    operations = [migrations.RunPython(empty_columns, migrations.RunPython.noop)]
