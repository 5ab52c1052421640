"""SageMaker batch transform: a model server runs during one job and gets each object of a prefix or manifest once."""
