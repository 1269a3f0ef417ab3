"""Backups: one file with everything worth keeping, consistent, for SQLite and PostgreSQL.

The file is a zip. It has a member `app.Model.jsonl` for each table, with one row per line as Django serializes it, and
ends with `manifest.json`, which lists the migrations the rows fit and the number of rows of each table. No member is
ever held in memory as a whole.
"""

from .contents import BackupRefused
from .reading import Restored, restore
from .writing import Written, write_backup

__all__ = ["BackupRefused", "Restored", "Written", "restore", "write_backup"]
