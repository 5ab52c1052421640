"""The candidate beside the live model: one evaluation job that asks both about the same test images."""
