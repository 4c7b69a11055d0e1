"""Faces: where they are, their crops, their expressions, and whether they are occluded."""
