"""The model artifact: its golden images, and what can be checked before anything is started with it."""
