"""Tools to build, deploy and run MemeGen."""
