"""Backups: everything worth keeping of one moment in one file, to be restored on SQLite or PostgreSQL.

The file is a zip: for each table `app.Model.jsonl`, a row a line as Django serialises it, and last `manifest.json`
with the migrations the rows fit and the number of each. Nothing of it is ever held in memory as a whole.
"""

from .reading import Restored, restore
from .tables import Refused
from .writing import Written, write_backup

__all__ = ["Refused", "Restored", "Written", "restore", "write_backup"]
