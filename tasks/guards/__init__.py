"""What keeps runs from getting in each other's way: one deployer per endpoint, no work for missed ticks, no endless resuming, and no
teardown beside a run.
"""
