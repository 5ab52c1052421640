"""Latency curves of live endpoints: measuring them, and finding those that were measured before."""
