"""Looking after an instance: health, metrics, logs, backups, starting."""
