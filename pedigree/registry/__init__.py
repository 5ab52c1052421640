"""The model registry: one package group an endpoint, one version a trained model, and the decision about each."""
