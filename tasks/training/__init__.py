"""From a dataset to a trained model: the code channel, the job's request, waiting, its result."""
