"""What programs send and get. Codes are those of the models, times are in UTC, sizes in bytes."""
