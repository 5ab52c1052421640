"""What is measured, and the results of it."""
