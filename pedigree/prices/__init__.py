"""Prices and hardware of instance types."""
