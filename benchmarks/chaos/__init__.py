"""The proof that a run survives its own death and the faults of AWS: flows are killed at every call, and every write is made to fail.

    make chaos

`stand_in/` holds a package `model` without PyTorch, which takes the place of the real one in the jobs of these runs.
"""
