"""The settings that a traffic needs: the latency is measured, autoscaling is simulated, and the cheapest settings are chosen."""
