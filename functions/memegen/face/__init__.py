"""Faces: where they are, their crops, their expressions, and what hides them."""
