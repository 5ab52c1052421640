"""Deleting what runs made: found by its tags, shown with its cost, deleted in the order of the table of kinds."""
