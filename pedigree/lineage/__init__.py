"""The lineage of the live model: traced from AWS, drawn, and shown as a page."""
