"""The stack of one laptop: embedded AWS, Prefect server and worker as detached processes, with all state in `.pedigree/`."""
