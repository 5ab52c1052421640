"""Taking away what runs made: found by its tags, shown with what it costs, deleted in the order of the table of kinds."""
