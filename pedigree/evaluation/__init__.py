"""Which model goes on: the evaluation job beside the champion, the selection between trainings, the gate."""
