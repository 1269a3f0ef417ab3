"""Delete the partial files of jobs that someone canceled or undid."""
