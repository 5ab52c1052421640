"""The model registry: one package group, one version a trained model, and the decision about each."""
