"""Deliveries from one service to another: alarms and buckets to topics, queues, rules and functions."""
