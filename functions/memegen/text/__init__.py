"""Typesetting: fonts, shaping, line breaks and fitting."""
