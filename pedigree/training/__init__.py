"""From a dataset to a trained model: the code channel, the training job's request, waiting, its result."""
