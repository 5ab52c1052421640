"""The one table of the kinds of resources: ensure, teardown, reap and the docs read it."""
