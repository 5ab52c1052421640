"""The stack of one laptop: embedded AWS, Prefect server and worker as detached processes, all their state in `.pedigree/`."""
