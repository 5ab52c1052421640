"""The deletion of the resources of runs: found by tags, shown with their cost, deleted in the order of the table of kinds."""
