"""The command `memegen`."""
