"""The search for better settings: Optuna proposes them, each trial is a training job, and S3 keeps the proposals."""
