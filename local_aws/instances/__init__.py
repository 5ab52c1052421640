"""EC2 instances; the commands that SSM sends to them really run."""
