"""From a model package to a live endpoint that was asked and answered right."""
