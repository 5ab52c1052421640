"""Autoscaling of an endpoint variant or a function version: targets, policies, their alarms, schedules."""
