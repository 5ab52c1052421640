"""Autoscaling of an endpoint variant or a function version: targets, policies with their alarms, and schedules."""
