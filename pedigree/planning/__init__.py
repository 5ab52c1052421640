"""Which settings a traffic needs: latency measured at rising concurrency, autoscaling simulated, the cheapest that holds."""
