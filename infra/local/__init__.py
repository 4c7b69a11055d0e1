"""The whole cloud on one machine: storage, its signed URLs and events, both functions, and the page."""
