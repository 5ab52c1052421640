"""EC2 instances whose commands really run, told what to run by SSM."""
