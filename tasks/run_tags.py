"""The tags of deployments that automations and `reap` go by; a flow run has those of its deployment."""

OURS = "pedigree"
RESUMABLE = "pedigree-resumable"  # a run that may be begun again by itself: all it does is adopted the second time
