"""Hyperparameter tuning jobs: they choose hyperparameters, and start training jobs with them."""
