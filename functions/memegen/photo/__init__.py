"""Photo bytes → an upright sRGB picture within limits, and a picture → bytes."""
