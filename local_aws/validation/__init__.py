"""Refuses calls whose parameters AWS refuses: by botocore's input shapes, and by rules that the shapes do not say."""
