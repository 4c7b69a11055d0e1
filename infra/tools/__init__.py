"""Tools for whoever builds, deploys and runs MemeGen."""
