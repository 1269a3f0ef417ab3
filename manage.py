#!/usr/bin/env python
import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "torbox_web.settings")
    from django.conf import settings
    from django.core.management import execute_from_command_line

    _ = (
        settings.DATA_DIR
    )  # fail here on a wrong setting, before a command could catch the error and repeat it
    execute_from_command_line(sys.argv)
