"""Data sets → balanced, augmented face crops."""
