"""The whole cloud on one machine: the storage with signed URLs and events, both functions, and the page."""
