"""Captions: the packs, which one fits, and the alternative text of the meme."""
