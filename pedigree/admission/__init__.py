"""Admission of a run: what AWS or an owner would refuse later is asked before anything is created."""
