"""Running an instance: health, metrics, logs, backups, and startup."""
