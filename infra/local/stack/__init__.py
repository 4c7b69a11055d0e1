"""The processes of the local cloud."""
