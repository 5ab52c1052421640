"""The record a run leaves: gathered stage by stage, written whatever happens."""
