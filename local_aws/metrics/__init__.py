"""CloudWatch: datapoints, statistics, and alarms that are really evaluated."""
