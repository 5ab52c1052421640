"""The flows that a person runs: task calls and decisions, in the order of the mission."""
