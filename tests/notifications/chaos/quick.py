"""The settings of a chaos run: those of `tests.quick_settings`, with a service of the run's own for webhooks."""

import json
import os

from tests.quick_settings import *  # noqa: F403

NOTIFICATION_ORIGINS = json.loads(os.environ["HOOKS"])
