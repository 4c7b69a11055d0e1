"""Cloud Storage on one machine."""
