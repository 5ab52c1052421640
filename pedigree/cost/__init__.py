"""What a run costs: planned before it, watched while it trains, received afterwards."""
