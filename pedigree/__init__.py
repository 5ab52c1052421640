"""The library the tasks are made of: requests, calls and values of AWS, without Prefect."""
