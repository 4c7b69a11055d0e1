"""The network, its training and its inference."""
