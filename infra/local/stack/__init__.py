"""The processes of the local cloud, and how they start, stop and restart."""
