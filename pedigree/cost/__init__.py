"""The cost of a run: planned before the run, watched while it trains, and read from the bill afterwards."""
