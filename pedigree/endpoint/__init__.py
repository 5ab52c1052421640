"""From a model package to a live endpoint that answered its golden images right: requests, rehearsal, rollout, rollback, champion."""
