"""The stages of a training run, one a module."""
