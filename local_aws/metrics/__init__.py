"""CloudWatch: datapoints, their statistics, and alarms that are evaluated."""
