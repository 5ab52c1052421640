"""The machinery that tests and benchmarks share: running servers, small models, records of runs."""
