"""What autoscaling is asked to do: policies, their alarms, schedules."""
