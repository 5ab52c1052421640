"""The report of a run: its stages as data, as a page and as figures."""
