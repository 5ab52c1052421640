"""The search for better settings: Optuna proposes, each trial is a training job, S3 remembers what was proposed."""
