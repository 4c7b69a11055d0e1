"""The report of a run: one HTML page with plots and tables. page.py puts the sections together."""
