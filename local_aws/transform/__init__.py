"""SageMaker batch transform: a model server for the time of one job, every object of a prefix or manifest asked of it once."""
